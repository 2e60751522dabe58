"""Snapshots of runs, whether trained here or followed in the folders of other processes' runs."""

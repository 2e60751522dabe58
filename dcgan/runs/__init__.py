"""One run as a folder on disk, its files, and the library of all runs.

May import the ground floor, locking and the rooms from data to latent.
"""

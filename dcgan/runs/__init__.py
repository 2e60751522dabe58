"""One run as a folder on disk, its files and its lock, and the library of all runs.

May import the ground floor and the rooms from data to latent.
"""

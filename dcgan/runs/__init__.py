"""One run as a folder on disk, its files, and the library of all runs.

May import the lowest rooms, locking and the rooms from data to latent.
"""

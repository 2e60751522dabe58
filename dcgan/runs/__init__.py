"""One run as a folder on disk, its files, and the library of all runs."""

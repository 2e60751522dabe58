"""The commands of `python -m dcgan`, one a file."""

"""The commands of `python -m dcgan`, one a file.

May import every room of the library.
"""

"""The command line, `python -m dcgan`.

May import every room.
"""

"""The command line, `python -m dcgan`."""

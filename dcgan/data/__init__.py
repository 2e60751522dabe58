"""Data sets and own pictures, as uint8 pixels of one shape."""

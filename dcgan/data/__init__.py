"""Data sets and own pictures, as uint8 pixels of one shape.

May import the lowest rooms, arrays and pictures.
"""

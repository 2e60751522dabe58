"""Image grids, PNGs with their recipe and animations: pixels in, bytes out.

May import the ground floor and data.
"""

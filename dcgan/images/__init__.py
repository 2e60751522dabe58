"""Image grids, PNGs with their recipe and animations: pixels in, bytes out."""

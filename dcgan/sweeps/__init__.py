"""Several runs, one after the other or at the same time: grids of settings, the queue, Ray.

May import every room but export, distributed and cli.
"""

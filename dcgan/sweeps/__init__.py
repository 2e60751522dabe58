"""Several runs in a row or side by side: grids of settings, tasks, the queue and Ray.

May import every room but export, distributed and cli.
"""

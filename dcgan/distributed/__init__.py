"""One run trained by several workers: the cluster, the channel between them and the workers.

May import every room but export, sweeps and cli.
"""

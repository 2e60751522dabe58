"""Exports of a run: archives, reports, tables, films, charts, pictures and models.

May import every room but sweeps, distributed and cli.
"""

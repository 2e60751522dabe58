"""What a run gives to other programs and people: archives, reports, tables, films, charts, models.

May import every room but sweeps, distributed and cli.
"""

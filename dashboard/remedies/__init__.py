"""The trials of remedies on the Train page: their offer, their cards and their progress.

May import dcgan, charts, shared, and what shared may import.
"""

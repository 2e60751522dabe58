"""The panels of the Train page that show a run and start one.

May import dcgan, remedies, welcome, quality, charts, shared, and what shared may import.
"""

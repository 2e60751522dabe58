"""The panels of the Compare page.

May import dcgan, charts, shared, and what shared may import.
"""

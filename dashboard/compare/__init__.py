"""The panels of the Compare page.

May import dcgan, charts, shared and the rooms below shared.
"""

"""The panels of the Compare page.

May import dcgan, shared and the rooms below shared.
"""

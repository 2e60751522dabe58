"""The panels of the Compare page.

May import dcgan, state, server, components and shared.
"""

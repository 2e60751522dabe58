"""The panels of the Explore page.

May import dcgan, state, server, components and shared.
"""

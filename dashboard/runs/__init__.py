"""The panels of the Runs page.

May import dcgan, state, server, components and shared.
"""

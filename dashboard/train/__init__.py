"""The panels of the Train page.

May import dcgan, state, server, components and shared.
"""

"""The panels of the Train page.

May import dcgan, shared and the rooms below shared.
"""

"""The panels of the Train page.

May import dcgan, charts, shared and the rooms below shared.
"""

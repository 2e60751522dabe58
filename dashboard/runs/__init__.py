"""The panels of the Runs page.

May import dcgan, shared and the rooms below shared.
"""

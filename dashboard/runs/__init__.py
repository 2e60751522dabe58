"""The panels of the Runs page.

May import dcgan, shared, and what shared may import.
"""

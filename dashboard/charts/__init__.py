"""The charts of a run on a page: losses, accuracy, quality and their options.

May import dcgan, shared, and what shared may import.
"""

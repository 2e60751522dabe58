"""The charts of a run on a page, and of several runs that are compared.

May import dcgan, shared, and what shared may import.
"""

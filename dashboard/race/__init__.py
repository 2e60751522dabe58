"""The race of Compare: which of some variants comes nearer to real images in equal training time.

May import dcgan, charts, shared, and what shared may import.
"""

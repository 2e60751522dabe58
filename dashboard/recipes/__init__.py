"""The view of the Explore page as data: recipes in PNG files and links, planes and pins.

May import dcgan, shared, and what shared may import.
"""

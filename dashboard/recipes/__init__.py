"""The view of the Explore page as data: recipes in PNG files and in links, read and restored.

May import dcgan, shared and the rooms below shared.
"""

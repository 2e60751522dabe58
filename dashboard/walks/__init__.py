"""The panels of the Explore page that need several z: walks, mixes, and walks over time.

May import dcgan, shared, the rooms below shared, and recipes.
"""

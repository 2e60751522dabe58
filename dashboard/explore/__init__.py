"""The panels of the Explore page but those of walks.

May import dcgan, shared, the rooms below shared, and recipes.
"""

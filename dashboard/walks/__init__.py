"""The panels of the Explore page for several z, and the replay of the training.

May import dcgan, recipes, shared, and what shared may import.
"""

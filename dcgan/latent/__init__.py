"""The latent space: sampling, walks, directions, surveys, inversion and activations.

May import the lowest rooms, data, images, networks, model and evaluation.
"""

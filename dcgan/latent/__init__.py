"""The latent space: sampling, walks, directions, surveys, inversion and activations.

May import the ground floor, data, images, model and evaluation.
"""

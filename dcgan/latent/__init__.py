"""The latent space: sampling, walks, directions, surveys, inversion and activations."""

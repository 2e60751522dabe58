"""The panels of the Explore page for several z, and the replay of the training."""

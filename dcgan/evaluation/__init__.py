"""Metrics of generated images, and their explanations."""

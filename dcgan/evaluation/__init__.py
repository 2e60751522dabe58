"""Metrics of generated images, their explanations, and the digit classifier."""

"""Metrics of generated images, their explanations, and the digit classifier that they use.

May import the ground floor, data, images and model.
"""

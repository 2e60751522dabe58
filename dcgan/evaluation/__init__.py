"""Metrics of generated images, their explanations, and the digit classifier.

May import the lowest rooms, data, images, networks and model.
"""

"""Metrics of generated images, their explanations, the digit classifier, and the ranking of runs.

May import the ground floor, data, images and model.
"""

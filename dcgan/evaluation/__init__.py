"""Metrics of generated images, their explanations, the digit classifier, and the ranking of runs.

May import the lowest rooms, data, images, networks and model.
"""

"""Metrics of generated images, what each means, and the digit classifier whose features they use.

May import the ground floor, data, images and model.
"""

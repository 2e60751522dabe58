"""The parts of one training step: images, random numbers, losses, penalties, Adam, EMA, metrics.

May import the ground floor and data.
"""

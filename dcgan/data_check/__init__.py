"""A check of the user's pictures before training: facts, near-duplicates, outliers and advice.

May import the lowest rooms, pictures, arrays, data and images.
"""

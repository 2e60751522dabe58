"""A check of own pictures before training: what they are, what stands out, and advice.

May import the ground floor, pictures, arrays, data and images.
"""

"""Data sets and own pictures, decoded from untrusted files, as uint8 pixels of one shape.

Imports the ground floor only.
"""

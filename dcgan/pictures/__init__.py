"""Pictures of files that nobody has checked: kinds of files, members, limits, decoding and labels.

Imports the ground floor only.
"""

"""Files on disk: written whole or not at all, named safely, and ZIP files opened within limits.

Imports only the modules directly in dcgan, and belongs to the ground floor with them.
"""

"""Files on disk: written whole or not at all, named safely, and ZIP files opened within limits.

Imports only the modules directly in dcgan, and is a lowest room with them.
"""

"""The settings of a run: definitions, checks, presets, and settings as text.

Imports only the modules directly in dcgan, and is a lowest room with them.
"""

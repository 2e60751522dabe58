"""The settings of a run: what each is, their check as a whole, the presets, and settings as text.

Imports only the modules directly in dcgan, and belongs to the ground floor with them.
"""

"""The settings of a run: definitions, checks, presets, and settings as text."""

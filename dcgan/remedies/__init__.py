"""Trials of a verdict's remedies: short trainings from one checkpoint, measured and compared."""

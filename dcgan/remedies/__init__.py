"""Trials of a verdict's remedies: short trainings from one checkpoint, measured and compared.

May import the lowest rooms and the rooms from data to recording, diagnosis and comparison.
"""

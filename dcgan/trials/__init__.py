"""Trials of a verdict's remedies: each trains for a while from one checkpoint, and is measured.

May import the ground floor and the rooms from data to recording and diagnosis.
"""

"""Tuning: better settings for a data set, found by short trainings in a given time.

May import the lowest rooms and the rooms from data to recording, diagnosis and comparison.
"""

"""Tuning: better settings for a data set, found by short trainings in a given time."""

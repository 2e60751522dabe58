"""The verdict on a run: its recent reports, thresholds, the diagnosis and the suggested actions.

May import the lowest rooms and the rooms from data to training and runs.
"""

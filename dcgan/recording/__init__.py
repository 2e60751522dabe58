"""Training that is written to a run folder, resumed and rolled back, with its progress shown.

May import the ground floor and the rooms from data to training and runs.
"""

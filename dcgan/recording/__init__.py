"""Training recorded in a run's folder: start, resume, rollback, evaluations and progress.

May import the lowest rooms, the rooms from data to training and runs, and diagnosis.
"""

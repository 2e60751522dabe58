"""Fair comparison of runs: equal training time, the measurement at its end, ranking beyond chance.

May import the lowest rooms and the rooms from data to recording.
"""

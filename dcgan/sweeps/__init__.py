"""Several runs, one after the other or at the same time: grids, races, the queue, Ray.

May import the lowest rooms and the rooms from data to recording, diagnosis and comparison.
"""

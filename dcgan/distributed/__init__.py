"""One run trained by several workers: the cluster, the channel between them and the workers.

May import the ground floor and the rooms from data to recording and diagnosis.
"""

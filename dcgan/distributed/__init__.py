"""One run trained by several workers: their addresses, messages, networks and work.

May import the lowest rooms and the rooms from data to recording and diagnosis.
"""

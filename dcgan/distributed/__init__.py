"""One run trained by several workers: their addresses, messages, networks and work.

May import the ground floor and the rooms from data to recording and diagnosis.
"""

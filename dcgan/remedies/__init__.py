"""The remedies of a verdict: each is tried in a short training from one checkpoint, and measured.

May import the ground floor and the rooms from data to recording and diagnosis.
"""

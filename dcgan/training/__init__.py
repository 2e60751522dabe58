"""The training loop: an iterator of reports.

May import the ground floor and the rooms from data to latent, but not evaluation.
"""

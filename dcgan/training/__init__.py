"""The training loop: an iterator of reports.

May import the lowest rooms and the rooms from data to latent, but not evaluation.
"""

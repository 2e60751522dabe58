"""A run as documents: the HTML report, the page of its generator, and its model card with files.

May import the lowest rooms, the rooms from data to recording, charts, diagnosis and export.
"""

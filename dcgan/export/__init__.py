"""Exports of a run: archives, HTML reports, tables, films, charts, pictures and models.

May import the ground floor, the rooms from data to recording, charts and diagnosis.
"""

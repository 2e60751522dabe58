"""Exports of a run: archives, HTML reports, tables, films, charts, pictures and models.

May import the ground floor and the rooms from data to recording and diagnosis.
"""

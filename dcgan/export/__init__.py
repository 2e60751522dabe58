"""Files of a run to take home: archives, slim copies, tables, films, pictures and models.

May import the ground floor and the rooms from data to recording.
"""

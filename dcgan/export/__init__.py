"""Files of a run to take home: archives, slim copies, tables, films, pictures and models.

May import the lowest rooms and the rooms from data to recording.
"""

"""The Train page before a run: the welcome, the data and the quiz.

May import dcgan, charts, shared, and what shared may import.
"""

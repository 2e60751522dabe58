"""The quality of a run's pictures on the Train page: its numbers, and measurements on request.

May import dcgan, charts, shared, and what shared may import.
"""

"""State of a server process that all its tabs share: the trainer, snapshots, the queue, other runs.

Imports dcgan only, and no Streamlit.
"""

"""What a server process holds for all its tabs: the trainer, snapshots, the queue, other runs.

Imports dcgan only, and no Streamlit.
"""

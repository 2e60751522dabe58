"""State of a server process that all its tabs share: the trainer, snapshots, the queue, other runs.

May import dcgan and process; imports no Streamlit.
"""

"""Runners: each starts one run after the other, of the queue, of a study's trials or of a tuning.

May import dcgan, process and snapshots; imports no Streamlit.
"""

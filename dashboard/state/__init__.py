"""The trainer that all tabs of a server process share: its thread, networks, queue and trials.

May import dcgan, process and snapshots; imports no Streamlit.
"""

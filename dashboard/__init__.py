"""The dashboard: a Streamlit server that trains in a background thread and shows the run.

The modules here start the server and frame its pages; every other room is a sub-package.
"""

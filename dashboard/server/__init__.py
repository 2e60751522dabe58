"""The HTTP server around the pages: middleware, downloads, health, metrics, Streamlit's internals.

May import dcgan, process, snapshots and state.
"""

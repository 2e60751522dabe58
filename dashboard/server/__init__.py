"""The HTTP server around the pages: middleware, downloads, health, and Streamlit's internals."""

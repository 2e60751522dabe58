"""The surroundings of the trainer: TensorFlow, limits, visitors' folders, uploads and caches.

Imports dcgan only, and no Streamlit.
"""

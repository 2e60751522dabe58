"""The five pages, each a thin script that places panels.

The folder is not called `pages`, because Streamlit would treat it as its older kind of multipage
app and draw its own navigation at the first visit.
"""

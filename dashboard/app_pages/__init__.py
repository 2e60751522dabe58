"""The five pages, each a thin script that places panels.

May import every room of `dcgan` but `cli`, and every room of `dashboard`. The folder is not called
`pages`, because Streamlit would treat it as its older kind of multipage app and draw its own
navigation at the first visit.
"""

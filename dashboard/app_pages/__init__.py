"""The five pages, each a thin script that places panels.

May import every room of `dcgan` but `cli`, and every room of `dashboard`. The folder is not called
`pages`: Streamlit would take it for its older kind of multipage app and draw a navigation of its
own at the first visit.
"""

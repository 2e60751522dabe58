"""The view that Explore's tools and walks share: its data, and the widgets that change it.

The data are recipes in PNG files and links, pins and planes; the widgets choose axes and classes,
and show the pad.
"""

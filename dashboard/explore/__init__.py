"""The panels of the Explore page that every tool needs: source, z, sliders, grid and pins.

May import dcgan, shared, the rooms below shared, recipes and explore_tools.
"""

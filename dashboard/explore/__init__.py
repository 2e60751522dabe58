"""The panels of the Explore page that every tool needs: source, z, sliders, grid and pins.

May import dcgan, recipes, explore_tools, shared, and what shared may import.
"""

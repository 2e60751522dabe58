"""The panels of the Explore page that every tool needs: source, z, sliders, grid and pins."""

"""Generators that draw for pages: of a training, of a checkpoint, and what was measured of them."""

"""Recipes that the tests of Explore share, and the form of a vector in an address."""

from __future__ import annotations

import base64

import numpy as np

from dashboard.recipes.recipes import GridRecipe, SheetRecipe

DIGITS = tuple("0123456789")
CREATED = "2026-01-01T00:00:00+00:00"
GRID = GridRecipe(run="first", created=CREATED, step=10, seed=3, z=(0.1, -2.5, 0, 1))
SHEET = SheetRecipe(kind="samples", run="first", created=CREATED, step=10, seed=3, count=64)


def pack(*values: float) -> str:
    return base64.urlsafe_b64encode(np.array(values, "<f4").tobytes()).decode().rstrip("=")

"""Random pictures and a recipe, for the tests of image files."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

RECIPE = {"run": "Größe 数字 ✓", "step": 1200, "z": [0.1, -2.5], "psi": 0.7, "config": {"seed": 7}}


def draw_noise(num: int = 3, *channels: int, size: tuple[int, int] = (28, 28)) -> np.ndarray:
    """Draw random pictures, always the same, uint8 (num, *size, *channels)."""
    shape = (num, *size, *channels)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def open_picture(file: bytes) -> Image.Image:
    """Open the bytes of a picture file."""
    return Image.open(io.BytesIO(file))

"""The grid of pictures beside the chart of an experiment."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from dashboard.experiments import experiment_view


def test_lines_separate_the_pictures_of_a_grid() -> None:
    black = np.zeros((100, 28, 28, 1), np.uint8)
    png, (width, height) = experiment_view.encode_grid(black.tobytes(), black.shape)
    with Image.open(BytesIO(png)) as picture:
        pixels = np.asarray(picture.convert("L"))
    assert (height, width) == pixels.shape == (5 * 29 - 1, 6 * 29 - 1)
    assert pixels[28].min() > 0
    assert pixels[:, 28].min() > 0
    assert pixels[29, 29] == 0

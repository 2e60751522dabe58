"""The grid of pictures beside the chart of an experiment."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
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


@pytest.mark.parametrize(
    ("expected_last_step", "text"),
    [
        (1272, "Step 549 of 1,272, about 1 min left"),
        # The time limit ends it, and the bar shows the share of the time.
        (780, "Step 549, about 1 min left"),
    ],
)
def test_planned_steps_are_named_only_if_the_run_will_make_them(
    expected_last_step: int, text: str
) -> None:
    state = {"step": 549, "planned_steps": 1272, "last": object(), "seconds_left": 60.0}
    state |= {"is_active": True, "is_paused": False, "expected_last_step": expected_last_step}
    snapshot: Any = SimpleNamespace(**state)
    assert experiment_view.describe_progress(snapshot).replace("\xa0", " ") == text

"""Two sample grids side by side, and their difference."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.compare.comparison_table import list_differing_settings
from dashboard.components.picture import render_picture
from dashboard.components.plain_text import escape_markdown
from dashboard.shared import run_labels
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.runs.run_folder import Run

_ROWS, _COLUMNS = 6, 5  # Digits of each grid.
_SCALE = 3
# They decide when a run ends or is measured, not what it learns.
_OF_LENGTH = {"epochs", "max_seconds", "evaluate_every"}
# Samples are taken by the clock, so two runs rarely have the same steps.
_MAX_APART = 0.1  # As a share of the later step.


def _ask_for_moment(label: str, runs: dict[str, Run], key: str, at_first: int) -> tuple[Run, int]:
    """Render the choice of a run and of one of its sample grids."""
    name = st.selectbox(
        label,
        list(runs),
        index=min(at_first, len(runs) - 1),
        key=f"{key}_run",
        format_func=run_labels.label_runs(runs.values()).__getitem__,
    )
    run = runs[name]
    steps = run.samples.list_steps()
    if not steps:
        raise RunError(f"{run.read_label().title} has no pictures any more.")
    step = st.select_slider(
        "Step",
        steps,
        steps[-1] if at_first or len(runs) > 1 else steps[0],
        key=f"{key}_step_{name}",
        format_func=lambda step: f"{step:,}",
    )
    return run, step


@st.fragment
def render(runs: dict[str, Run]) -> None:
    """Render the choice of two sample grids, the grids and their difference."""
    with st.container(key="pair"):
        left, right, third = st.columns(3, gap="medium", vertical_alignment="bottom")
    shown: list[Run] = []
    pixels, titles, steps = [], [], []
    for place, label, key, at_first in (
        (left, "Left", "pair_left", 0),
        (right, "Right", "pair_right", 1),
    ):
        with place:
            try:
                run, step = _ask_for_moment(label, runs, key, at_first)
                digits = run.samples.read(step)
            except RunError as error:
                st.error(escape_markdown(str(error)), icon=":material/error:")
                continue
            pixels.append(digits[: _ROWS * _COLUMNS])
            titles.append(f"{run.read_label().title}, step {step}")
            shown.append(run)
            steps.append(step)
            _render_picture(tile(pixels[-1], _ROWS, _COLUMNS), titles[-1], key)
    if len(pixels) < 2:
        return
    if pixels[0].shape[1:] != pixels[1].shape[1:]:
        st.caption("No difference is shown: the digits of these runs differ in size or colour.")
        return
    if reason := explain_no_difference(shown[0], shown[1], (steps[0], steps[1])):
        with third:
            st.caption(reason)
        return
    num = min(map(len, pixels))
    before, after = (tile(it[:num], _ROWS, _COLUMNS).astype(int) for it in pixels)
    picture = (128 + (after - before) // 2).clip(0, 255).astype(np.uint8)
    difference = pixels[1][:num].astype(int) - pixels[0][:num]  # Without the gaps of the grids.
    with third:
        st.markdown("Difference")
        _render_picture(picture, f"From {titles[0]} to {titles[1]}", "pair_difference")
    st.caption(
        "Grey: same. Lighter: right is brighter. Darker: left is brighter. They differ by "
        f"{np.sqrt((difference**2).mean()) / 255:.1%} (root mean square; black and white differ by "
        "100%). Digits at the same place have the same z."
    )


def explain_no_difference(left: Run, right: Run, steps: tuple[int, int]) -> str:
    """Return why the difference of two pictures says nothing, and what to choose instead.

    Returns:
        One or two sentences; "" if digits at the same place belong together.
    """
    families = [{run.name, run.parent} - {None} for run in (left, right)]
    differing = set(list_differing_settings([left, right])) - _OF_LENGTH
    if families[0].isdisjoint(families[1]) and differing:
        return (
            "No difference is shown: two runs with different settings draw unrelated digits from "
            "the same z. To see one, choose the same run on both sides and two of its steps, or a "
            "run and its branch."
        )
    apart = max(steps) - min(steps)
    if left.name != right.name and apart > _MAX_APART * max(steps):
        return (
            "No difference is shown: it would mix what differs between the runs with what further "
            "training changed. Choose steps near each other."
        )
    return ""


def _render_picture(picture: np.ndarray, alt: str, key: str) -> None:
    """Render a grid of digits."""
    render_picture(
        encode_png(picture),
        size=(picture.shape[1], picture.shape[0]),
        scale=_SCALE,
        alt=alt,
        key=f"{key}-picture",
    )

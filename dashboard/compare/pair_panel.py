"""Two sample grids side by side, and their difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import contains

import numpy as np
import streamlit as st

from dashboard.charts.overlay_chart import choose_color
from dashboard.compare.pair_steps import (
    are_far_apart,
    are_related,
    find_last_common_step,
    find_nearest,
    list_common_steps,
)
from dashboard.components.picture import render_pixels
from dashboard.components.plain_text import escape_markdown
from dashboard.state.trainer import Trainer
from dashboard.tab import compare_address
from dashboard.tab.compare_address import SIDE_RUNS, SIDES_OF_PAGE, STEP, take_linked_choice
from dashboard.tab.following import PICTURE_SECONDS, follow
from dcgan.errors import RunError
from dcgan.images.grids import choose_grid_shape, tile
from dcgan.runs.run_folder import Run

# Pictures of each grid. A third of the page has no room for a column for each class.
_ROWS, _COLUMNS = choose_grid_shape(25)
_SCALE = 3
_LABELS = ("Left", "Right")
# Keys of the session.
_IS_LINKED = "pair_is_linked"  # Whether one slider moves both runs.
_STEPS_OF_PAGE = "pair_steps_of_page"  # The steps that the page chose, by the key of their slider.


@dataclass(frozen=True)
class _Moment:
    """A run, one of its steps, and its pictures there, shape (num, height, width, channels)."""

    run: Run
    title: str
    step: int
    pixels: np.ndarray

    def __str__(self) -> str:
        """Return the run and the step, for the alternative text."""
        return f"{self.title}, step {self.step}"


@st.fragment
def render(
    trainer: Trainer,
    runs: Mapping[str, Run],
    titles: Mapping[str, str],
    first_sides: tuple[str, str],
    colors: Mapping[str, int],
) -> None:
    """Render the choice of two sample grids, the grids and their difference.

    It also writes the page's address, which names both runs.

    Args:
        trainer: The trainer, whose run gets new pictures while it trains.
        runs: The runs by name, at least one, all with pictures.
        titles: Their titles by name, plain.
        first_sides: Names of the runs to show unless a person chooses others.
        colors: Index of the colour of each run, by name.
    """
    _choose_runs(runs, first_sides)
    # Without a difference, the grids take its place too.
    has_difference = are_related(*(runs[st.session_state[key]] for key in SIDE_RUNS))
    num_columns = 3 if has_difference else 2
    with st.container(key="pair"):
        choices = st.columns(num_columns, gap="medium")
        slider_place = st.container(key="pair-steps", gap="xsmall")
        pictures = st.columns(num_columns, gap="medium")
    chosen = []
    for index, label in enumerate(_LABELS):
        with choices[index]:
            chosen.append(_ask_for_run(label, SIDE_RUNS[index], runs, titles))
    if any(map(trainer.snapshot().trains, chosen)):
        follow(trainer, key="news-pair", seconds=PICTURE_SECONDS)
    steps = [run.samples.list_steps() for run in chosen]
    for run, steps_of_run in zip(chosen, steps, strict=True):
        if not steps_of_run:
            title = escape_markdown(titles[run.name])
            st.error(f"{title} has no pictures any more.", icon=":material/error:")
            return
    with slider_place:
        chosen_steps = _ask_for_steps(chosen, steps, num_columns)
    compare_address.write(shows_race=False)  # Again, as the whole page does not render now.
    moments = []
    for index, (label, run) in enumerate(zip(_LABELS, chosen, strict=True)):
        step = chosen_steps[index]
        try:
            pixels = run.samples.read(step)[: _ROWS * _COLUMNS]
        except RunError as error:
            pictures[index].error(escape_markdown(str(error)), icon=":material/error:")
            continue
        moment = _Moment(run, titles[run.name], step, pixels)
        with pictures[index]:
            title = f"**{escape_markdown(moment.title)}**"
            _render_head(label, title, f"step {step:,}", colors[run.name])
            _render_picture(tile(pixels, _ROWS, _COLUMNS), str(moment), f"pair_{label}")
        moments.append(moment)
    if len(moments) < len(_LABELS):
        return
    left, right = moments
    if left.pixels.shape[1:] != right.pixels.shape[1:] or not has_difference:
        return
    if are_far_apart(left.run, right.run, (left.step, right.step)):
        pictures[-1].caption("For a picture of the differences, choose steps near each other.")
        return
    with pictures[-1]:
        st.markdown("**Difference** :small[from left to right]")
        _render_difference(left, right)


def _render_head(label: str, title: str, text: str, color: int) -> None:
    """Render the title of a run and its step, below a stripe in the colour of its line."""
    key = f"pair-head-{label}"
    st.html(f"<style>.st-key-{key} {{ border-top: 4px solid {choose_color(color)}; }}</style>")
    with st.container(key=key):
        st.markdown(f"{title} :small[{text}]")


def _choose_runs(runs: Mapping[str, Run], first_sides: tuple[str, str]) -> None:
    """Choose both runs, the first ones unless a person chose others.

    Of a person's choice, replace only a run that is gone.
    """
    selected = [st.session_state.get(key, "") for key in SIDE_RUNS]
    if selected == st.session_state.get(SIDES_OF_PAGE, selected):
        chosen = first_sides
        st.session_state[SIDES_OF_PAGE] = list(first_sides)
    else:
        chosen = _replace_missing_runs(selected[0], selected[1], runs, first_sides)
    st.session_state.update(zip(SIDE_RUNS, chosen, strict=True))


def _replace_missing_runs(
    left: str, right: str, runs: Mapping[str, Run], first_sides: tuple[str, str]
) -> tuple[str, str]:
    """Return the names of both sides, with another run for one that is gone.

    It is a run of neither side unless there is no other.
    """
    others = [name for name in (*first_sides, *runs) if name not in (left, right)]
    if left not in runs:
        left = next(iter(others), right if right in runs else first_sides[0])
        others = [name for name in others if name != left]
    if right not in runs:
        right = next(iter(others), left)
    return left, right


def _ask_for_run(label: str, key: str, runs: Mapping[str, Run], titles: Mapping[str, str]) -> Run:
    name = st.selectbox(
        label, list(runs), key=key, persist_state="session", format_func=titles.__getitem__
    )
    return runs[name]


def _ask_for_steps(
    chosen: Sequence[Run], steps: Sequence[Sequence[int]], num_columns: int
) -> tuple[int, int]:
    """Render one slider that moves both runs, or one above each; return the step of each run.

    Args:
        chosen: The runs of both sides; a step is remembered for each pair of runs.
        steps: Steps of each run's grids, ascending.
        num_columns: How many pictures are beside each other below the sliders.
    """
    left, right = steps
    pair = " ".join(run.name for run in chosen)
    linked_key = f"pair_step_{pair}"
    keys = f"pair_left_step_{pair}", f"pair_right_step_{pair}"
    is_same = chosen[0] is chosen[1]
    common = [] if is_same else list_common_steps(left, right)
    st.session_state.setdefault(_IS_LINKED, True)
    # The steps of the longer run name the pairs.
    side = 0 if left[-1] >= right[-1] else 1
    by_step = {step_pair[side]: step_pair for step_pair in common}
    _use_linked_steps(steps, side, by_step, linked_key, keys, is_same=is_same)
    if common:
        st.toggle(
            "Same step, or the nearest",
            key=_IS_LINKED,
            persist_state="session",
            width="content",
            help="One slider moves both runs to steps at which both have pictures. The two steps "
            "may differ by up to a tenth, because grids are saved every few seconds.",
        )
    elif not is_same:
        st.caption("These runs have no pictures of about the same step, so choose a step for each.")
    # The switch between one slider and two leaves the pictures as they are: Streamlit keeps the
    # step of the slider that is gone until the end of this rerun.
    if common and st.session_state[_IS_LINKED]:
        shown_step = st.session_state.get(keys[side])
        shown = None if shown_step is None else find_nearest([*by_step], shown_step)
        step = _ask_for_step("Step", [*by_step], common[-1][side], linked_key, shown)
        _keep_steps([step], [common[-1][side]])
        return by_step[step]
    # Of one run, its beginning and its end.
    first_steps = (left[0], right[-1]) if is_same else find_last_common_step(left, right)
    shown_steps = by_step.get(st.session_state.get(linked_key, -1), (None, None))
    columns = st.columns(num_columns, gap="medium")
    step_pair = []
    for column, label, steps_of_run, first, key, shown in zip(
        columns, _LABELS, steps, first_steps, keys, shown_steps, strict=False
    ):
        with column:
            step_pair.append(_ask_for_step(f"{label} step", steps_of_run, first, key, shown))
    _keep_steps(step_pair, first_steps if is_same or not common else ())
    return step_pair[0], step_pair[1]


def _use_linked_steps(
    steps: Sequence[Sequence[int]],
    side: int,
    by_step: Mapping[int, tuple[int, int]],
    linked_key: str,
    keys: tuple[str, str],
    *,
    is_same: bool,
) -> None:
    """Choose the steps of the page's address: one for both runs, or one for each.

    Those that the runs do not have are ignored. A link of an earlier version may name a step of the
    longer run for which the other has no picture near it: each run then has a step of its own.
    """
    values = take_linked_choice(STEP)
    numbers = [int(value) for value in values if value.isascii() and value.isdigit()]
    if not values or len(numbers) < len(values):
        return
    if len(numbers) == 1 and not is_same and numbers[0] in steps[side]:
        st.session_state[_IS_LINKED] = numbers[0] in by_step
        st.session_state[linked_key] = numbers[0]
        if numbers[0] not in by_step:
            nearest = (find_nearest(steps_of_run, numbers[0]) for steps_of_run in steps)
            st.session_state.update(zip(keys, nearest, strict=True))
    elif len(numbers) == 2 and all(map(contains, steps, numbers)):
        st.session_state[_IS_LINKED] = is_same
        st.session_state.update(zip(keys, numbers, strict=True))


def _keep_steps(chosen: Sequence[int], default: Sequence[int]) -> None:
    """Keep the steps for the page's address unless the page has chosen them."""
    is_default = list(chosen) == list(default)
    compare_address.keep_choice(STEP, [] if is_default else [str(step) for step in chosen])


def _ask_for_step(
    label: str, steps: Sequence[int], first_step: int, key: str, shown_step: int | None
) -> int:
    """Render a slider; without a person's choice it follows the step that the page chooses.

    Args:
        label: Label of the slider.
        steps: Its steps, ascending.
        first_step: The step that the page chooses.
        key: Streamlit's key.
        shown_step: The step that another slider has shown until now; None without one.
    """
    if len(steps) == 1:  # A slider needs two values.
        return steps[0]
    of_page: dict[str, int] = st.session_state.setdefault(_STEPS_OF_PAGE, {})
    step = st.session_state.get(key)
    if step not in steps:
        step = first_step if shown_step is None else shown_step
    elif step == of_page.get(key):
        step = first_step
    of_page[key] = first_step
    st.session_state[key] = step
    return st.select_slider(
        label, steps, key=key, persist_state="session", format_func=lambda step: f"{step:,}"
    )


def _render_difference(left: _Moment, right: _Moment) -> None:
    num = min(len(left.pixels), len(right.pixels))
    before, after = (
        tile(moment.pixels[:num], _ROWS, _COLUMNS).astype(int) for moment in (left, right)
    )
    picture = (128 + (after - before) // 2).clip(0, 255).astype(np.uint8)
    _render_picture(picture, f"From {left} to {right}", "pair_difference")
    # Without the gaps of the grids.
    difference = right.pixels[:num].astype(int) - left.pixels[:num]
    st.caption(
        "Grey: same. Lighter: right is brighter. Darker: left is brighter. "
        f"{describe_difference(difference)}"
    )


def describe_difference(difference: np.ndarray) -> str:
    """Describe the mean difference of pixels, integers in [-255, 255], in a sentence."""
    share = np.abs(difference).mean() / 255
    return f"On average the pixels differ by {share:.1%}; black and white differ by 100%."


def _render_picture(picture: np.ndarray, alt: str, key: str) -> None:
    """Render a grid of pictures."""
    render_pixels(
        picture,
        scale=_SCALE,
        alt=alt,
        key=f"{key}-picture",
        fill=True,
    )

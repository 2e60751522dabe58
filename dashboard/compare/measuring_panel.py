"""The button that measures the compared runs with 10,000 digits, and its progress."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from dashboard.access import permissions
from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.measurements import (
    MissingMeasurements,
    describe_other_measurements,
    find_missing_measurements,
)
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import TEXT_WIDTH, escape_markdown, keep_together
from dashboard.process.run_measurements import get_run_measurements
from dashboard.run_facts.raced_runs import RacedRun
from dashboard.wording.messages import render_run_error
from dcgan.comparison.kept_measurement import count_measured_images
from dcgan.config.named_datasets import get_picture_noun
from dcgan.durations import describe_roughly
from dcgan.runs.run_folder import Run
from dcgan.wording import join_with_and, quote_title

# Up to so many seconds for 10,000 digits of one run, and for the real ones, on two busy cores.
_SECONDS_PER_RUN, _SECONDS_FOR_REAL = 30.0, 60.0
SLOWS_TRAINING = "A run trains now, and measuring slows it down."


def is_measuring(compared: Sequence[ComparedRun]) -> bool:
    """Return whether one of some runs is measured or waits for it."""
    runs = [each.run for each in compared]
    return get_run_measurements().get_progress(runs) is not None


def render_state(compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]) -> None:
    """Render the progress of measurements, their problems, and the measurements that exist.

    Args:
        compared: The runs.
        raced: The runs of races by name.
    """
    missing = find_missing_measurements(compared, raced)
    texts = [describe_other_measurements(compared, raced)]
    if permissions.may_operate():
        titles = {each.run.path: each.title for each in compared}
        runs = [each.run for each in compared]
        if (progress := get_run_measurements().get_progress(runs)) is not None:
            _render_progress(runs, titles, progress.num_done)
        for run in () if progress else missing.runs:
            if problem := get_run_measurements().get_problem(run):
                render_run_error(f"{quote_title(titles[run.path])}: {problem}", run.config)
        if missing.titles_in_training:
            texts.append(_describe_training(missing))
    if text := " ".join(filter(None, texts)):
        st.caption(escape_markdown(text), width=TEXT_WIDTH)


def _describe_training(missing: MissingMeasurements) -> str:
    names = join_with_and([quote_title(title) for title in missing.titles_in_training])
    end = "it no longer trains" if len(missing.titles_in_training) == 1 else "they no longer train"
    return f"{names} can be measured with {missing.num_images:,} {missing.noun}s when {end}."


def render_button(missing: MissingMeasurements, cost: str, *, is_primary: bool) -> None:
    """Render the button that measures runs.

    Args:
        missing: The measurements that are missing, of at least one run.
        cost: From `describe_cost`.
        is_primary: Whether it is the next step.
    """
    st.button(
        f"Measure with {missing.num_images:,} {missing.noun}s",
        icon=":material/straighten:",
        type="primary" if is_primary else "tertiary",
        key="measure-compared",
        help=f"Each run without this measurement draws {missing.num_images:,} {missing.noun}s with "
        "its newest weights. They are compared with as many real ones, and the result is "
        f"saved with the run. {cost}",
        on_click=_start,
        args=(missing.runs,),
    )


def describe_cost(missing: MissingMeasurements, *, is_training: bool) -> str:
    """Return sentences on how long the measurements take, and on what they slow down.

    Args:
        missing: The measurements that are missing.
        is_training: Whether a run trains now.
    """
    seconds = get_run_measurements().seconds_per_run
    if seconds is None:
        minutes = math.ceil((_SECONDS_FOR_REAL + _SECONDS_PER_RUN * len(missing.runs)) / 60)
        duration = "up to a minute" if minutes == 1 else f"up to {minutes} minutes"
    else:  # The real ones take about as long as one run.
        duration = describe_roughly(seconds * (1 + len(missing.runs)))
    return f"Takes {duration}. {SLOWS_TRAINING if is_training else ''}".rstrip()


@permissions.operators_only
def _start(runs: Sequence[Run]) -> None:
    get_run_measurements().start(runs)
    request_focus("compare-next")  # The button goes away.


@st.fragment(run_every=0.5)
def _render_progress(runs: Sequence[Run], titles: Mapping[Path, str], num_done: int) -> None:
    """Render the progress, and the whole page again when another run is measured.

    Args:
        runs: The compared runs.
        titles: Their titles by path.
        num_done: How many runs were measured when the page was rendered.
    """
    progress = get_run_measurements().get_progress(runs)
    if progress is None or progress.num_done != num_done:
        st.rerun()
    run = progress.run  # Another tab may have asked for it.
    title = titles.get(run.path) or run.read_label().title
    number = f"run {progress.num_done + 1} of {progress.num_total}"
    count = f"{count_measured_images(run):,} {get_picture_noun(run.config.dataset)}s"
    text = f"Measuring {quote_title(title)} with {count}: {number}"
    if progress.is_preparing:
        text = f"Preparing: measuring as many real {get_picture_noun(run.config.dataset)}s; then "
        text += f"{quote_title(title)} with {count}, {number}"
    elif progress.seconds_left is not None:
        text += f", {keep_together(describe_roughly(progress.seconds_left))} left"
    if progress.is_cancelled:
        text = f"Cancelled; the measurement of {quote_title(title)} ends"
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare-measuring"):
        st.progress(
            progress.share,
            text=escape_markdown(text),
            width=TEXT_WIDTH,
        )
        st.button(
            "Cancel",
            key="cancel-measuring",
            disabled=progress.is_cancelled,
            help="Stops all measurements, in other tabs too. Finished results are kept.",
            on_click=_cancel,
        )


@permissions.operators_only
def _cancel() -> None:
    get_run_measurements().cancel()
    request_focus("compare-next")  # The button goes away.

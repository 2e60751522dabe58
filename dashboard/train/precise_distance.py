"""The distance of an ended run, measured with 10,000 pictures where the quick one tells no more."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.process.run_measurements import get_run_measurements
from dashboard.run_facts.raced_runs import find_measurement, map_raced_runs
from dashboard.snapshots.snapshot import Snapshot
from dashboard.wording.messages import render_run_error
from dcgan.comparison.kept_measurement import count_measured_images
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.named_datasets import get_picture_noun, has_digits
from dcgan.durations import describe_roughly
from dcgan.evaluation.distance_scale import describe_distance, explain_scale
from dcgan.evaluation.main_metric import find_main_metric, is_at_quick_limit
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.runs.run_folder import Run

_PROGRESS_WIDTH = 240  # Pixels; about as wide as the button in its place.


def render(snapshot: Snapshot) -> bool:
    """Render the precise distance of an ended run; return whether there is one."""
    measurement = find_measurement_at_end(snapshot)
    if snapshot.run is None or measurement is None:
        return False
    dataset = snapshot.run.config.dataset
    noun, metric = get_picture_noun(dataset), find_main_metric(measurement.metrics)
    value = describe_distance(
        measurement.distance, measurement.real_metrics[metric], has_digits=has_digits(dataset)
    )
    text = f"Distance to real {noun}s, measured with {measurement.num_images:,}: {value}."
    scale = (explain_scale(),) if has_digits(dataset) else ()
    st.caption(
        escape_markdown(text),
        width="content",
        help="\n\n".join((*scale, METRIC_INFO[metric].explain(noun))),
    )
    return True


def find_measurement_at_end(snapshot: Snapshot) -> RunMeasurement | None:
    """Return the measurement after the last step of an ended run; None without one."""
    run, last = snapshot.run, snapshot.last
    if run is None or last is None or snapshot.is_active:
        return None
    measurement = find_measurement(run, map_raced_runs(run.path.parent))
    return measurement if measurement is not None and measurement.step == last.step else None


def render_request(snapshot: Snapshot) -> None:
    """Render the button that measures an ended run whose quick distance tells no more.

    While it is measured, the progress is in its place.
    """
    run = snapshot.run
    if run is None or snapshot.is_active or not snapshot.evaluations:
        return
    if find_measurement_at_end(snapshot) is not None:
        return
    if not is_at_quick_limit(snapshot.evaluations[-1], run.dataset.num_images):
        return
    measurements = get_run_measurements()
    if measurements.get_progress([run]) is not None:
        _render_progress(run)
    elif permissions.may_operate() and not run.is_read_only:
        if problem := measurements.get_problem(run):
            render_run_error(problem, run.config)
        noun, num_images = get_picture_noun(run.config.dataset), count_measured_images(run)
        st.button(
            f"Measure with {num_images:,} {noun}s",
            icon=":material/straighten:",
            type="tertiary",
            key=f"measure-precisely-{run.name}",
            help=f"Too few {noun}s are measured while training to show the last gains. This draws "
            f"{num_images:,} with the newest weights, compares them with as many real ones, and "
            "keeps the result with the run. It takes about a minute.",
            on_click=_start,
            args=(run,),
        )


@permissions.operators_only
def _start(run: Run) -> None:
    get_run_measurements().start([run])


@st.fragment(run_every=0.5)
def _render_progress(run: Run) -> None:
    """Render the progress, and the whole page again when the run is measured."""
    progress = get_run_measurements().get_progress([run])
    if progress is None:
        st.rerun()
    left = progress.seconds_left
    # One short line, as high as the button that was here: the digits below do not move.
    text = "Measuring…" if left is None else f"Measuring: {describe_roughly(left)} left"
    st.progress(progress.share, text=text, width=_PROGRESS_WIDTH)

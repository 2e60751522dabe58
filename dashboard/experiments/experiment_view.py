"""The run of an experiment as it trains: progress, the digits and the chart to watch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from dashboard.access import permissions
from dashboard.charts import run_charts
from dashboard.charts.charts_panel import explain_label_smoothing
from dashboard.components.chart import render_chart
from dashboard.components.picture import render_picture
from dashboard.components.plain_text import keep_together
from dashboard.components.styling import render_moving_bar
from dashboard.experiments.experiment import NORMAL_CONFIG, Experiment
from dashboard.experiments.student_work import NEARBY, NormalDigits, has_early_answer
from dashboard.run_facts import status_badge
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dashboard.wording.messages import render_run_error
from dcgan.charts import chart_parts, training_charts
from dcgan.charts.chart_parts import DEFAULT_OPTIONS
from dcgan.durations import describe_roughly, describe_seconds
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sample_grid import choose_sample_shape

# Six digits in a row fit on a phone at twice their size.
ROWS, COLUMNS = choose_sample_shape(NORMAL_CONFIG, 30)
# Largest enlargement of a digit: 4 fits in a window of 1,920 by 1,080 pixels, 3 in one of 1,280 by
# 800. After the run the pictures are smaller, beside the answer.
_SCALE, _SCALE_AT_END = 4, 2
_LINE_GREY = 72  # Darker than the digits.


def render(
    trainer: Trainer,
    experiment: Experiment,
    snapshot: Snapshot,
    normal: NormalDigits | None,
) -> None:
    """Render a run that trains, or the pictures of one that has ended.

    Args:
        trainer: The trainer of the run.
        experiment: The experiment of the run.
        snapshot: The run.
        normal: Digits of a normal run to show beside the run's digits; None to show none.
    """
    with st.container(key="experiment-run"):
        if snapshot.is_active:
            # Everything else is beside the digits, so that all of them are visible on a laptop.
            with st.container(key="experiment-live"):
                left, right = st.columns(2, gap="medium")
            with left, st.container(key="experiment-digits"):
                _render_digits(snapshot, _SCALE)
            with right:
                has_answer = has_early_answer(experiment, snapshot)
                _render_status(trainer, snapshot, may_stop=not has_answer)
                if has_answer:
                    _render_early_answer(trainer, snapshot)
                    _render_chart(experiment.chart, snapshot)
                else:
                    render_observations(experiment, snapshot)
            return
        _render_status(trainer, snapshot)
        with st.container(key="experiment-pictures"):
            with st.container(gap="xsmall"):
                _render_digits(snapshot, _SCALE_AT_END)
            if normal is not None:
                with st.container(gap="xsmall"):
                    _render_normal_digits(normal, snapshot.step)


def render_observations(experiment: Experiment, snapshot: Snapshot) -> None:
    """Render what to watch in a run while it trains, and its chart."""
    if snapshot.is_active:
        st.markdown(f":material/visibility: **What to watch.** {experiment.watch}")
    _render_chart(experiment.chart, snapshot)


def _render_digits(snapshot: Snapshot, scale: int) -> None:
    if snapshot.sample is None:
        st.caption("The first pictures come in a few seconds.")
        return
    step = snapshot.sample.step
    if not snapshot.is_active:
        st.markdown(f"**This run at step {step:,}**")
    _render_grid(snapshot.sample.pixels, step, "This run", scale=scale, key="experiment-grid")


def _render_normal_digits(normal: NormalDigits, last_step: int) -> None:
    """Render the digits of a normal run, to compare with a run that ended at `last_step`."""
    article = "The" if normal.is_own else "A"
    st.markdown(f"**{article} normal run at step {normal.step:,}**")
    _render_grid(
        normal.pixels, normal.step, "The normal run", scale=_SCALE_AT_END, key="normal-grid"
    )
    if normal.step > NEARBY * last_step:
        st.caption(
            f"This run ended at step {last_step:,}, so part of the difference comes from its "
            "shorter training."
        )


def _render_early_answer(trainer: Trainer, snapshot: Snapshot) -> None:
    """Render that the answer is clear before the last step, and the button that ends the run."""
    with st.container(border=True, key="experiment-early-answer"):
        st.markdown("**All pictures are the same already: this is the answer.**")
        if permissions.may_operate():
            st.button(
                "End the run and see why",
                type="primary",
                icon=":material/arrow_forward:",
                key="experiment-end",
                on_click=permissions.operators_only(trainer.stop),
                args=(snapshot.run,),
                disabled=snapshot.phase == "stopping",
            )


def _render_status(trainer: Trainer, snapshot: Snapshot, *, may_stop: bool = True) -> None:
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            status_badge.render(snapshot.phase)
            st.caption(describe_progress(snapshot), width="content")
            st.space("stretch")
            if may_stop and snapshot.is_active and permissions.may_operate():
                st.button(
                    "Stop training",
                    icon=":material/stop:",
                    key="experiment-stop",
                    on_click=permissions.operators_only(trainer.stop),
                    args=(snapshot.run,),
                )
        if snapshot.is_active and snapshot.last is None:
            render_moving_bar()
        elif snapshot.is_active:
            st.progress(snapshot.share_done)
        if snapshot.message:
            render_run_error(snapshot.message, snapshot.config)


def _render_grid(pixels: np.ndarray, step: int, run_name: str, *, scale: int, key: str) -> None:
    """Render digits of the fixed z.

    Args:
        pixels: uint8 [0, 255], shape (num, height, width, 1).
        step: Step of the generator that drew them.
        run_name: Name of the run, for the alternative text.
        scale: Enlargement of a digit.
        key: Key of the container.
    """
    png, size = encode_grid(pixels.tobytes(), pixels.shape)
    with st.container(key=key):
        render_picture(
            png,
            size=size,
            scale=scale,
            alt=f"{run_name}: {ROWS * COLUMNS} digits of the fixed z, step {step}",
            key=f"{key}-picture",
        )


@lru_cache(maxsize=16)
def encode_grid(pixels: bytes, shape: tuple[int, ...]) -> tuple[bytes, tuple[int, int]]:
    """Return a grid as PNG, and its width and height; cached for all tabs.

    Args:
        pixels: Bytes of the digits, uint8.
        shape: Shape of the digits, (num, height, width, 1).
    """
    picture = tile(np.frombuffer(pixels, np.uint8).reshape(shape), ROWS, COLUMNS, gap=1)
    # Lines between the pictures, because a collapsed generator may draw only black pictures.
    height, width = shape[1] + 1, shape[2] + 1
    picture[height - 1 :: height] = _LINE_GREY
    picture[:, width - 1 :: width] = _LINE_GREY
    return encode_png(picture), (picture.shape[1], picture.shape[0])


def describe_progress(snapshot: Snapshot) -> str:
    """Describe the step and the time left or taken."""
    if snapshot.last is None:
        return "Building both networks: up to ten seconds"
    planned, expected = snapshot.planned_steps, snapshot.expected_last_step
    of_planned = "" if planned is None else f" of {planned:,}"
    # The bar shows the time if the limit ends the run before its planned steps.
    is_timed = planned is not None and expected is not None and expected < planned
    if snapshot.is_active and is_timed:
        of_planned = ""
    progress = f"Step {snapshot.step:,}{of_planned}"
    if not snapshot.is_active:
        return f"{progress}, {keep_together(describe_seconds(snapshot.last.seconds))}"
    left = None if snapshot.is_paused else snapshot.seconds_left
    return progress if left is None else f"{progress}, {keep_together(describe_roughly(left))} left"


def _render_chart(chart_key: str, snapshot: Snapshot) -> None:
    if chart_key in ("losses", "accuracy"):
        losses, accuracy = run_charts.build_main_charts(snapshot)
        is_losses = chart_key == "losses"
        title = "Losses" if is_losses else "How often the discriminator is right"
        figure: str | None = losses if is_losses else accuracy
        describe = (
            training_charts.describe_losses if is_losses else training_charts.describe_accuracy
        )
        alt, height = describe(snapshot.history), chart_parts.HEIGHT
    else:
        chart = next(chart for chart in run_charts.CHARTS if chart.key == chart_key)
        title, height = chart.title, run_charts.HEIGHT
        figure, alt = (
            run_charts.build_chart(chart, snapshot, DEFAULT_OPTIONS),
            chart.describe(snapshot),
        )
    with st.container(key="experiment-chart", gap="xxsmall"):
        st.markdown(f"**{title}**")
        if figure is None:
            st.caption(
                "The first measurement comes a little later in the run."
                if snapshot.is_active
                else "The run ended before the first measurement."
            )
        else:
            render_chart(figure, height=height, alt=alt, key="experiment-chart-figure")
            if chart_key == "accuracy" and (explanation := explain_label_smoothing(snapshot)):
                st.caption(explanation)

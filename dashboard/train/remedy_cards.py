"""The cards of tried remedies, one beside the other, and what they show in words."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.components.picture import render_picture
from dashboard.components.plain_text import escape_markdown
from dashboard.server import access
from dashboard.state.snapshot import Snapshot
from dcgan.config import TrainingConfig
from dcgan.evaluation.metric_info import METRIC_INFO, format_metric
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.trials.effects import find_best, find_effects
from dcgan.trials.plan import describe_trial
from dcgan.trials.records import COLUMNS, ROWS, Measurement, Trial, TrialRecord

_CARD_WIDTH = 272  # Pixels: the picture at its own size, and the card's padding.
_MAX_STEPS_RATIO = 1.5  # No setting that a remedy changes makes a step this much slower.
_BEST = ":green-badge[:material/check: Helps most]"
_EFFECTS = {
    "better": ":gray-badge[Better than doing nothing]",
    "worse": ":red-badge[:material/close: Makes it worse]",
    "unclear": ":gray-badge[No clear difference]",
}


def cards() -> st.delta_generator.DeltaGenerator:
    """Make the place of the cards."""
    return st.container(horizontal=True, gap="xsmall", key="remedy-cards")


def card(number: int) -> st.delta_generator.DeltaGenerator:
    """Make the card of a trial, or of the state before all of them (-1)."""
    return st.container(
        border=True, width=_CARD_WIDTH, gap="xsmall", key=f"remedy-{number}", height="stretch"
    )


def render_before(record: TrialRecord, config: TrainingConfig) -> None:
    """Render the card of the state from which the trials start."""
    with card(-1):
        if record.before is None:
            _render_no_picture(config, "before", "before")
        else:
            _render_picture(record.before.png, config, f"before, step {record.step}", "before")
        st.markdown(f"**Before, at step {record.step:,}**")
        if record.before is None:
            st.caption("Not measured yet.")
        else:
            _render_figures(record.before, record)


def render_trial(
    record: TrialRecord, number: int, config: TrainingConfig, now: Snapshot | None
) -> None:
    """Render a trial; `now` is its snapshot while it is in training."""
    trial = record.trials[number]
    name = describe_trial(trial)
    title = f"**{escape_markdown(name)}**"  # Below the picture, as it may take two lines.
    if trial.result is not None:
        step = f"step {trial.result.step}"
        _render_picture(trial.result.png, config, f"{name}, {step}", str(number))
        st.markdown(title)
        _render_figures(trial.result, record)
        effect = find_effects(record).get(number)
        badge = "" if effect is None else f"{_EFFECTS[effect]} "
        if number == find_best(record):
            badge = f"{_BEST} "
        st.markdown(f"{badge}:small[{trial.num_steps:,} steps]")
        return
    if now is not None and now.sample is not None:
        png = encode_png(tile(now.sample.pixels, ROWS, COLUMNS))
        _render_picture(png, config, f"{name}, in training, step {now.sample.step}", str(number))
    else:
        _render_no_picture(config, name, str(number))
    st.markdown(title)
    if trial.problem:
        problem = access.hide_path(trial.problem, config)
        st.caption(f":material/error: {escape_markdown(problem)}")
    elif now is None:
        st.caption("Not tried." if record.adopted else "Waiting.")
    else:
        is_built = len(now.history) > now.num_earlier
        st.caption("In training." if is_built else "Building the networks and the first step.")


def _render_no_picture(config: TrainingConfig, name: str, key: str) -> None:
    """Render an empty picture, which keeps the place of the digits."""
    height, width, _ = config.image_shape
    nothing = np.zeros((1, height, width), np.uint8)
    _render_picture(encode_png(tile(nothing, ROWS, COLUMNS)), config, f"{name}, none yet", key)


def _render_picture(png: bytes, config: TrainingConfig, what: str, key: str) -> None:
    height, width, _ = config.image_shape
    render_picture(
        png,
        size=(COLUMNS * (width + 2) - 2, ROWS * (height + 2) - 2),
        alt=f"{ROWS} by {COLUMNS} digits of the same random inputs: {what}",
        key=f"remedy-picture-{key}",
    )


def _render_figures(measured: Measurement, record: TrialRecord) -> None:
    lines = []
    for name in record.shown_metrics:
        if name in measured.figures:
            figure = measured.figures[name]
            value, low, high = (
                format_metric(name, number) for number in (figure.value, figure.low, figure.high)
            )
            lines.append(f":small[{METRIC_INFO[name].label} **{value}** ({low} to {high})]")
    st.markdown("  \n".join(lines))


def summarize(record: TrialRecord) -> str:
    """Return the result in a sentence or two, as Markdown."""
    if record.adopted:
        name = escape_markdown(record.adopted)
        return f"**Remedies tried at step {record.step:,}.** One of them goes on as {name}."
    if not find_effects(record):
        return f"**{count_measured(record)}.** There is nothing to compare yet."
    measured = [trial for trial in record.trials if trial.result is not None]
    idle = [_distance(trial) for trial in measured if trial.kind in ("nothing", "repeated")]
    without = " and ".join(format_metric("frechet_distance", value) for value in idle)
    real = format_metric("frechet_distance", record.real_figures["frechet_distance"])
    best = find_best(record)
    if best is None:
        return (
            f"**No remedy helped by more than chance.** Doing nothing brings the distance to "
            f"{without}; real digits have {real}."
        )
    trial = record.trials[best]
    value = format_metric("frechet_distance", _distance(trial))
    return (
        f"**{escape_markdown(describe_trial(trial))} helped most.** It brings the distance to "
        f"{value}, doing nothing to {without}; real digits have {real}."
    )


def count_measured(record: TrialRecord) -> str:
    """Return how many trials have results, such as "1 of 3 trials is measured"."""
    num = record.num_measured
    return f"{num} of {len(record.trials)} trials {'is' if num == 1 else 'are'} measured"


def _distance(trial: Trial) -> float:
    return float("nan") if trial.result is None else trial.result.figures["frechet_distance"].value


def explain(record: TrialRecord) -> str:
    """Return what the figures mean, and how fair the comparison is."""
    words = (
        f"Each trained for {record.seconds:g} s, a new start from the beginning and the others "
        "from their checkpoint, with the same images in the same order. In brackets: the lowest "
        "and the highest of three measurements with other random inputs. Doing nothing is trained "
        "twice, the second time with other noise: what differs between these two is chance, and a "
        "remedy helps only if it differs by more. Go by the distance and the pictures: the "
        "classifier can be sure of patterns that are no digits."
    )
    return words + _warn_of_load(record)


def _warn_of_load(record: TrialRecord) -> str:
    """Return a sentence if the trials made very different numbers of steps, else ""."""
    steps = [trial.num_steps for trial in record.trials if trial.result is not None]
    if not steps or max(steps) <= _MAX_STEPS_RATIO * min(steps):
        return ""
    return (
        f" In this time the trials made {min(steps):,} to {max(steps):,} steps: if the machine was "
        "busy with other work, try them again."
    )

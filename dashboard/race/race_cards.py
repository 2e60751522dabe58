"""A card for each variant of a race: its digits, and their distance to real ones."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.charts.overlay_chart import choose_color
from dashboard.components.picture import match_mnist_scale, render_pixels
from dashboard.components.plain_text import escape_markdown, keep_together
from dashboard.race.problems import describe_problem, find_shared_problem
from dashboard.race.progress import (
    RaceProgress,
    RunState,
    list_interrupted,
    measure_trained_seconds,
)
from dashboard.snapshots.snapshot import Snapshot
from dcgan.config.named_datasets import get_picture_noun, has_digits
from dcgan.durations import describe_limit, describe_roughly, describe_seconds
from dcgan.errors import RunError
from dcgan.evaluation.main_metric import get_distance_label, list_metrics_at
from dcgan.evaluation.metric_info import METRIC_INFO, format_metric, has_meaning
from dcgan.images.grids import tile
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import MIN_VARIANTS, Race
from dcgan.wording import count_steps, name_middle

_ROWS, _COLUMNS = 3, 5
_SCALE, _WIDTH = 2, 296
_LARGE_SCALE, _LARGE_WIDTH = 3, 440  # If there are only two variants.
_STEPS_HELP = "Steps: how often both networks were updated in the time of the race."
# The metrics of a card after their value, as in "95.0% clearly readable".
_SHARES = {"confident": "clearly readable", "as_asked": "read as the digit asked for"}
# The badge of a run that is not measured, with its place in the race.
_STATES: Mapping[RunState, str] = {
    "waiting": ":gray-badge[:material/hourglass_empty: {run} waits]",
    "training": ":blue-badge[:material/play_arrow: {run} trains]",
    "measuring": ":blue-badge[:material/straighten: {run} is measured]",
    "failed": ":red-badge[:material/error: no result]",
    "missing": ":gray-badge[not trained]",
}


def render(
    race: Race,
    runs: Mapping[int, Run],
    progress: RaceProgress,
    winner: int | None,
    snapshot: Snapshot,
) -> None:
    """Render the cards in the order of the variants, in the colours of their lines.

    When the race has ended, the card of the winner is the first.

    Args:
        race: The race.
        runs: The runs that have a folder, by index.
        progress: The states of all runs.
        winner: Index of the variant that won; None without one.
        snapshot: The trainer's snapshot.
    """
    stripes = "".join(
        f".st-key-race-card-{index} {{ border-top: 4px solid {choose_color(index)}; }}"
        for index in range(len(race.variant_labels))
    )
    is_large = len(race.variant_labels) == MIN_VARIANTS
    width = _LARGE_WIDTH if is_large else _WIDTH
    num_columns = 3 if len(race.variant_labels) == 3 else 2
    sizes = f"--card-width: {width}px; --card-columns: {num_columns};"
    st.html(f"<style>.st-key-race-cards {{ {sizes} }} {stripes}</style>")
    interrupted = list_interrupted(progress, runs)
    has_shared_problem = bool(find_shared_problem(race, progress))  # It is above the cards.
    with st.container(horizontal=True, key="race-cards"):
        for variant_index in order_variants(race, progress, winner):
            label = race.variant_labels[variant_index]
            indices = [
                index for index, run in enumerate(race.runs) if run.variant_index == variant_index
            ]
            with st.container(gap="xsmall", key=f"race-card-{variant_index}"):
                st.markdown(f"**{escape_markdown(label)}**")
                scale = _LARGE_SCALE if is_large else _SCALE
                shown = _render_digits(race, variant_index, indices, runs, scale)
                with st.container(gap="xsmall"):  # One part of the card for the style sheet.
                    _render_results(race, indices, shown, is_winner=variant_index == winner)
                    _render_states(race, indices, progress, interrupted, snapshot)
                    if not has_shared_problem:
                        _render_problems(race, indices, progress)


def order_variants(race: Race, progress: RaceProgress, winner: int | None) -> list[int]:
    """Return the indices of the variants in the order of their cards."""
    has_ended = not progress.list_indices("waiting", "training", "measuring")
    indices = range(len(race.variant_labels))
    # Before the end another variant may lead at any moment.
    return sorted(indices, key=lambda index: index != winner) if has_ended else list(indices)


def _render_digits(
    race: Race, variant_index: int, indices: Sequence[int], runs: Mapping[int, Run], scale: int
) -> int | None:
    """Render the last pictures of a variant's first run that has any, or an empty place for them.

    The first runs of all variants have the same seed.

    Returns:
        Index of the run; None for the empty place.
    """
    for index in indices:
        run = runs.get(index)
        if run is None:
            continue
        measurement = race.runs[index].measurement
        steps = [
            step
            for step in run.samples.list_steps()
            # A run may have been continued after the race.
            if measurement is None or step <= measurement.step
        ]
        try:
            pixels = run.samples.read(steps[-1])[: _ROWS * _COLUMNS]
        except (IndexError, RunError):
            continue
        grid = tile(pixels, -(-len(pixels) // _COLUMNS), min(_COLUMNS, len(pixels)))
        render_pixels(
            grid,
            scale=match_mnist_scale(scale, run.config.image_size),
            alt=f"{get_picture_noun(run.config.dataset).capitalize()}s of "
            f"{race.variant_labels[variant_index]}, step {steps[-1]}",
            key=f"race-picture-{variant_index}",
            fill=True,
        )
        return index
    with st.container(key=f"race-no-picture-{variant_index}"):
        noun = get_picture_noun(race.runs[0].config.dataset)
        text = f"No {noun}s yet"
        if any(race.runs[index].measurement is not None for index in indices):
            is_there = not runs.keys().isdisjoint(indices)
            text = f"Its {noun}s are gone" if is_there else "Its run was deleted"
        st.caption(text, text_alignment="center")
    return None


def _render_results(
    race: Race, indices: Sequence[int], shown_index: int | None, *, is_winner: bool
) -> None:
    """Render the median of each metric over a variant's seeds, and all its distances.

    Args:
        race: The race.
        indices: Indices of the variant's runs.
        shown_index: Index of the run whose pictures are shown; None without any.
        is_winner: Whether the variant has won.
    """
    measured_runs = {
        index: measurement
        for index in indices
        if (measurement := race.runs[index].measurement) is not None
    }
    measurements = [*measured_runs.values()]
    if not measurements:
        return
    metric = race.metric
    median = format_metric(
        metric, statistics.median(measurement.metrics[metric] for measurement in measurements)
    )
    label = get_distance_label(has_digits=has_digits(race.runs[0].config.dataset))
    text = f"{label} **{median}**"
    if len(measurements) > 1:
        middle = name_middle(len(measurements)).capitalize()
        text = f"{middle} {label[0].lower()}{label[1:]} **{median}**"
    if is_winner:
        text += " :green-badge[:material/check: nearest]"
    st.markdown(text)
    if race.num_seeds > 1:
        st.caption(
            ", ".join(
                f"seed {race.runs[index].config.seed}"
                f"{' (shown)' if index == shown_index else ''}: "
                f"{format_metric(metric, measurement.metrics[metric])}"
                for index, measurement in measured_runs.items()
            ).capitalize()
        )
    parts = [_describe_steps([measurement.step for measurement in measurements])]
    explanations = [_STEPS_HELP]
    for name in list_metrics_at("race", METRIC_INFO):
        measured = [measurement for measurement in measurements if name in measurement.metrics]
        values = [
            measurement.metrics[name]
            for measurement in measured
            if has_meaning(name, measurement.metrics, measurement.real_metrics)
        ]
        if measured:
            # The cards of all variants have the same metrics, so that nothing seems forgotten.
            words = _SHARES[name]
            value = format_metric(name, statistics.median(values)) if values else ""
            parts.append(f"{value} {words}" if values else f"{words}: –")
            explanations.append(f"{words.capitalize()}: {METRIC_INFO[name].explain('digit')}")
    if len(measurements) > 1 and len(parts) > 1:
        middle = name_middle(len(measurements))
        explanations.append(f"Each share is the {middle} of the {len(measurements)} runs.")
    st.caption(", ".join(map(keep_together, parts)).capitalize(), help="\n\n".join(explanations))


def _describe_steps(steps: Sequence[int]) -> str:
    low, high = min(steps), max(steps)
    return count_steps(low) if low == high else f"{low:,} to {high:,} steps"


def _render_states(
    race: Race,
    indices: Sequence[int],
    progress: RaceProgress,
    interrupted: Sequence[int],
    snapshot: Snapshot,
) -> None:
    """Render a line for each run that is not measured."""
    for index in indices:
        state = progress.states[index]
        if state == "measured":
            continue
        run = race.runs[index]
        badge = _STATES[state].format(run=f"Run {index + 1}")
        if state == "training" and not snapshot.history:
            badge = f":blue-badge[:material/build: Run {index + 1} builds its networks]"
        if state == "missing" and run.folder:
            badge = ":gray-badge[:material/stop: stopped]"
        if index in interrupted:
            badge = ":orange-badge[:material/bolt: interrupted]"
        texts = [f"seed {run.config.seed}"] if race.num_seeds > 1 else []
        if state in ("training", "measuring") and snapshot.history:
            # The last step ends a moment after the time of the race.
            seconds = min(measure_trained_seconds(snapshot), race.seconds)
            texts.append(f"{describe_seconds(seconds)} of {describe_limit(race.seconds)}")
        elif state == "waiting" and (seconds_left := progress.seconds_to_start.get(index)):
            texts.append(f"starts in {keep_together(describe_roughly(seconds_left))}")
        st.markdown(f"{badge} {', '.join(texts)}")


def _render_problems(race: Race, indices: Sequence[int], progress: RaceProgress) -> None:
    """Render why each failed run has no result."""
    for index in indices:
        if progress.states[index] == "failed":
            st.caption(escape_markdown(describe_problem(race.runs[index])))

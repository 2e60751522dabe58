"""A card for each compared run: its newest digits, and how near they are to real ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from dashboard.charts.compared_runs import (
    ComparedRun,
    are_quick,
    find_metric,
    get_common_noun,
    label_curve,
    select_measured,
)
from dashboard.charts.overlay_chart import choose_color
from dashboard.charts.trained_time import describe_time_trained
from dashboard.compare_results.explanations import describe_quick_distance
from dashboard.compare_results.result import Result
from dashboard.components.picture import match_mnist_scale, render_picture
from dashboard.components.plain_text import escape_markdown, keep_together
from dashboard.process.file_cache import cache_until_changed
from dashboard.run_facts.labels import find_hidden_start
from dashboard.run_facts.run_summary import Thumbnail
from dashboard.snapshots.snapshot import ACTIVE
from dcgan.config.named_datasets import get_picture_noun
from dcgan.errors import RunError
from dcgan.evaluation.main_metric import get_distance, get_real_distance
from dcgan.evaluation.metric_info import format_distance
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.runs.run_folder import Run

# Digits on a card; with classes, a column has those of one class. A few can look better by chance.
_ROWS, _COLUMNS = 3, 10
_SCALE = 1
_WIDTH = 296  # Pixels of a card; less if a wide window has no room for a row of them.
_MAX_COLUMNS = 4


def render(compared: Sequence[ComparedRun], result: Result) -> None:
    """Render the cards in the colours of the runs' lines, in the order in which they are chosen.

    A new measurement marks another run as the nearest, and moves no card.
    """
    stripes = "".join(
        f".st-key-compare-card-{index} "
        f"{{ border-top: 4px solid {choose_color(compared_run.color_index)}; }}"
        for index, compared_run in enumerate(compared)
    )
    num_columns = min(len(compared), _MAX_COLUMNS)
    sizes = f"--card-width: {_WIDTH}px; --card-columns: {num_columns};"
    st.html(f"<style>.st-key-compare-result {{ {sizes} }} {stripes}</style>")
    metric = find_metric(compared)
    noun = get_common_noun(compared)
    label = "Quick distance" if are_quick(compared) else label_curve(metric, compared)
    with st.container(gap="xsmall", key="compare-card-place"):
        with st.container(horizontal=True, key="compare-cards"):
            for index, compared_run in enumerate(compared):
                with st.container(gap="xsmall", key=f"compare-card-{index}"):
                    _render_card(index, compared_run, result, metric, label, noun)
        if counts := {count for each in compared if (count := _count_judged(each))}:
            text = f"{noun.capitalize()}s drawn at random: nobody picked the best."
            if len(counts) == 1:
                text += f" The distance is measured with {counts.pop():,} such {noun}s."
            st.caption(text)


def sort_by_result(compared: Sequence[ComparedRun], result: Result) -> list[ComparedRun]:
    """Return the runs in the order of the result, in which the page chooses them at first.

    The best ones are first, then the nearest to real images, and those without a measurement are
    last.
    """
    nearest = sorted(
        select_measured(compared),
        key=lambda each: (each.run.name not in result.best, each.distance),
    )
    others = [each for each in compared if not each.is_measured]
    others.sort(key=_get_quick_distance)
    # An obviously nearer run may have only a quick distance.
    first = [each for each in others if each.run.name in result.best]
    return [*first, *nearest, *(each for each in others if each not in first)]


def _count_judged(compared_run: ComparedRun) -> int:
    """Return of how many images the number on a run's card was computed; 0 without a number."""
    if compared_run.is_measured:
        return compared_run.result.num_images
    return 0 if compared_run.unranked is None else compared_run.unranked.num_images


def _get_quick_distance(compared_run: ComparedRun) -> float:
    return math.inf if compared_run.unranked is None else get_distance(compared_run.unranked)


def _render_card(
    index: int, compared_run: ComparedRun, result: Result, metric: str, label: str, noun: str
) -> None:
    title = f"**{escape_markdown(compared_run.title)}**"
    if hidden := find_hidden_start(compared_run.run, compared_run.title):
        title += f"  \n:gray[:small[{escape_markdown(hidden)}]]"
    st.markdown(title)
    digits = _read_digits(compared_run.run)
    if digits is None:
        st.caption("It has no pictures yet.")
    else:
        render_picture(
            digits.png,
            size=digits.size,
            scale=match_mnist_scale(_SCALE, compared_run.run.config.image_size),
            alt=f"Newest {get_picture_noun(compared_run.run.config.dataset)}s of "
            f"{compared_run.title}, step {digits.step}",
            key=f"compare-card-picture-{index}",
            fill=True,
        )
    with st.container(gap="xsmall"):  # One part of the card for the style sheet.
        _render_numbers(compared_run, result, metric, label, noun)


def _render_numbers(
    compared_run: ComparedRun, result: Result, metric: str, label: str, noun: str
) -> None:
    record = compared_run.record
    newest = compared_run.result if compared_run.is_measured else compared_run.unranked
    if compared_run.is_measured and newest is not None:
        distance = f"{label} **{format_distance(newest.metrics[metric])}**"
        if compared_run.run.name in result.best:
            distance += f" :green-badge[:material/check: {result.place}]"
        explanation = (
            describe_quick_distance(newest.num_images, newest.real_metrics[metric], noun)
            if are_quick([compared_run])
            else None
        )
        st.markdown(distance, help=explanation)
    elif (quick := compared_run.unranked) is not None:
        badge = ":gray-badge[not ranked]" if compared_run.run.name in result.not_ranked else ""
        if compared_run.run.name in result.best:
            badge = f":green-badge[:material/check: {result.place}]"
        st.markdown(
            f"Quick distance **{format_distance(get_distance(quick))}** {badge}".rstrip(),
            help=describe_quick_distance(quick.num_images, get_real_distance(quick), noun),
        )
    else:
        st.markdown(":gray-badge[not measured]")
    progress_texts = (
        [f"step {record.step:,}", keep_together(describe_time_trained(compared_run))]
        if record.history
        else []
    )
    if record.history and newest is not None and newest.step != record.step:
        progress_texts.append(f"measured at step {newest.step:,}")
    state = ["training now"] if record.state in ACTIVE else []
    if progress_texts or state:
        st.caption(", ".join([*progress_texts, *state]).capitalize())


@cache_until_changed("samples", max_runs=30)
def _read_digits(run: Run) -> Thumbnail | None:
    """Read the first digits of the newest sample grid that can be read; None without one."""
    for step in reversed(run.samples.list_steps()[-3:]):
        try:
            pixels = run.samples.read(step)[: _ROWS * _COLUMNS]
        except RunError:
            continue  # Damaged or deleted: try the one before it.
        grid = tile(pixels, -(-len(pixels) // _COLUMNS), min(_COLUMNS, len(pixels)))
        return Thumbnail(encode_png(grid), (grid.shape[1], grid.shape[0]), step)
    return None

"""The quality of a run's digits, measured during the run and at its end, beside real digits."""

from __future__ import annotations

import streamlit as st

from dashboard.charts import run_charts
from dashboard.components.chart import render_chart
from dashboard.quality import quality_requests_panel, two_sample_panel
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dashboard.wording import glossary
from dashboard.wording.messages import MEASURING
from dcgan.charts import chart_parts, training_charts
from dcgan.charts.chart_parts import ChartOptions
from dcgan.comparison.kept_measurement import explain_quick_distance, is_quick
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.named_datasets import get_picture_noun
from dcgan.evaluation.distance_scale import rate_distance
from dcgan.evaluation.main_metric import (
    find_main_metric,
    get_distance,
    get_page_label,
    get_real_distance,
    list_metrics_at,
)
from dcgan.evaluation.metric_info import (
    METRIC_INFO,
    MIN_EVALUATED,
    explain_uncounted,
    format_distance,
    format_measured,
    format_metric,
    looks_unlike_digits,
)
from dcgan.evaluation.metrics import find_missing_digits, is_clearly_above
from dcgan.reports import EvaluationReport

# Widths in pixels of the metrics, in turn. They are fixed, so that a longer number does not move
# the others. On a phone and in a window of 1,280 pixels, two metrics fit into a row.
_METRIC_WIDTHS = (200, 128)


def render(
    snapshot: Snapshot, options: ChartOptions, precise: RunMeasurement | None = None
) -> None:
    """Render the newest metrics of the shown run, and their chart.

    Args:
        snapshot: The run.
        options: Of the chart.
        precise: What was measured at the run's end with more images; None without it.
    """
    if snapshot.config is None or (
        snapshot.config.evaluate_every == 0 and not snapshot.evaluations
    ):
        return
    last = snapshot.evaluations[-1] if snapshot.evaluations else None
    noun = get_picture_noun(snapshot.config.dataset)
    with st.container(key="quality"):
        st.markdown(
            f"**How real the {noun}s are**",
            help=glossary.explain("evaluation"),
        )
        if last is None:
            st.caption(describe_first_measurement(snapshot))
            return
        quick = explain_quick_distance(last.num_images, snapshot.run, noun)
        text = f"Quick measurement with {_describe(last, noun)}" if quick else _describe(last, noun)
        if quick and precise is not None:
            text += f" {_explain_precise(precise, noun)}"
        if snapshot.is_measuring:
            text = f"{MEASURING} These are the numbers of step {last.step:,}."
        with st.container(horizontal=True):
            for index, name in enumerate(list_metrics_at("train", last.metrics)):
                width = _METRIC_WIDTHS[index % len(_METRIC_WIDTHS)]
                _render_metric(name, last, noun, quick, width)
        st.caption(text)
        label = _get_label(find_main_metric(last.metrics), last, is_quick=bool(quick))
        render_chart(
            run_charts.build_quality_chart(snapshot.evaluations, label, options),
            height=chart_parts.LOW_HEIGHT,
            alt=training_charts.describe_quality(snapshot.evaluations, label),
            key="q",
        )


def render_details(trainer: Trainer, snapshot: Snapshot) -> None:
    """Render an expander with all metrics and the measurements on request."""
    if snapshot.run is None or not snapshot.evaluations:
        return
    # Rendered only while it is open, as the panel is rendered again at each report.
    more = st.expander(
        "Quality in detail", icon=":material/verified:", key="more-metrics", on_change="rerun"
    )
    if not more.open:
        return
    last = snapshot.evaluations[-1]
    noun = get_picture_noun(snapshot.run.config.dataset)
    with more:
        with st.container(key="metric-explanations"):
            st.markdown(
                explain_metrics(last, noun, is_quick=is_quick(last.num_images, snapshot.run))
            )
        # As many in a row as the window has room for.
        with st.container(key="quality-requests", horizontal=True):
            quality_requests_panel.render_classes(trainer, snapshot.run)
            two_sample_panel.render(trainer, snapshot.run)
            quality_requests_panel.render_copies(trainer, snapshot.run)


def _explain_precise(precise: RunMeasurement, noun: str) -> str:
    """Explain why the verdict shows a smaller distance than the chart."""
    return (
        f"With {precise.num_images:,} {noun}s the distance is {format_distance(precise.distance)}: "
        f"the more {noun}s, the smaller it comes out."
    )


def _get_label(name: str, last: EvaluationReport, *, is_quick: bool) -> str:
    has_digits = bool(last.digit_shares)
    return get_page_label(name, last.metrics, has_digits=has_digits, is_quick=is_quick)


def _render_metric(name: str, last: EvaluationReport, noun: str, quick: str, width: int) -> None:
    """Render a metric with the value of real images below it, if that was measured.

    Args:
        name: The metric.
        last: The newest evaluation.
        noun: Noun for a picture, "digit" or "picture".
        quick: The first sentences of the help of a quick distance; "" for a precise one.
        width: In pixels.
    """
    real = last.real_metrics.get(name)
    more = quick if name == find_main_metric(last.metrics) else ""
    st.metric(
        _get_label(name, last, is_quick=bool(quick)),
        format_measured(name, last.metrics, last.real_metrics),
        None if real is None else f"real {format_metric(name, real)}",
        delta_color="off",
        delta_arrow="off",
        width=width,
        help="\n\n".join(filter(None, (more, METRIC_INFO[name].explain(noun)))),
    )


def explain_metrics(last: EvaluationReport, noun: str, *, is_quick: bool = False) -> str:
    """Return each metric as Markdown: its value, the value of real images, and how to read it.

    Args:
        last: The newest evaluation.
        noun: Noun for a picture, "digit" or "picture".
        is_quick: Whether the distance was measured with few pictures.
    """
    uncounted = explain_uncounted(last.metrics, last.real_metrics)
    paragraphs = []
    for name, info in METRIC_INFO.items():
        if name in last.metrics:
            numbers = format_measured(name, last.metrics, last.real_metrics)
            notes = [uncounted] if name == "confident" and uncounted else []
            if name in last.real_metrics:
                notes.append(f"real {format_metric(name, last.real_metrics[name])}")
            if notes:
                numbers += f" ({'; '.join(notes)})"
            label = _get_label(name, last, is_quick=is_quick)
            paragraphs.append(f"**{label}** {numbers}  \n{info.explain(noun)}")
    return "\n\n".join(paragraphs)


def describe_first_measurement(snapshot: Snapshot) -> str:
    """Describe, for a run without measurements, when the first one will be made."""
    if snapshot.measures_end:
        return MEASURING
    if not snapshot.is_active:
        return "The run ended before the first measurement."
    config = snapshot.config
    if config is None or snapshot.num_images == 0:
        return "The first values come at the end of an epoch."
    if snapshot.num_images < 2 * MIN_EVALUATED:
        return f"They are not measured: that takes at least {2 * MIN_EVALUATED} pictures."
    every = config.evaluate_every
    steps_per_epoch = config.compute_steps_per_epoch(snapshot.num_images)
    num_measured, steps_since = divmod(snapshot.step, every * steps_per_epoch)
    if snapshot.step and not steps_since:
        noun = get_picture_noun(config.dataset)
        return f"The {noun}s of epoch {num_measured * every:,} are being measured now."
    epoch = (num_measured + 1) * every
    step = epoch * steps_per_epoch
    if (last_step := snapshot.expected_last_step) is not None and last_step < step:
        return f"The first values come when this run ends, before the end of epoch {epoch:,}."
    return f"The first values come at the end of epoch {epoch:,} (step {step:,})."


def _describe(last: EvaluationReport, noun: str) -> str:
    text = f"{last.num_images:,} {noun}s of step {last.step:,}"
    if not last.digit_shares:
        text += "."
    elif looks_unlike_digits(last.metrics, last.real_metrics):
        text += ". Hardly any looks like a real digit."
    else:
        text += f": {rate_distance(get_distance(last), get_real_distance(last))}."
        missing = ", ".join(
            map(str, find_missing_digits(last.digit_shares, last.real_digit_shares))
        )
        text += f" Missing digits: {missing}." if missing else " No digit is missing."
        text += _compare_with_real(last)
    return text


def _compare_with_real(last: EvaluationReport) -> str:
    """Compare fakes with real digits; "" unless their precision is higher."""
    precision, real_precision = last.metrics["precision"], last.real_metrics["precision"]
    if precision <= real_precision:
        return ""
    words = (
        "They look neater than real digits"
        if is_clearly_above(precision, real_precision, last.num_images)
        else "They look real about as often as real digits do"
    )
    if is_clearly_above(last.real_metrics["recall"], last.metrics["recall"], last.num_images):
        return f" {words}, but vary less: their recall is lower."
    return f" {words}, and vary as much (recall)."

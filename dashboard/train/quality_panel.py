"""How real the digits are: measured at the ends of epochs, beside what real digits get."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.components.chart import render_chart
from dashboard.shared import chart_cache
from dashboard.state.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dashboard.train import copies_panel
from dcgan.evaluation.metric_info import METRIC_INFO, format_metric
from dcgan.evaluation.metrics import missing_digits
from dcgan.export import chart_parts, charts
from dcgan.export.chart_parts import ChartOptions
from dcgan.reports import EvaluationReport

# Widths in pixels; fixed, so that a longer number does not push its neighbours. All three stand
# beside each other in a window of 1,280 pixels.
_METRICS = {"frechet_distance": 132, "precision": 92, "recall": 92}


def render(trainer: Trainer, now: Snapshot, options: ChartOptions) -> None:
    """Draw the newest figures of the run in sight, and how they went."""
    if now.config is None or (now.config.evaluate_every == 0 and not now.evaluations):
        return
    last = now.evaluations[-1] if now.evaluations else None
    with st.container(key="quality"):
        st.markdown(
            "**How real the digits are**",
            help="Measured at an epoch's end: fresh digits and real ones are shown to a classifier "
            "of digits, and what it sees in them is compared.",
        )
        with st.container(horizontal=True):
            for name, width in _METRICS.items():
                st.metric(
                    METRIC_INFO[name].label,
                    "–" if last is None else format_metric(name, last.metrics[name]),
                    width=width,
                    help=METRIC_INFO[name].help_text,
                )
        st.caption(_describe(last))
        render_chart(
            chart_cache.render_quality(now.evaluations, options),
            height=chart_parts.LOW_HEIGHT,
            alt=charts.describe_quality(now.evaluations),
            key="q",
        )
        if last is not None:
            # Drawn only while it is open: the page is drawn again and again.
            more = st.expander(
                "More figures, and how to read them", key="more-figures", on_change="rerun"
            )
            if more.open and now.run is not None:
                with more:
                    st.markdown(explain(last))
                    copies_panel.render(trainer, now.run)


def explain(last: EvaluationReport) -> str:
    """Return each figure as Markdown: ours, what real digits get, and how to read it."""
    paragraphs = []
    for name, info in METRIC_INFO.items():
        if name in last.metrics:
            numbers = format_metric(name, last.metrics[name])
            if name in last.real_metrics:
                numbers += f" (real {format_metric(name, last.real_metrics[name])})"
            paragraphs.append(f"**{info.label}** {numbers}  \n{info.help_text}")
    return "\n\n".join(paragraphs)


def _describe(last: EvaluationReport | None) -> str:
    if last is None:
        return "The first figures come at the end of an epoch."
    real = ", ".join(format_metric(name, last.real_metrics[name]) for name in _METRICS)
    words = f"Of {last.num_images:,} digits after epoch {last.epoch}; as many real ones get {real}."
    if last.digit_shares:
        missing = ", ".join(map(str, missing_digits(np.array(last.digit_shares))))
        words += f" Missing digits: {missing}." if missing else " No digit is missing."
    return words

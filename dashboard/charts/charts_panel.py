"""The charts of a run on the Train page, and the choice of smoothing and scale."""

from __future__ import annotations

import statistics

import streamlit as st

from dashboard.charts import run_charts
from dashboard.components.chart import render_chart
from dashboard.components.plain_text import escape_markdown
from dashboard.snapshots.snapshot import Snapshot
from dashboard.wording.glossary import explain
from dcgan.charts import chart_parts, training_charts
from dcgan.charts.chart_parts import ChartOptions

_MAX_EVENTS = 3  # The newest events as sentences; all are marked on the charts.
_NUM_MEDIAN_REPORTS = 32  # Newest reports for a median; they cover about half a minute.
# The discriminator calls nearly every image fake if it calls at most this share of them real.
_MAX_CALLED_REAL = 0.05
_SMOOTHING_WINDOWS = (1, 5, 15, 50, 150)


def ask_for_options(*, must_be_log: bool = False) -> ChartOptions:
    """Render the choice of smoothing and scale.

    Args:
        must_be_log: Whether the scale must be logarithmic; the switch is then on and disabled.
    """
    with st.popover("Chart settings", icon=":material/ssid_chart:"):
        window = st.select_slider(
            "Smoothing",
            _SMOOTHING_WINDOWS,
            key="chart_window",
            persist_state="session",
            format_func=lambda window: "None" if window == 1 else f"{window} points",
            help=explain("smoothing"),
        )
        if must_be_log:
            st.toggle(
                "Logarithmic scale",
                value=True,
                key="chart_log_always",
                disabled=True,
            )
            st.caption("Always on here, because these values differ a lot in size.")
            return ChartOptions(window, is_log=True)
        is_log = st.toggle(
            "Logarithmic scale",
            key="chart_log",
            persist_state="session",
            help="Shows differences between small values. For norms, distances and losses above 0.",
        )
    return ChartOptions(window, is_log)


def render(snapshot: Snapshot, replayed_step: int | None = None) -> ChartOptions:
    """Render the charts of losses and accuracy, with help on how to read them.

    Args:
        snapshot: The run.
        replayed_step: Step of the replayed picture, marked in both charts; None while the newest
            picture is shown.

    Returns:
        The chosen smoothing and scale; their widgets are between the two charts.
    """
    loss_place = st.container(key="loss-chart", gap="xxsmall")
    options = ask_for_options()
    losses, accuracy = run_charts.build_main_charts(snapshot, options)
    if replayed_step is not None and snapshot.history:
        losses = chart_parts.mark_step(losses, replayed_step)
        accuracy = chart_parts.mark_step(accuracy, replayed_step)
    with loss_place:
        st.markdown("**Losses**", help=explain("loss"))
        render_chart(
            losses,
            height=chart_parts.HEIGHT,
            alt=training_charts.describe_losses(snapshot.history),
            key="l",
        )
        st.caption(
            "Dashed: each network's loss at balance, when neither wins. A discriminator that has "
            "learned nothing has these losses too, so look at the pictures as well."
        )
        for text in list_event_texts(snapshot):
            st.caption(escape_markdown(text))
    explanation = explain_label_smoothing(snapshot)
    with st.container(key="accuracy-chart", gap="xxsmall"):
        st.markdown(
            "**Discriminator's accuracy**",
            help=f"{explain('accuracy')}\n\n{explanation}".strip(),
        )
        render_chart(
            accuracy,
            height=chart_parts.HEIGHT,
            alt=training_charts.describe_accuracy(snapshot.history),
            key="a",
        )
        low = f" {describe_low_accuracy(snapshot)}" if explanation else ""
        st.caption(f"Dashed: the share of all pictures that guessing gets right.{low}")
    return options


def describe_low_accuracy(snapshot: Snapshot) -> str:
    """Describe in a sentence why few real images are recognized.

    Args:
        snapshot: A run for which `explain_label_smoothing` has an explanation.
    """
    newest = snapshot.history[-_NUM_MEDIAN_REPORTS:]
    real = statistics.median(report.real_accuracy for report in newest)
    fake = statistics.median(report.fake_accuracy for report in newest)
    if real <= _MAX_CALLED_REAL and fake >= 1 - _MAX_CALLED_REAL:
        return "It calls nearly every picture fake, so it cannot tell real ones from fakes."
    return (
        "A low line of real pictures is normal here: when unsure, this discriminator says “fake”."
    )


def list_event_texts(snapshot: Snapshot) -> list[str]:
    """Return the sentences of the newest events, oldest first.

    A convergence is left out, because the status at the top of the page describes it.
    """
    texts = [event.text for event in snapshot.events if event.event != "converged"]
    return texts[-_MAX_EVENTS:]


def explain_label_smoothing(snapshot: Snapshot) -> str:
    """Explain a low accuracy on real images that label smoothing causes; "" if it is not low.

    With label smoothing the accuracy can also be high, for example if the generator has collapsed.
    """
    smoothing = run_charts.get_label_smoothing(snapshot)
    newest = [report.real_accuracy for report in snapshot.history[-_NUM_MEDIAN_REPORTS:]]
    # The median, so that the sentence does not come and go with single reports.
    if not smoothing or not newest or statistics.median(newest) > 0.5:
        return ""
    target = 1 - smoothing
    return (
        "A low line of the real pictures is normal. The discriminator learns to answer 0% for "
        f"fakes and {target:.0%} for real pictures (label smoothing). If it cannot tell them "
        f"apart, it answers about {target / 2:.0%} for both. Less than 50% counts as “fake”, "
        "which is right for most fakes and wrong for most real pictures."
    )


def render_more(snapshot: Snapshot, options: ChartOptions) -> None:
    """Render the charts of all other measurements in an expander, closed at first."""
    more = st.expander(
        "Training in detail", icon=":material/monitoring:", key="more-charts", on_change="rerun"
    )
    if not more.open:
        return
    with more:
        places = st.container(key="detail-charts")  # As many in a row as the window has room for.
        for chart in filter(lambda chart: chart.applies(snapshot), run_charts.CHARTS):
            figure = run_charts.build_chart(chart, snapshot, options)
            with places, st.container(key=f"chart-{chart.key}", gap="xxsmall"):
                st.markdown(f"**{chart.title}**", help=chart.help_text)
                if figure is None:
                    st.caption("Nothing was measured yet.")
                    continue
                render_chart(
                    figure,
                    height=run_charts.HEIGHT,
                    alt=chart.describe(snapshot),
                    key=f"m-{chart.key}",
                )

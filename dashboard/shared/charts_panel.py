"""The charts of the Train page: drawn in place, as a person wants to see them."""

from __future__ import annotations

import streamlit as st

from dashboard.components.chart import render_chart
from dashboard.components.plain_text import escape_markdown
from dashboard.shared import chart_cache, measurement_charts
from dashboard.state.snapshot import Snapshot
from dcgan.export import chart_parts, charts
from dcgan.export.chart_parts import ChartOptions

_EVENTS_SHOWN = 3  # The newest in words; all are marked on the charts.
_WINDOWS = (1, 5, 15, 50, 150)
_COLUMNS = 2


def choose_options() -> ChartOptions:
    """Draw the choice of smoothing and scale."""
    with st.popover("Chart settings", icon=":material/ssid_chart:"):
        window = st.select_slider(
            "Smoothing",
            _WINDOWS,
            key="chart_window",
            persist_state="session",
            format_func=lambda window: "None" if window == 1 else f"{window} points",
            help="Each point becomes the mean of so many of its neighbours; a point is a second or "
            "two of training. Losses of a GAN are noisy, and their trend says more.",
        )
        is_log = st.toggle(
            "Logarithmic scale",
            key="chart_log",
            persist_state="session",
            help="For losses, norms and distances: small values can be told apart, too.",
        )
    return ChartOptions(window, is_log)


def render(now: Snapshot, options: ChartOptions) -> None:
    """Draw losses and accuracies, each with a line on how to read it."""
    losses, accuracy = chart_cache.render(now, options)
    with st.container(key="loss-chart"):
        st.markdown(
            "**Losses**",
            help="What each network still gets wrong. The generator's falls when its fakes pass "
            "for real; the discriminator's falls when it finds them out. Neither should reach 0, "
            "and that the generator's rises slowly is normal: judge by the pictures. Dashed is "
            "where each stands when fakes cannot be told from real images and the game is in "
            "balance: ln 2 = 0.69 for the generator and 2 ln 2 = 1.39 for the discriminator; with "
            "label smoothing a little elsewhere.",
        )
        render_chart(
            losses, height=chart_parts.HEIGHT, alt=charts.describe_losses(now.history), key="l"
        )
        for event in now.events[-_EVENTS_SHOWN:]:
            st.caption(escape_markdown(event.text))
    with st.container(key="accuracy-chart"):
        help_text = (
            "The share of training images that it calls real or fake rightly. At 50% it can "
            "only guess, and the fakes are as good as it can tell."
        )
        if now.config is not None and now.config.label_smoothing > 0:
            help_text += (
                " With label smoothing it is normal that it recognises fewer than half of the real "
                "images: where it cannot tell, its answer lies just below one half, which counts "
                "as fake."
            )
        st.markdown("**Discriminator's accuracy**", help=help_text)
        render_chart(
            accuracy, height=chart_parts.HEIGHT, alt=charts.describe_accuracy(now.history), key="a"
        )


def render_more(now: Snapshot, options: ChartOptions) -> None:
    """Draw all other measurements, while that is open."""
    more = st.expander(
        "More measurements", icon=":material/monitoring:", key="more-charts", on_change="rerun"
    )
    if not more.open:  # Costs nothing.
        return
    with more:
        columns = st.columns(_COLUMNS, gap="medium")
        for index, chart in enumerate(measurement_charts.CHARTS):
            figure = measurement_charts.render(chart, now, options)
            with columns[index % _COLUMNS], st.container(key=f"chart-{chart.key}"):
                st.markdown(f"**{chart.title}**", help=chart.help)
                if figure is None:
                    st.caption("Nothing was measured yet.")
                    continue
                render_chart(
                    figure,
                    height=measurement_charts.HEIGHT,
                    alt=chart.describe(now),
                    key=f"m-{chart.key}",
                )

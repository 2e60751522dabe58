"""Several runs in one chart, what differs between them, and their settings as parallel lines."""

from __future__ import annotations

import streamlit as st

from dashboard.compare.comparison_charts import (
    AXES,
    Axis,
    has_longer_included_run,
    is_log,
    plot_overlay,
    plot_parallel,
)
from dashboard.compare.comparison_table import make_table
from dashboard.compare.records import (
    CURVES,
    Record,
    describe_left_out,
    describe_missing,
    get_record,
    has_points_apart,
    is_comparable,
)
from dashboard.components.chart import render_chart
from dashboard.components.plain_text import escape_markdown
from dashboard.shared import charts_panel, run_labels
from dashboard.shared.following import follow
from dashboard.state.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dcgan.errors import RunError
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.export.chart_parts import DEFAULT_OPTIONS
from dcgan.runs.run_folder import Run

_SHARE_OF_RUNS = 75  # Percent of the table's width, for equal columns.
_MIN_PARALLEL = 4  # With fewer runs the table says more than parallel lines.


@st.fragment
def render(trainer: Trainer, runs: list[Run]) -> None:
    """Render the choice of a curve, its chart, the table and the parallel lines."""
    snapshot = trainer.snapshot()
    if any(map(snapshot.trains, runs)):
        snapshot = follow(trainer)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        curve = st.selectbox(
            "Measure",
            list(CURVES),
            key="compare_measure",
            persist_state="session",
            format_func=CURVES.__getitem__,
            width=260,
            help="A metric has a point at each evaluation, and runs may be evaluated at different "
            "steps. Losses and the like are measured throughout.",
        )
        axis: Axis = st.segmented_control(
            "Against",
            list(AXES),
            default="steps",
            required=True,
            key="compare_axis",
            persist_state="session",
            format_func=AXES.__getitem__,
            help="Steps count updates. Training time is what you wait for. Images seen compares "
            "runs with different batch sizes.",
        )
        options_place = st.container(width="content")
    records = _read_records(runs, snapshot)
    is_whole = not has_longer_included_run(records) or st.toggle(
        "Show the included run to its end", key="compare_whole", persist_state="session"
    )
    figure = plot_overlay(records, curve, axis, DEFAULT_OPTIONS, is_whole=is_whole)
    with options_place:
        options = charts_panel.ask_for_options(must_be_log=is_log(figure))
    if options != DEFAULT_OPTIONS:
        figure = plot_overlay(records, curve, axis, options, is_whole=is_whole)
    with st.container(key="compare-chart"):
        render_chart(
            figure.to_json(),
            height=int(figure.layout.height),
            alt=f"{CURVES[curve]} of {', '.join(title for _, title, _ in records)}, up to "
            f"step {max((record.step for _, _, record in records), default=0)}",
            key="compare",
        )
    notes = []
    if is_log(figure):
        notes.append("On the vertical axis, equal distances are equal factors (logarithmic scale).")
    for run, title, record in records:
        if not record.has(curve):
            reason = describe_missing(run, record, curve)
            notes.append(f"{escape_markdown(title)} has no value: {reason}.")
    if has_points_apart(records, curve):
        notes.append(
            "Each point is an evaluation, and these runs were evaluated at different steps."
        )
    if curve in METRIC_INFO:
        left_out = [
            f"{escape_markdown(title)} was measured {words}"
            for run, title, record in records
            if (words := describe_left_out(run, record))
        ]
        if left_out:
            notes.append(f"{', '.join(left_out)}: what would slow training down is left out.")
    if notes:
        st.caption(" ".join(notes))
    if not is_comparable(records, curve):
        st.caption(
            "These runs learned from different pictures. A metric compares a run with its own "
            "pictures, so its values cannot be compared between these runs."
        )
    st.subheader("What differs", anchor=False)
    table = make_table(records)
    st.html(
        "<style>.st-key-compare-table :is(th, td):not(:first-child) "
        f"{{ width: {_SHARE_OF_RUNS / max(1, len(records)):.4g}%; }}</style>"
    )
    with st.container(key="compare-table"):
        # Not a data frame: its cells are cut, and it has no texts for a screen reader.
        st.table(
            {
                escape_markdown(title): [escape_markdown(cell) for cell in cells]
                for title, cells in table.items()
            },
            border="horizontal",
            hide_index=True,
        )
    lines = plot_parallel(records) if len(records) >= _MIN_PARALLEL else None
    if lines is not None:
        unmeasured = [title for _, title, record in records if not record.evaluations]
        st.caption(
            "Each line is a run; it leads through the run's settings to its best distance. Drag "
            "along an axis to show only the runs in that range."
            + (f" Without: {escape_markdown(', '.join(unmeasured))}." if unmeasured else "")
        )
        with st.container(key="compare-parallel"):
            render_chart(
                lines.to_json(),
                height=int(lines.layout.height),
                alt=f"Settings of {len(records)} runs, and the best distance of each",
                key="parallel",
            )


def _read_records(runs: list[Run], snapshot: Snapshot) -> list[tuple[Run, str, Record]]:
    """Read the runs' records; show a warning for each run that cannot be read."""
    records = []
    titles = run_labels.label_runs(runs)
    for run in runs:
        try:
            records.append((run, titles[run.name], get_record(run, snapshot)))
        except RunError as error:
            st.caption(f":material/warning: {escape_markdown(str(error))}")
    return records

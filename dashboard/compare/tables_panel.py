"""The tables of a comparison, and the settings of many runs as parallel lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from dashboard.charts.compared_runs import (
    ComparedRun,
    find_metric,
    get_common_noun,
    select_measured,
)
from dashboard.compare.folds import fold
from dashboard.compare.parallel_chart import plot_parallel
from dashboard.compare_results.comparison_table import (
    Row,
    make_result_rows,
    make_setting_rows,
    make_titles_unique,
)
from dashboard.compare_results.measurements import explain_precise
from dashboard.components.chart import render_chart
from dashboard.components.plain_text import escape_markdown

_RUN_COLUMNS_PERCENT = 75  # Share of the table's width for the columns of all runs together.
_MIN_PARALLEL = 6  # With fewer runs the table shows as much as parallel lines.


def render(compared: Sequence[ComparedRun], best: Collection[str]) -> None:
    """Render the tables and the parallel lines.

    Args:
        compared: The runs.
        best: Names of the runs whose distance is marked.
    """
    with fold("All numbers", "table", "compare-numbers"):
        _render_table(make_result_rows(compared), compared, "compare-table", best)
        if note := explain_precise(compared, find_metric(compared), get_common_noun(compared)):
            st.caption(note)
    with fold("Settings that differ", "tune", "compare-differing"):
        if rows := make_setting_rows(compared):
            _render_table(rows, compared, "compare-settings")
        else:
            st.caption("None.")
        # In a race hardly anything differs.
        if any(each.race_seconds is None for each in compared):
            _render_parallel(compared)


def _render_table(
    rows: Sequence[Row],
    compared: Sequence[ComparedRun],
    key: str,
    best: Collection[str] = (),
) -> None:
    """Render rows with one column for each run; mark the results of the best ones."""
    columns = {"": [_format_label(row) for row in rows]}
    titles = make_titles_unique([compared_run.title for compared_run in compared])
    for index, (title, compared_run) in enumerate(zip(titles, compared, strict=True)):
        is_best = compared_run.run.name in best
        columns[escape_markdown(title)] = [
            _format_cell(row.cells[index], is_best=is_best and row.marks_best_run) for row in rows
        ]
    num = max(1, len(compared))
    st.html(
        f"<style>.st-key-{key} :is(th, td):not(:first-child) "
        f"{{ width: {_RUN_COLUMNS_PERCENT / num:.4g}%; }} "
        f".st-key-{key} {{ --runs: {num}; }}</style>"
    )
    with st.container(key=key):
        # Not a data frame: its cells are cut, and it has no texts for a screen reader.
        st.table(columns, border="horizontal", hide_index=True)


def _format_label(row: Row) -> str:
    label = escape_markdown(row.label)
    return f"{label} :small[{escape_markdown(row.hint)}]" if row.hint else label


def _format_cell(text: str, *, is_best: bool) -> str:
    escaped = escape_markdown(text)
    return f":green-badge[:material/check: {escaped}]" if is_best else escaped


def _render_parallel(compared: Sequence[ComparedRun]) -> None:
    """Render the settings of many runs as parallel lines."""
    lines = plot_parallel(compared) if len(select_measured(compared)) >= _MIN_PARALLEL else None
    if lines is not None:
        unmeasured = [
            compared_run.title for compared_run in compared if not compared_run.is_measured
        ]
        st.caption(
            "Each line is a run. It leads down through its settings to its distance; the nearest "
            "is on the left."
            + (f" Without: {escape_markdown(', '.join(unmeasured))}." if unmeasured else "")
        )
        with st.container(key="compare-parallel"):
            render_chart(
                lines.to_json(),
                height=int(lines.layout.height),
                alt=f"Settings of {len(compared)} runs, and the distance of each",
                key="parallel",
                grows=True,
            )

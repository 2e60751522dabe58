"""The better of several runs, a chart of all, their results, and the settings that differ."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.charts import charts_panel
from dashboard.charts.horizontal_axis import AXES, Axis, describe_continuations
from dashboard.charts.overlay_chart import is_log, plot_overlay
from dashboard.charts.records import (
    ComparedRun,
    choose_curve,
    describe_skipped_evaluations,
    explain_missing_curve,
    find_metric,
    have_different_steps,
    have_digits,
    label_curve,
    list_curves,
    read_current_record,
)
from dashboard.compare import result_cards
from dashboard.compare.comparison_table import (
    Row,
    make_result_rows,
    make_setting_rows,
    make_titles_unique,
)
from dashboard.compare.parallel_chart import plot_parallel
from dashboard.compare.result import Result, compare_runs
from dashboard.components.chart import render_chart
from dashboard.components.plain_text import TEXT_WIDTH, escape_markdown
from dashboard.shared import run_labels
from dashboard.shared.following import follow
from dashboard.shared.glossary import explain, explain_settings
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dcgan.charts.chart_parts import DEFAULT_OPTIONS
from dcgan.errors import RunError
from dcgan.evaluation.metric_info import METRIC_INFO, format_metric
from dcgan.runs.run_folder import Run
from dcgan.wording import quote_title

_RUN_COLUMNS_PERCENT = 75  # Share of the table's width for the columns of all runs together.

# Terms of the glossary that explain the curves of steps.
_TERMS = {
    "fake_accuracy": "accuracy",
    "real_accuracy": "accuracy",
    "generator_loss": "loss",
    "discriminator_loss": "loss",
    "generator_gradient_norm": "gradient_norm",
    "discriminator_gradient_norm": "gradient_norm",
    "images_per_second": "speed",
}

# Keys of the session.
_MEASURE = "compare_measure"  # The choice of a curve.
# Names of the runs for which the page chose the curve; None if a person chose it.
_RUNS_OF_PAGE_CHOICE = "compare_runs_of_curve"

_MIN_PARALLEL = 4  # With fewer runs the table shows more than parallel lines.


@st.fragment
def render(trainer: Trainer, runs: list[Run], colors: dict[str, int]) -> None:
    """Render the result, a chart of a chosen curve, the tables and the parallel lines.

    Args:
        trainer: The trainer.
        runs: The runs to compare.
        colors: Index of the colour of each, by name.
    """
    snapshot = trainer.snapshot()
    if any(map(snapshot.trains, runs)):
        snapshot = follow(trainer)
    compared = _read_runs(runs, snapshot, colors)
    result = compare_runs(compared)
    with st.container(key="compare-result", gap="small"):
        st.subheader(escape_markdown(result.headline), anchor=False)
        result_cards.render(compared, result)
        with st.container(width=TEXT_WIDTH, gap="xsmall", key="compare-notes"):
            for note in result.notes:
                st.markdown(
                    f"- **{note.question}.** {escape_markdown(note.answer)}",
                    help=explain_settings(note.settings),
                )
    _render_chart(compared)
    st.subheader("Results", anchor=False)
    _render_table(make_result_rows(compared), compared, "compare-table", result)
    st.subheader("Settings that differ", anchor=False)
    if rows := make_setting_rows(compared):
        _render_table(rows, compared, "compare-settings")
    else:
        st.caption("None.")
    _render_parallel(compared)


def _render_chart(compared: Sequence[ComparedRun]) -> None:
    """Render the choice of a curve and its chart, with notes on missing values."""
    _choose_curve_for_new_runs(compared)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        curve = st.selectbox(
            "Measure",
            list_curves(compared),
            key=_MEASURE,
            persist_state="session",
            on_change=_keep_chosen_curve,
            format_func=lambda curve: label_curve(curve, compared),
            width=260,
            help=_explain_curve(st.session_state.get(_MEASURE, find_metric(compared)), compared),
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
    notes = _list_chart_notes(compared, curve)
    if not any(compared_run.record.has_curve(curve) for compared_run in compared):
        missing = "None of these runs has a value for this measure yet."
        st.info(escape_markdown(" ".join([missing, *notes])))
        return
    continuations = describe_continuations(compared, axis, curve)
    is_whole = not continuations or st.toggle(
        "Show the included run to its end", key="compare_whole", persist_state="session"
    )
    figure = plot_overlay(compared, curve, axis, DEFAULT_OPTIONS, is_whole=is_whole)
    with options_place:
        options = charts_panel.ask_for_options(must_be_log=is_log(figure))
    if options != DEFAULT_OPTIONS:
        figure = plot_overlay(compared, curve, axis, options, is_whole=is_whole)
    titles = ", ".join(compared_run.title for compared_run in compared)
    last_step = max((compared_run.record.step for compared_run in compared), default=0)
    with st.container(key="compare-chart"):
        render_chart(
            figure.to_json(),
            height=int(figure.layout.height),
            alt=f"{label_curve(curve, compared)} of {titles}, up to step {last_step}",
            key="compare",
        )
    if not is_whole:
        notes += [
            f"{quote_title(compared_run.title)} continues to {end}"
            f"{_describe_end(compared_run, curve)}."
            for compared_run, end in continuations
        ]
    if is_log(figure):
        notes.append("The vertical axis is logarithmic: equal distances are equal factors.")
    if notes:
        st.caption(escape_markdown(" ".join(notes)))


def _explain_curve(curve: str, compared: Sequence[ComparedRun]) -> str:
    """Explain the chosen curve, and when it is measured."""
    if curve in METRIC_INFO:
        noun = "digit" if have_digits(compared) else "picture"
        return f"{METRIC_INFO[curve].explain(noun)}\n\nIt is measured at each evaluation."
    return f"{explain(_TERMS[curve])}\n\nIt is measured in every step."


def _describe_end(compared_run: ComparedRun, curve: str) -> str:
    """Return the last value of a metric in a run that the chart cuts off; "" for a loss."""
    record = compared_run.record
    if curve not in METRIC_INFO or not record.has_curve(curve):
        return ""
    value = format_metric(curve, record.newest_evaluation.metrics[curve])
    return f", where its value is {value}"


def _choose_curve_for_new_runs(compared: Sequence[ComparedRun]) -> None:
    """Choose a curve that these runs have, unless a person chose one.

    The page chooses again only for other runs, not when a run in training gets another curve.
    """
    names = [compared_run.run.name for compared_run in compared]
    if st.session_state.get(_MEASURE, "") not in list_curves(compared):
        st.session_state[_RUNS_OF_PAGE_CHOICE] = []
    if st.session_state.get(_RUNS_OF_PAGE_CHOICE, []) not in (None, names):
        st.session_state[_MEASURE] = choose_curve(compared)
        st.session_state[_RUNS_OF_PAGE_CHOICE] = names


def _keep_chosen_curve() -> None:
    st.session_state[_RUNS_OF_PAGE_CHOICE] = None


def _list_chart_notes(compared: Sequence[ComparedRun], curve: str) -> list[str]:
    """Return sentences on the values that are missing in a chart, as plain text."""
    notes = [
        f"{quote_title(compared_run.title)} has no value: "
        f"{explain_missing_curve(compared_run.run, compared_run.record, curve)}."
        for compared_run in compared
        # The result at the top of the page already names the distance.
        if not compared_run.record.has_curve(curve) and curve != find_metric(compared)
    ]
    if have_different_steps(compared, curve):
        notes.append(
            "Each point is an evaluation, and these runs were evaluated at different steps."
        )
    skipped = [
        f"{quote_title(compared_run.title)} was measured {count}"
        for compared_run in compared
        if curve in METRIC_INFO
        and (count := describe_skipped_evaluations(compared_run.run, compared_run.record))
    ]
    inherited = [
        quote_title(compared_run.title)
        for compared_run in compared
        if curve in METRIC_INFO
        and len(compared_run.record.evaluations_since_change) < len(compared_run.record.evaluations)
    ]
    if inherited:
        notes.append(
            f"The thin part of {', '.join(inherited)} was measured before the run was branched or "
            "changed, so it does not count as a result."
        )
    if skipped:
        notes.append(f"{', '.join(skipped)}, so that measuring did not slow training down.")
    return notes


def _render_table(
    rows: Sequence[Row],
    compared: Sequence[ComparedRun],
    key: str,
    result: Result | None = None,
) -> None:
    """Render rows with one column for each run; mark the results of the best ones."""
    columns = {"": [escape_markdown(row.label) for row in rows]}
    titles = make_titles_unique([compared_run.title for compared_run in compared])
    for index, (title, compared_run) in enumerate(zip(titles, compared, strict=True)):
        is_best = result is not None and compared_run.run.name in result.best
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


def _format_cell(text: str, *, is_best: bool) -> str:
    escaped = escape_markdown(text)
    return f":green-badge[:material/check: {escaped}]" if is_best else escaped


def _render_parallel(compared: Sequence[ComparedRun]) -> None:
    """Render the settings of many runs as parallel lines."""
    lines = plot_parallel(compared) if len(compared) >= _MIN_PARALLEL else None
    if lines is not None:
        unmeasured = [
            compared_run.title
            for compared_run in compared
            if not compared_run.record.evaluations_since_change
        ]
        st.caption(
            "Each line is a run. It leads through the settings of the run to its best distance. "
            "Drag along an axis to show only the runs in that range."
            + (f" Without: {escape_markdown(', '.join(unmeasured))}." if unmeasured else "")
        )
        with st.container(key="compare-parallel"):
            render_chart(
                lines.to_json(),
                height=int(lines.layout.height),
                alt=f"Settings of {len(compared)} runs, and the best distance of each",
                key="parallel",
            )


def _read_runs(runs: list[Run], snapshot: Snapshot, colors: dict[str, int]) -> list[ComparedRun]:
    """Read the runs' records; show a note for each run that cannot be read."""
    compared = []
    titles = run_labels.label_runs(runs)
    for run in runs:
        try:
            record = read_current_record(run, snapshot)
            compared.append(ComparedRun(run, titles[run.name], record, colors[run.name]))
        except RunError as error:
            st.caption(f":material/warning: {escape_markdown(str(error))}")
    return compared

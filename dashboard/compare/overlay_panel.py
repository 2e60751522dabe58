"""A chart of several runs, and the tables of their results and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.charts import charts_panel
from dashboard.charts.compared_runs import (
    ComparedRun,
    find_metric,
    get_common_noun,
    label_curve,
    list_curves,
)
from dashboard.charts.curve_notes import (
    describe_skipped_evaluations,
    explain_missing_curve,
    explain_no_line,
    explain_quick_points,
    have_different_steps,
)
from dashboard.charts.overlay_axis import AXES, Axis, describe_continuations, find_last_value
from dashboard.charts.overlay_chart import plot_overlay
from dashboard.charts.overlay_marks import is_log
from dashboard.compare import tables_panel
from dashboard.compare.folds import fold
from dashboard.compare_results.measurements import has_dots
from dashboard.compare_results.raced import compare_with_races, read_runs
from dashboard.components.chart import render_chart
from dashboard.components.plain_text import escape_markdown
from dashboard.run_facts.raced_runs import map_raced_runs
from dashboard.state.trainer import Trainer
from dashboard.tab import compare_address
from dashboard.tab.following import follow
from dashboard.wording.glossary import explain
from dcgan.charts.chart_parts import DEFAULT_OPTIONS
from dcgan.evaluation.metric_info import METRIC_INFO, format_metric
from dcgan.runs.run_folder import Run
from dcgan.wording import quote_title

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

_FIRST_AXIS: Axis = "steps"

# Keys of the session.
_MEASURE = "compare_measure"  # The choice of a curve.
_AXIS = "compare_axis"  # The choice of the horizontal axis.
_LABELS = "compare_measure_labels"  # The labels of the offered curves.
# Names of the runs for which the page chose the curve; None if a person chose it.
_RUNS_OF_PAGE_CHOICE = "compare_runs_of_curve"


@st.fragment
def render(
    trainer: Trainer, runs: Sequence[Run], colors: Mapping[str, int], labels: Mapping[str, str]
) -> None:
    """Render a chart of a chosen curve and the tables.

    Args:
        trainer: The trainer.
        runs: The runs to compare.
        colors: Index of the colour of each, by name.
        labels: Their labels by name.
    """
    snapshot = trainer.snapshot()
    if any(map(snapshot.trains, runs)):
        snapshot = follow(trainer, key="news-charts")
    raced = map_raced_runs(trainer.root)  # Again: a race measures its runs meanwhile.
    compared, _ = read_runs(runs, snapshot, colors, labels, raced)
    result = compare_with_races(compared, raced)
    is_linked = compare_address.links(compare_address.MEASURE, compare_address.AXIS)
    _use_linked_choices(compared)
    with fold("Curves of training", "show_chart", "compare-curves", is_open=is_linked):
        _render_chart(compared)
    tables_panel.render(compared, result.best)
    compare_address.write(shows_race=False, key="address-chart")


def _use_linked_choices(compared: Sequence[ComparedRun]) -> None:
    """Choose the curve and the axis of the page's address; ignore those that there are not."""
    for curve in compare_address.take_linked_choice(compare_address.MEASURE)[:1]:
        if curve in list_curves(compared):
            st.session_state[_MEASURE] = curve
            st.session_state[_RUNS_OF_PAGE_CHOICE] = None
    for axis in compare_address.take_linked_choice(compare_address.AXIS)[:1]:
        if axis in AXES:
            st.session_state[_AXIS] = axis


def _render_chart(compared: Sequence[ComparedRun]) -> None:
    """Render the choice of a curve and its chart, with notes on missing values."""
    _choose_curve_for_new_runs(compared)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        curve, axis = _ask_for_curve_and_axis(compared)
        options_place = st.container(width="content")
    notes = _list_chart_notes(compared, curve)
    is_distance = curve == find_metric(compared)
    if is_distance and (reason := explain_no_line(compared, has_dots=has_dots(compared))):
        st.info(escape_markdown(reason))
        return
    if not any(compared_run.record.has_curve(curve) for compared_run in compared):
        missing = "None of these runs has a value for this measure yet."
        st.info(escape_markdown(" ".join([missing, *notes])))
        return
    continuations = describe_continuations(compared, axis, curve)
    is_whole = not continuations or st.toggle(
        "Show the included run to its end"
        if len(continuations) == 1
        else "Show the included runs to their ends",
        key="compare_whole",
        persist_state="session",
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
            grows=True,
        )
    if not is_whole:
        notes += [
            f"{quote_title(compared_run.title)} continues to {end}"
            f"{_describe_end(compared_run, curve)}."
            for compared_run, end in continuations
        ]
    if is_log(figure):
        notes.append(
            "The vertical axis is logarithmic: each step up multiplies by the same factor."
        )
    if any(notes):
        st.caption(escape_markdown(" ".join(filter(None, notes))))


def _ask_for_curve_and_axis(compared: Sequence[ComparedRun]) -> tuple[str, Axis]:
    """Render the choices of a curve and of the horizontal axis; the address keeps them."""
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
    st.session_state.setdefault(_AXIS, _FIRST_AXIS)
    chosen_axis: Axis | None = st.segmented_control(
        "Against",
        list(AXES),
        required=True,
        key=_AXIS,
        persist_state="session",
        format_func=AXES.__getitem__,
        help="Steps: updates of both networks. Training time: the time that you wait. Pictures "
        "seen: fair to runs with different batch sizes.",
    )
    axis = chosen_axis or _FIRST_AXIS  # A required field has a value, which its type does not say.
    is_chosen = st.session_state[_RUNS_OF_PAGE_CHOICE] is None
    compare_address.keep_choice(compare_address.MEASURE, [curve] if is_chosen else [])
    compare_address.keep_choice(compare_address.AXIS, [axis] if axis != _FIRST_AXIS else [])
    return curve, axis


def _explain_curve(curve: str, compared: Sequence[ComparedRun]) -> str:
    """Explain the chosen curve, and when it is measured."""
    if curve in METRIC_INFO:
        noun = get_common_noun(compared)
        return f"{METRIC_INFO[curve].explain(noun)}\n\nIt is measured at the end of an epoch."
    return f"{explain(_TERMS[curve])}\n\nIt is measured in every step."


def _describe_end(compared_run: ComparedRun, curve: str) -> str:
    """Return the last value of a metric in a run that the chart cuts off; "" for a loss."""
    last = find_last_value(compared_run, curve)
    if last is None:
        return ""
    value = format_metric(curve, last.metrics[curve])
    if last is compared_run.measurement:
        return f", beyond the edge, where its diamond would be at {value}"
    return f", where its value is {value}"


def _choose_curve_for_new_runs(compared: Sequence[ComparedRun]) -> None:
    """Choose the distance by which these runs are ranked, unless a person chose a curve."""
    names = sorted(compared_run.run.name for compared_run in compared)  # In any order.
    labels = [label_curve(curve, compared) for curve in list_curves(compared)]
    if labels != st.session_state.get(_LABELS) and _MEASURE in st.session_state:
        # The browser keeps the old label of the chosen curve until its value is set.
        st.session_state[_MEASURE] = st.session_state[_MEASURE]
    st.session_state[_LABELS] = labels
    if st.session_state.get(_MEASURE, "") not in list_curves(compared):
        st.session_state[_RUNS_OF_PAGE_CHOICE] = []
    if st.session_state.get(_RUNS_OF_PAGE_CHOICE, []) not in (None, names):
        st.session_state[_MEASURE] = find_metric(compared)
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
    if curve in METRIC_INFO and (quick := explain_quick_points(compared, curve)):
        notes.append(quick)
    elif have_different_steps(compared, curve):
        notes.append("Each point is a measurement; these runs were measured at different steps.")
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

"""The tables of a comparison: the results of runs, and the settings that differ.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.charts.records import (
    ComparedRun,
    Record,
    find_best_distance,
    is_comparable,
    label_curve,
)
from dcgan.config.config_text import format_setting, hide_dataset_path
from dcgan.config.setting_info import get_setting_label, list_settings_that_affect
from dcgan.config.settings import Settings
from dcgan.durations import describe_seconds
from dcgan.evaluation.metric_info import MAIN_METRIC, format_metric
from dcgan.runs.run_folder import Run

_NONE = "–"
_PLAIN_WORDS = {"precision": "Looks real: ", "recall": "Variety: "}  # Before a metric's name.


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        label: Its name.
        cells: One for each run, as plain text.
        marks_best_run: Whether the best run's cell is marked.
    """

    label: str
    cells: tuple[str, ...]
    marks_best_run: bool = False


def list_differing_settings(runs: Sequence[Run]) -> list[str]:
    """Return the names of the settings that differ, except those that only affect saving."""
    configs = [hide_dataset_path(run.config) for run in runs]
    saving = list_settings_that_affect("saving")
    differing = [
        name
        for name in Settings.model_fields
        if name not in saving and len({getattr(config, name) for config in configs}) > 1
    ]
    # Two sets of own pictures may have the same name.
    if set(list_settings_that_affect("pictures")).isdisjoint(differing):
        has_other_pictures = len({run.dataset.fingerprint for run in runs}) > 1
        return [*(["dataset"] if has_other_pictures else []), *differing]
    return differing


def list_differing_in_learning(runs: Sequence[Run]) -> list[str]:
    """Return the settings that differ and affect learning.

    Those that affect only saving, or when a run ends or is measured, are left out.
    """
    schedule = list_settings_that_affect("schedule")
    return [name for name in list_differing_settings(runs) if name not in schedule]


def make_result_rows(compared: Sequence[ComparedRun]) -> list[Row]:
    """Make the rows of the results of runs.

    The label of a metric contains the value of real images, if the runs have the same real images.
    """

    def make_row(
        label: str, describe: Callable[[Record], str], *, marks_best_run: bool = False
    ) -> Row:
        return Row(label, tuple(describe(each.record) for each in compared), marks_best_run)

    def make_metric_row(name: str) -> Row:
        label = label_curve(name, compared)
        if name in _PLAIN_WORDS:
            label = f"{_PLAIN_WORDS[name]}{label.lower()}"
        real = _find_real_value(compared, name)
        label += "" if real is None else f" (real ones {format_metric(name, real)})"
        return make_row(
            label, lambda record: _format_last(record, name), marks_best_run=name == MAIN_METRIC
        )

    return [
        make_metric_row(MAIN_METRIC),
        make_row(_label_least_distance(compared), _format_best),
        make_metric_row("precision"),
        make_metric_row("recall"),
        make_row(
            "Measured at step",
            lambda record: (
                f"{record.own_evaluations[-1].step:,}" if record.own_evaluations else _NONE
            ),
        ),
        make_row("Trained to step", lambda record: f"{record.step:,}" if record.history else _NONE),
        make_row(
            "Time trained",
            lambda record: (
                describe_seconds(record.history[-1].seconds) if record.history else _NONE
            ),
        ),
    ]


def _label_least_distance(compared: Sequence[ComparedRun]) -> str:
    """Return a label that says what a distance below that of real images means, if there is one."""
    label, real = "Least distance so far", _find_real_value(compared, MAIN_METRIC)
    least = min(filter(None, (find_best_distance(each.record) for each in compared)), default=None)
    if real is None or least is None or least >= real:
        return label
    return f"{label} (below {format_metric(MAIN_METRIC, real)} lower is not better)"


def _find_real_value(compared: Sequence[ComparedRun], name: str) -> float | None:
    """Return the value of real images; None if the runs have none, or different ones."""
    measured = [each.record.own_evaluations[-1] for each in compared if each.record.has(name)]
    if not measured or not is_comparable(compared, name):
        return None
    return measured[0].real_metrics.get(name)


def _format_last(record: Record, name: str) -> str:
    if not record.own_evaluations:
        change = record.last_change
        since = f" since step {change.step:,}" if change and record.evaluations else ""
        return f"not measured{since}"
    return format_metric(name, record.own_evaluations[-1].metrics[name])


def _format_best(record: Record) -> str:
    best = find_best_distance(record)
    return _NONE if best is None else format_metric(MAIN_METRIC, best)


def make_setting_rows(compared: Sequence[ComparedRun]) -> list[Row]:
    """Make the rows of the settings that differ; empty if none differs."""
    runs = [each.run for each in compared]
    names = list_differing_settings(runs)
    rows = [
        Row(get_setting_label(name), tuple(format_compared(run, name) for run in runs))
        for name in names
    ]
    if "dataset" not in names and len({run.dataset.name for run in runs}) > 1:
        rows.append(Row("Data set", tuple(run.dataset.name for run in runs)))
    if any(each.record.changes for each in compared):
        changes = tuple(" ".join(each.record.changes) or "nothing" for each in compared)
        rows.append(Row("Changed during training", changes))
    return rows


def format_compared(run: Run, name: str) -> str:
    """Format a setting that differs; two sets of own pictures may have the same name."""
    text = format_setting(hide_dataset_path(run.config), name)
    return f"{text}, {run.dataset.num_images:,} images" if name == "dataset" else text


def make_unique(titles: Sequence[str]) -> list[str]:
    """Return titles as the names of columns: not empty, and equal ones numbered."""
    names: list[str] = []
    for title in titles:
        name = unique = title or "Run"
        number = 2
        while unique in names:
            unique, number = f"{name} ({number})", number + 1
        names.append(unique)
    return names

"""The table of what differs between runs. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.compare.records import Record, find_best_distance
from dcgan.config_text import format_setting, hide_dataset_path
from dcgan.durations import describe_seconds
from dcgan.evaluation.metric_info import METRIC_INFO, format_metric
from dcgan.runs.run_folder import Run
from dcgan.setting_info import get_setting_label
from dcgan.settings import Settings

# Settings of what is saved; they do not change what is learned.
_OF_NO_EFFECT = frozenset(
    ("sample_seconds", "checkpoint_seconds", "keep_checkpoints", "tensorboard")
)


def list_differing_settings(runs: Sequence[Run]) -> list[str]:
    """Return the names of the settings that differ, except those without effect on the result."""
    return [
        name
        for name in Settings.model_fields
        if name not in _OF_NO_EFFECT and len({_get_compared(run, name) for run in runs}) > 1
    ]


def _get_compared(run: Run, name: str) -> object:
    """Return a value to compare; two sets of own pictures may have the same name."""
    value = getattr(hide_dataset_path(run.config), name)
    return (value, run.dataset.fingerprint) if name == "dataset" else value


def make_table(records: Sequence[tuple[Run, str, Record]]) -> dict[str, list[str]]:
    """Make a table of the settings that differ and of the results, with one column for each run.

    Returns:
        Cells by column title; the first column has no title and holds the labels of the rows.
    """
    names = list_differing_settings([run for run, _, _ in records])
    labels = [get_setting_label(name) for name in names]
    has_data = "dataset" not in names and len({run.dataset.name for run, _, _ in records}) > 1
    has_changes = any(record.changes for _, _, record in records)
    rows = [*labels]
    rows += ["Data set"] if has_data else []
    rows += ["Changed during training"] if has_changes else []
    rows += ["Steps", "Time trained"]
    metrics = ("frechet_distance", "precision", "recall")
    rows += [f"{METRIC_INFO[name].label}, last" for name in metrics]
    rows += [f"{METRIC_INFO['frechet_distance'].label}, best"]
    columns = {"": rows}
    for run, title, record in records:
        last = record.history[-1] if record.history else None
        evaluation = record.evaluations[-1] if record.evaluations else None
        best = find_best_distance(record)
        shared = hide_dataset_path(run.config)
        cells = [format_setting(shared, name) for name in names]
        cells += [run.dataset.name] if has_data else []
        cells += [" ".join(record.changes) or "nothing"] if has_changes else []
        cells += [
            "–" if last is None else f"{last.step:,}",
            "–" if last is None else describe_seconds(last.seconds),
        ]
        cells += [
            "–" if evaluation is None else format_metric(name, evaluation.metrics[name])
            for name in metrics
        ]
        cells.append("–" if best is None else format_metric("frechet_distance", best))
        columns[_make_unique(title, columns)] = cells
    return columns


def _make_unique(title: str, columns: dict[str, list[str]]) -> str:
    name = unique = title or "Run"
    number = 2
    while unique in columns:
        unique, number = f"{name} ({number})", number + 1
    return unique

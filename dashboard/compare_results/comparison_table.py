"""The tables of a comparison: the results of runs, and the settings that differ.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.charts.compared_runs import (
    ComparedRun,
    Record,
    are_quick,
    find_best_distance,
    find_metric,
    get_common_noun,
    label_curve,
)
from dashboard.charts.trained_time import (
    describe_time_trained,
    find_limit_after_first_step,
    has_limit_of_race,
)
from dashboard.compare_results.measurements import find_source
from dashboard.wording.glossary import explain, explain_briefly
from dcgan.config.config_text import format_setting, hide_dataset_path
from dcgan.config.setting_info import (
    LEARNING_RATES,
    LEARNING_RATES_LABEL,
    get_setting_label,
    list_settings_that_affect,
)
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.metric_info import format_metric
from dcgan.runs.run_folder import Run

_NO_VALUE = "–"
_PLAIN_WORDS = {"precision": "Looks real: ", "recall": "Variety: "}  # Before a metric's name.


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        label: Text of the first column.
        cells: Text of each run's column, plain.
        marks_best_run: Whether the best run's cell is marked.
        hint: A short explanation below the label, plain; "" for none.
    """

    label: str
    cells: tuple[str, ...]
    marks_best_run: bool = False
    hint: str = ""


def list_differing_settings(runs: Sequence[Run]) -> list[str]:
    """Return the names of the settings that differ, except those that only affect saving.

    Augmentation differs only if it has different effects on the runs' pictures.
    """
    configs = [hide_dataset_path(run.config) for run in runs]
    sizes = [run.dataset.num_images for run in runs]

    def differs(name: str) -> bool:
        values = {getattr(config, name) for config in configs}
        effects = {
            config.get_effect(name, size) for config, size in zip(configs, sizes, strict=True)
        }
        return len(values) > 1 and len(effects) > 1

    saving_settings = list_settings_that_affect("saving")
    differing = [
        name for name in Settings.model_fields if name not in saving_settings and differs(name)
    ]
    # Two sets of own pictures may have the same name.
    if set(list_settings_that_affect("pictures")).isdisjoint(differing):
        has_other_pictures = len({run.dataset.fingerprint for run in runs}) > 1
        return [*(["dataset"] if has_other_pictures else []), *differing]
    return differing


def list_differing_learning_settings(runs: Sequence[Run]) -> list[str]:
    """Return the names of the settings that differ and affect learning.

    Settings that affect only saving, or when a run ends or is measured, are left out.
    """
    schedule_settings = list_settings_that_affect("schedule")
    return [name for name in list_differing_settings(runs) if name not in schedule_settings]


def merge_learning_rates(names: Sequence[str], runs: Sequence[Run]) -> dict[str, str]:
    """Return the labels of some settings by name, with one label for two equal learning rates.

    Args:
        names: The settings.
        runs: Runs with different values of them.
    """
    labels = {name: get_setting_label(name) for name in names}
    first, second = LEARNING_RATES
    are_equal = all(getattr(run.config, first) == getattr(run.config, second) for run in runs)
    if are_equal and labels.pop(second, ""):
        labels[first] = LEARNING_RATES_LABEL
    return labels


def make_result_rows(compared: Sequence[ComparedRun]) -> list[Row]:
    """Make the rows with the results of runs.

    The label of a metric contains the value of real images, if all runs have the same ones.
    """
    main_metric = find_metric(compared)

    def make_row(label: str, describe: Callable[[Record], str], hint: str = "") -> Row:
        cells = tuple(describe(compared_run.record) for compared_run in compared)
        return Row(label, cells, hint=hint)

    def format_value(compared_run: ComparedRun, metric: str, num_images: int) -> str:
        source = find_source(compared_run, metric)
        if source is None:
            return _explain_no_value(compared_run)
        value = format_metric(metric, source.metrics[metric])
        if source.num_images < num_images and compared_run.lacks_precise:
            value = f"{value} (quick)"
        # In the comparison of precise distances, other metrics may be of quick measurements.
        is_older = source.step != compared_run.result.step
        return f"{value} (step {source.step:,})" if is_older else value

    def make_metric_row(metric: str) -> Row:
        label = label_curve(metric, compared)
        if metric in _PLAIN_WORDS:
            label = f"{_PLAIN_WORDS[metric]}{label.lower()}"
        real = _find_real_value(compared, metric)
        if real is not None:
            real_images = f"real {get_common_noun(compared)}s"
            subject = f"two sets of {real_images}" if metric == main_metric else real_images
            label += f" ({subject}: {format_metric(metric, real)})"
        num_images = _count_images(compared, metric)
        cells = tuple(format_value(compared_run, metric, num_images) for compared_run in compared)
        return Row(label, cells, metric == main_metric, _explain_quick_metric(compared, metric))

    are_precise = any(compared_run.measurement is not None for compared_run in compared)
    has_race_time = any(compared_run.race_seconds is not None for compared_run in compared)
    has_copies = any(compared_run.record.has_curve("copies") for compared_run in compared)
    return [
        make_metric_row(main_metric),
        # Precise measurements are of the end only.
        *([] if are_precise else [_make_lowest_row(compared, main_metric)]),
        make_metric_row("precision"),
        make_metric_row("recall"),
        *([make_metric_row("copies")] if has_copies else []),
        Row(
            "Measured at step",
            tuple(
                f"{compared_run.result.step:,}"
                if compared_run.is_measured or compared_run.unranked
                else _NO_VALUE
                for compared_run in compared
            ),
        ),
        make_row(
            "Trained to step", lambda record: f"{record.step:,}" if record.history else _NO_VALUE
        ),
        Row(
            "Time trained",
            tuple(describe_time_trained(compared_run) or _NO_VALUE for compared_run in compared),
            hint="In a race, the time of the first step is left out: it builds the networks."
            if has_race_time
            else "",
        ),
    ]


def _make_lowest_row(compared: Sequence[ComparedRun], metric: str) -> Row:
    """Make the row of the lowest distances.

    If one of them is below the distance between two sets of real images, a hint explains it.
    """
    best = [find_best_distance(compared_run.record, metric) for compared_run in compared]
    cells = tuple(_NO_VALUE if value is None else format_metric(metric, value) for value in best)
    real = _find_real_value(compared, metric)
    is_below = real is not None and any(value is not None and value < real for value in best)
    noun = get_common_noun(compared)
    hint = ""
    if is_below and real is not None:
        hint = f"Two sets of real {noun}s are {format_metric(metric, real)} apart; "
        hint += "below that, lower is not better."
    label = "Lowest quick distance so far" if are_quick(compared) else "Lowest distance so far"
    return Row(label, cells, hint=hint)


def _count_images(compared: Sequence[ComparedRun], metric: str) -> int:
    """Return the largest number of images of a metric; 0 if no run has it."""
    sources = [find_source(compared_run, metric) for compared_run in compared]
    return max((source.num_images for source in sources if source is not None), default=0)


def _find_real_value(compared: Sequence[ComparedRun], metric: str) -> float | None:
    """Return a metric of real images; None without one, or if the runs have different images.

    Quick values beside precise ones are left out.
    """
    num_images = _count_images(compared, metric)
    sources = [
        (compared_run.run.dataset.fingerprint, source)
        for compared_run in compared
        if (source := find_source(compared_run, metric)) is not None
        and (source.num_images == num_images or not compared_run.lacks_precise)
    ]
    if len({(fingerprint, source.num_images) for fingerprint, source in sources}) != 1:
        return None
    _, first = sources[0]
    return first.real_metrics.get(metric)


def _explain_quick_metric(compared: Sequence[ComparedRun], metric: str) -> str:
    """Return the number of images of a metric, if it has fewer of them than the distance; or ""."""
    for compared_run in compared:
        source = find_source(compared_run, metric)
        if source is not None and source.num_images < compared_run.result.num_images:
            noun = get_common_noun(compared)
            return f"Measured during training, with {source.num_images:,} {noun}s."
    return ""


def _explain_no_value(compared_run: ComparedRun) -> str:
    record = compared_run.record
    if compared_run.is_measured:
        return _NO_VALUE
    change = record.last_change
    since = f" since step {change.step:,}" if change and record.evaluations else ""
    return f"not measured{since}"


def make_setting_rows(compared: Sequence[ComparedRun]) -> list[Row]:
    """Make the rows of the settings that differ; empty if none differs."""
    runs = [compared_run.run for compared_run in compared]
    names = _list_compared_settings(compared)
    rows = [
        Row(
            label,
            tuple(_format_setting_of(compared_run, name) for compared_run in compared),
            hint=explain("learning_rate")
            if label == LEARNING_RATES_LABEL
            else explain_briefly(name),
        )
        for name, label in merge_learning_rates(names, runs).items()
    ]
    if "dataset" not in names and len({run.dataset.name for run in runs}) > 1:
        rows.append(Row("Data set", tuple(run.dataset.name for run in runs)))
    if any(compared_run.record.changes for compared_run in compared):
        changes = tuple(
            " ".join(compared_run.record.changes) or "nothing" for compared_run in compared
        )
        rows.append(Row("Changed during training", changes))
    return rows


def _list_compared_settings(compared: Sequence[ComparedRun]) -> list[str]:
    """List the settings that differ between runs, without a time limit that is the same.

    Those that only decide how long a run trains, or when it is measured, are last.
    """
    names = list_differing_settings([compared_run.run for compared_run in compared])
    if _train_equally_long(compared):
        names = [name for name in names if name != "max_seconds"]
    schedule_settings = list_settings_that_affect("schedule")
    return sorted(names, key=lambda name: name in schedule_settings)


def _train_equally_long(compared: Sequence[ComparedRun]) -> bool:
    """Return whether the time limits of all runs are equal, counted from their first step.

    The first step also builds the networks, so a race adds its time to each run's limit.
    """
    limits = set(map(find_limit_after_first_step, compared))
    return len(limits) == 1 and None not in limits


def _format_setting_of(compared_run: ComparedRun, name: str) -> str:
    """Format a setting of a run; the time limit of a run of a race is the one that was chosen."""
    config = _get_chosen_config(compared_run)
    if name == "max_seconds" and config != compared_run.run.config:
        return format_setting(config, name)
    return format_differing_setting(compared_run.run, name)


def _get_chosen_config(compared_run: ComparedRun) -> TrainingConfig:
    """Return a run's settings; the time limit of a run of a race is the one that was chosen."""
    config, chosen = compared_run.run.config, compared_run.race_seconds
    return config.replace(max_seconds=chosen) if has_limit_of_race(compared_run) else config


def format_differing_setting(run: Run, setting: str) -> str:
    """Format a run's value of a setting that differs between runs.

    A data set is followed by its number of images: two sets of own pictures may have the same name.
    """
    text = format_setting(hide_dataset_path(run.config), setting)
    return f"{text}, {run.dataset.num_images:,} pictures" if setting == "dataset" else text


def make_titles_unique(titles: Sequence[str]) -> list[str]:
    """Return titles as names of columns: none is empty, and equal ones get a number from 2 on."""
    names: list[str] = []
    for title in titles:
        name = unique = title or "Run"
        number = 2
        while unique in names:
            unique, number = f"{name} ({number})", number + 1
        names.append(unique)
    return names

"""The measurements that rank runs: all precise or all quick. Imports no Streamlit.

A precise one compares 10,000 images, or half of fewer data: a race, the included runs and the
button of this page measure it. A quick one, made during training, compares 1,000 and reads higher.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard.charts.compared_runs import ComparedRun, get_common_noun, select_measured
from dashboard.run_facts.raced_runs import RacedRun, find_measurement
from dashboard.snapshots.snapshot import ACTIVE
from dcgan.comparison.kept_measurement import count_measured_images, is_quick
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.evaluation.main_metric import MAIN_METRICS
from dcgan.evaluation.metric_info import format_distance
from dcgan.reports import EvaluationReport
from dcgan.runs.run_folder import Run
from dcgan.wording import join_with_and, quote_title

_MIN_RANKED = 2


@dataclass(frozen=True)
class MissingMeasurements:
    """The precise measurements that a comparison lacks.

    Attributes:
        runs: The runs to measure; empty if none lacks one, or if the runs would be ranked by the
            quick distances nevertheless.
        titles_in_training: Titles of the runs that cannot be measured, because they train.
        num_images: Number of images of each measurement.
        noun: "digit" or "picture".
    """

    runs: tuple[Run, ...] = ()
    titles_in_training: tuple[str, ...] = ()
    num_images: int = 0
    noun: str = "digit"


def use_measurements(
    compared: Sequence[ComparedRun], raced_runs: Mapping[str, RacedRun]
) -> list[ComparedRun]:
    """Return the runs with their precise measurements if these rank the runs, otherwise unchanged.

    Values of precise and of quick measurements cannot be compared. So the measurements keep only
    the metrics that all of them have; the other metrics are compared by the quick ones.
    """
    found = {
        each.run.name: measurement
        for each in compared
        if (measurement := _find_current(each, raced_runs)) is not None
    }
    if not _can_rank(found, compared) or len({each.num_images for each in found.values()}) > 1:
        return list(compared)
    names = set.intersection(*(set(each.metrics) for each in found.values()))
    if names.isdisjoint(MAIN_METRICS):  # An older version measured another distance.
        return list(compared)
    return [
        replace(each, measurement=_select_metrics(found[each.run.name], names))
        if each.run.name in found
        else replace(each, lacks_precise=each.record.is_measured)
        for each in compared
    ]


def _can_rank(precise: Collection[str], compared: Sequence[ComparedRun]) -> bool:
    """Return whether the precise measurements of some runs can rank the compared ones.

    They can if no other run has or awaits a result, or if two runs have one. The others are then
    shown with their quick distance and not ranked. Two is the smallest number with a ranking: with
    fewer, quick distances say more. So beside two measured runs, one of the same pictures that is
    added, trains or gets its first quick distance never changes the page from precise to quick
    distances; only the removal or the further training of a measured run does. Included runs alone
    do not count as two, because a person's own runs would be left out.

    Args:
        precise: Names of the runs with a precise measurement.
        compared: All runs.
    """
    others = [each for each in compared if each.run.name not in precise]
    if not any(each.record.is_measured or each.record.state in ACTIVE for each in others):
        return bool(precise)
    has_own = any(each.run.name in precise and not each.run.is_read_only for each in compared)
    have_same_pictures = len({each.run.dataset.fingerprint for each in compared}) == 1
    return len(precise) >= _MIN_RANKED and has_own and have_same_pictures


def find_missing_measurements(
    compared: Sequence[ComparedRun], raced_runs: Mapping[str, RacedRun]
) -> MissingMeasurements:
    """Find the runs to measure so that precise measurements rank as many as possible."""
    precise = {each.run.name for each in compared if _find_current(each, raced_runs) is not None}
    lacking = [
        each for each in compared if each.run.name not in precise and each.record.history
    ]  # Those that have made a step.
    if len({each.run.dataset.fingerprint for each in compared}) > 1 or not lacking:
        return MissingMeasurements()
    num_images = count_measured_images(lacking[0].run)
    num_quick = max(
        (each.record.newest_evaluation.num_images for each in compared if each.record.is_measured),
        default=0,
    )
    if not is_quick(num_quick, lacking[0].run):  # A set of few pictures.
        return MissingMeasurements()
    noun = get_common_noun(compared)
    in_training = tuple(each.title for each in lacking if each.record.state in ACTIVE)
    measurable = tuple(
        each.run
        for each in lacking
        if each.record.state not in ACTIVE and find_newest_checkpoint(each.run)
    )
    if not _can_rank(precise | {run.name for run in measurable}, compared):
        measurable = ()
    return MissingMeasurements(measurable, in_training, num_images, noun)


def describe_other_measurements(
    compared: Sequence[ComparedRun], raced_runs: Mapping[str, RacedRun]
) -> str:
    """Describe the precise measurements of runs that are compared by quick ones; or "".

    Those of runs that have trained on since have their steps. Those of steps before which a run
    has gone back are left out.
    """
    found = [
        (each, measurement)
        for each in compared
        if each.measurement is None
        and (measurement := find_measurement(each.run, raced_runs)) is not None
        and measurement.step <= each.record.step
    ]
    current, earlier = [], []
    for each, measurement in found:
        text = f"{quote_title(each.title)} {format_distance(measurement.distance)}"
        if _find_current(each, raced_runs) is None:
            earlier.append(f"{text} at step {measurement.step:,}")
        else:
            current.append(text)
    num_images = max((measurement.num_images for _, measurement in found), default=0)
    start = f"With {num_images:,} {get_common_noun(compared)}s"
    sentences = [f"{start}: {join_with_and(current)}."] if current else []
    if earlier:
        sentences.append(f"{start}, before further training: {join_with_and(earlier)}.")
    return " ".join(sentences)


def find_source(compared_run: ComparedRun, metric: str) -> EvaluationReport | RunMeasurement | None:
    """Return the measurement by which a metric of a run is compared; None if it has no value."""
    measurement, record = compared_run.measurement, compared_run.record
    if measurement is not None and metric in measurement.metrics:
        return measurement
    if record.is_measured and metric in record.newest_evaluation.metrics:
        return record.newest_evaluation
    return None


def explain_precise(compared: Sequence[ComparedRun], metric: str, noun: str) -> str:
    """Explain why a metric differs from the quick one that was shown before; "" if it does not.

    Args:
        compared: The runs.
        metric: One of METRIC_INFO.
        noun: "digit" or "picture".
    """
    for each in compared:
        source = find_source(each, metric)
        if source is None or source is not each.measurement or not each.record.is_measured:
            continue
        quick = each.record.newest_evaluation
        if metric in quick.metrics and quick.num_images < source.num_images:
            return (
                f"Measured with {source.num_images:,} {noun}s now. Quick values, of "
                f"{quick.num_images:,}, cannot be compared with that."
            )
    return ""


def have_equal_scale(measured: Sequence[ComparedRun]) -> bool:
    """Return whether the results of runs compare equally many of the same images."""
    scales = {(each.run.dataset.fingerprint, each.result.num_images) for each in measured}
    return len(scales) < 2


def has_dots(compared: Sequence[ComparedRun]) -> bool:
    """Return whether a chart of dots compares the runs: two distances on one scale."""
    measured = select_measured(compared)
    return len(measured) > 1 and have_equal_scale(measured)


def find_newest_checkpoint(run: Run) -> int | None:
    """Return the newest step that has a checkpoint; None without one, or if it is unreadable."""
    try:
        return run.checkpoints.find_newest()
    except OSError:
        return None


def _find_current(
    compared_run: ComparedRun, raced_runs: Mapping[str, RacedRun]
) -> RunMeasurement | None:
    """Return the precise measurement of a run's newest weights; None without one."""
    measurement = find_measurement(compared_run.run, raced_runs)
    record = compared_run.record
    if measurement is None or measurement.step == record.step:
        return measurement
    # After a crash the history may be longer than the training that can be continued.
    has_ended = record.state not in ACTIVE
    is_newest = has_ended and measurement.step == find_newest_checkpoint(compared_run.run)
    return measurement if is_newest else None


def _select_metrics(measurement: RunMeasurement, names: set[str]) -> RunMeasurement:
    metrics = {name: value for name, value in measurement.metrics.items() if name in names}
    return measurement.model_copy(update={"metrics": metrics})

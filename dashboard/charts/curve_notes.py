"""Sentences on the points and the missing values of a chart of runs. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts.compared_runs import ComparedRun, Record, find_metric, get_common_noun
from dashboard.snapshots.snapshot import ACTIVE, Phase
from dcgan.evaluation.evaluations_since_change import explain_unmeasured
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.runs.manifest import State
from dcgan.runs.run_folder import Run

_ENDINGS: dict[State | Phase, str] = {
    "finished": "it ended",
    "interrupted": "it was interrupted",
    "failed": "it failed",
}


def explain_missing_curve(run: Run, record: Record, curve: str) -> str:
    """Return why a run has no value of a curve, as the end of a sentence."""
    if not record.history:
        return "it has not made a step yet"
    if curve not in METRIC_INFO:
        return "it was not recorded"
    if record.evaluations_since_change:
        return "its measurements do not include it"
    if record.evaluations and record.last_change is not None:
        return explain_unmeasured(record.last_change)
    config = run.config
    if config.evaluate_every == 0:
        return "its measurements are turned off"
    epoch = config.compute_epoch(record.step, run.dataset.num_images)
    if record.state not in ACTIVE:
        return f"{_ENDINGS.get(record.state, 'it was stopped')} in epoch {epoch:,}"
    # A branch starts, and a live setting may change, after epochs without an evaluation.
    due_epoch = config.evaluate_every * -(-epoch // config.evaluate_every)
    text = f"it is first measured at the end of epoch {due_epoch:,}"
    return text if epoch == due_epoch else f"{text}; now it is in epoch {epoch:,}"


def explain_no_line(compared: Sequence[ComparedRun], *, has_dots: bool) -> str:
    """Explain why a chart of the distance would have no line; "" if it has one.

    A chart of single points would be nearly empty.

    Args:
        compared: The runs.
        has_dots: Whether the page shows their distances as dots.
    """
    metric = find_metric(compared)
    counts = [
        sum(metric in report.metrics for report in compared_run.record.evaluations)
        for compared_run in compared
    ]
    if any(count > 1 for count in counts):
        return ""
    if not any(counts):
        text = "No distance was measured yet."
    else:
        text = "No run has two measured distances yet, so there is no line."
        text += " The dots above show which is nearer." if has_dots else ""
    has_steps = any(len(compared_run.record.history) > 1 for compared_run in compared)
    return f"{text} Accuracy and losses have lines already." if has_steps else text


def have_different_steps(compared: Sequence[ComparedRun], curve: str) -> bool:
    """Return whether runs were evaluated at different steps, up to the end of the shortest run."""
    if curve not in METRIC_INFO:
        return False
    measured_steps = [
        {report.step for report in compared_run.record.evaluations_since_change}
        for compared_run in compared
        if compared_run.record.has_curve(curve)
    ]
    end = min(map(max, measured_steps), default=0)
    return len({frozenset(step for step in steps if step <= end) for steps in measured_steps}) > 1


def describe_skipped_evaluations(run: Run, record: Record) -> str:
    """Return how often a run was evaluated, such as "3 of 10 times"; "" if none was skipped.

    Also "" for an included run, which keeps fewer evaluations than were made.
    """
    evaluate_every = run.config.evaluate_every
    if not record.evaluations or evaluate_every == 0 or run.is_read_only:
        return ""
    num_epochs = record.step // run.config.compute_steps_per_epoch(run.dataset.num_images)
    num_planned = num_epochs // evaluate_every
    num_made = len(record.evaluations)
    # The newest evaluation may be in progress.
    return f"{num_made:,} of {num_planned:,} times" if num_made < num_planned - 1 else ""


def explain_quick_points(compared: Sequence[ComparedRun], curve: str = "") -> str:
    """Return what the lines and the diamonds are in a chart with precise measurements; or "".

    The evaluations in training are quick because they take fewer images, so their distances read
    higher, and the shares of precision, recall and coverage differ too.

    Args:
        compared: The runs.
        curve: A metric; "" for the distance.
    """
    is_distance = curve in ("", find_metric(compared))
    for compared_run in compared:
        measurement, record = compared_run.measurement, compared_run.record
        if measurement is None or not record.is_measured:
            continue
        num_quick, num = record.newest_evaluation.num_images, measurement.num_images
        noun = get_common_noun(compared)
        if num_quick >= num or not (is_distance or curve in measurement.metrics):
            continue
        if is_distance:
            return (
                f"Lines are the quick distance, measured during training with {num_quick:,} "
                f"{noun}s. With few {noun}s, chance makes it larger. "
                f"Diamonds are the distance with {num:,}; compare these."
            )
        return (
            f"Lines were measured during training with {num_quick:,} {noun}s, diamonds with "
            f"{num:,}. With more {noun}s the value may differ, so compare diamonds with diamonds."
        )
    return ""

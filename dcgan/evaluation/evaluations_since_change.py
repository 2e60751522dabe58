"""Selection of the evaluations that describe a run: the ones since its last change.

A branch copies the history of its parent, and a run whose settings were changed keeps its history.
Evaluations from before the change describe weights of the old settings.
"""

from __future__ import annotations

from collections.abc import Iterable

from dcgan.reports import EvaluationReport, Event, EventReport

_CHANGE_NAMES: dict[Event, str] = {
    "changed": "the change of its settings",
    "diverged": "its divergence",
    "rolled_back": "the rollback",
    "branched": "the branch",
}


def find_last_change(events: Iterable[EventReport]) -> EventReport | None:
    """Return the last event that changed a run; None if there is none.

    The event "continued" is not a change, because the run learns as before.

    Args:
        events: Oldest first.
    """
    changes = [event for event in events if event.event in _CHANGE_NAMES]
    return changes[-1] if changes else None


def find_convergence_event(events: Iterable[EventReport], step: int) -> EventReport | None:
    """Return the event of a run that ended at a step because it stopped improving, or None.

    Args:
        events: Oldest first.
        step: The run's newest step.
    """
    found = [event for event in events if event.event == "converged" and event.step == step]
    return found[-1] if found else None


def select_since_change(
    evaluations: Iterable[EvaluationReport], change: EventReport | None
) -> tuple[EvaluationReport, ...]:
    """Return the evaluations since a change of the run; all of them if `change` is None."""
    start = 0 if change is None else change.step
    return tuple(report for report in evaluations if report.step > start)


def select_for_checkpoint(
    evaluations: Iterable[EvaluationReport], events: Iterable[EventReport], step: int
) -> tuple[EvaluationReport, ...]:
    """Return the evaluations up to a checkpoint and since the last change before it.

    A change at the checkpoint's own step came after the checkpoint, so an evaluation of this step
    describes it. A branch is the exception: it begins at this step, with its parent's evaluations.

    Args:
        evaluations, events: The run's evaluations and events, oldest first.
        step: The checkpoint's step.
    """
    before = [
        event
        for event in events
        if event.step < step or (event.step == step and event.event == "branched")
    ]
    until_step = [report for report in evaluations if report.step <= step]
    return select_since_change(until_step, find_last_change(before))


def explain_unmeasured(change: EventReport) -> str:
    """Explain why a run counts as not measured: all its evaluations are from before a change.

    Returns:
        The end of a sentence, such as "its last measurement is from before the branch at step 40".
    """
    name = _CHANGE_NAMES[change.event]
    return f"its last measurement is from before {name} at step {change.step:,}"

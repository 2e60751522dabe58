"""The evaluations that measure a run as it is: those since its last change.

A branch copies the history of its parent, and a changed run keeps its own, but an evaluation from
before the change measured other weights than those that the new settings lead to.
"""

from __future__ import annotations

from collections.abc import Iterable

from dcgan.reports import EvaluationReport, Event, EventReport

_NAMES: dict[Event, str] = {
    "changed": "the change of its settings",
    "diverged": "its divergence",
    "rolled_back": "the rollback",
    "branched": "the branch",
}


def find_last_change(events: Iterable[EventReport]) -> EventReport | None:
    """Return the last event that changed a run; None without one.

    A branch with the same settings continues the run, so that is no change.

    Args:
        events: Oldest first.
    """
    changes = [event for event in events if event.event in _NAMES]
    return changes[-1] if changes else None


def select_own(
    evaluations: Iterable[EvaluationReport], change: EventReport | None
) -> tuple[EvaluationReport, ...]:
    """Return the evaluations since a run's last change, if there was one."""
    start = 0 if change is None else change.step
    return tuple(report for report in evaluations if report.step > start)


def explain_unmeasured(change: EventReport) -> str:
    """Return why a run whose evaluations are all from before a change counts as not measured.

    Returns:
        The end of a sentence, such as "its last measurement is from before the branch at step 40".
    """
    return f"its last measurement is from before {_NAMES[change.event]} at step {change.step:,}"

"""The verdict on a run, and which button of a page is the next step because of it."""

from __future__ import annotations

from functools import lru_cache

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.forms import settings_form
from dashboard.snapshots.snapshot import Snapshot
from dcgan.diagnosis.diagnose import diagnose
from dcgan.diagnosis.verdict import Verdict, VerdictKind
from dcgan.errors import RunError
from dcgan.remedies.effects import find_best_remedy
from dcgan.remedies.study import Study
from dcgan.remedies.study_files import list_study_steps, read_study

_ICONS: dict[VerdictKind, str] = {
    "starting": ":material/hourglass_top:",
    "learning": ":material/trending_up:",
    "converged": ":material/done_all:",
}


@lru_cache(maxsize=4)
def find_verdict(snapshot: Snapshot) -> Verdict | None:
    """Diagnose a snapshot, once for all tabs; None before the first step."""
    if snapshot.config is None or not snapshot.history:
        return None
    return diagnose(
        snapshot.history,
        snapshot.evaluations,
        snapshot.events,
        snapshot.config,
        num_images=snapshot.num_images,
        has_ended=not snapshot.is_active,
        last_step=snapshot.expected_last_step,
        seconds_per_step=snapshot.seconds_per_step,
    )


def format_headline(snapshot: Snapshot) -> str:
    """Return the verdict's headline as Markdown; "" without a verdict.

    There is none before the first step, nor while the last step is measured.
    """
    verdict = find_verdict(snapshot)
    return "" if verdict is None or snapshot.measures_end else format_verdict(verdict)


def format_verdict(verdict: Verdict) -> str:
    """Return the headline of a verdict with its icon, as Markdown."""
    if verdict.is_alarm:
        return format_alarm(verdict.headline)
    return f"{_ICONS[verdict.kind]} **{escape_markdown(verdict.headline)}**"


def format_alarm(headline: str) -> str:
    """Return the headline of a verdict that something is wrong, as Markdown."""
    return f":orange[:material/warning: **{escape_markdown(headline)}**]"


def is_alarm(snapshot: Snapshot) -> bool:
    """Return whether the verdict says that something is wrong."""
    verdict = find_verdict(snapshot)
    return verdict is not None and verdict.is_alarm


def suggests_stopping(snapshot: Snapshot) -> bool:
    """Return whether the verdict says that more training would bring little."""
    verdict = find_verdict(snapshot)
    return verdict is not None and verdict.suggests_stopping


def has_primary_action(snapshot: Snapshot) -> bool:
    """Return whether the page's primary button belongs to an ended run's verdict.

    The button starts again with better settings or, if a tried remedy has helped, adopts its
    result.
    """
    return is_restart_primary(snapshot) or has_helpful_remedy(snapshot)


def is_restart_primary(snapshot: Snapshot) -> bool:
    """Return whether the primary button starts again with better settings."""
    # Not if the form is already filled for the new run: then the form's button is the next step.
    verdict = find_verdict(snapshot)
    return (
        verdict is not None
        and verdict.is_alarm
        and any(action.kind == "new_run" for action in verdict.actions)
        and not snapshot.is_active
        and not snapshot.is_measuring
        and permissions.may_operate()
        and not settings_form.shows_settings_of_a_run()
        and not has_helpful_remedy(snapshot)
    )


def find_study(snapshot: Snapshot) -> Study | None:
    """Return the results of remedies that were tried at an ended run's last step, if any."""
    run = snapshot.run
    if run is None or snapshot.is_active:
        return None
    try:
        return read_study(run, snapshot.step) if snapshot.step in list_study_steps(run) else None
    except (OSError, RunError):  # The page of the results shows the error.
        return None


def has_results(snapshot: Snapshot) -> bool:
    """Return whether an ended run shows results of remedies, and none was adopted yet."""
    results = find_study(snapshot)
    return results is not None and not results.adopted


def has_helpful_remedy(snapshot: Snapshot) -> bool:
    """Return whether a remedy has helped at an ended run's last step, and can be adopted."""
    results = find_study(snapshot)
    return results is not None and not results.adopted and find_best_remedy(results) is not None

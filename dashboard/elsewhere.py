"""What another process trains into the folder of runs, as the Train page shows it to watchers.

Read from disk, where that process writes it. No Streamlit here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dashboard.run_entry import kept_until_changed
from dashboard.snapshot import Snapshot
from dcgan.errors import RunError
from dcgan.runs import Run
from dcgan.shelf import list_runs


def look_elsewhere(root: Path, shown: str = "") -> Snapshot | None:
    """Return where the run stands that another process began last.

    Args:
        root: Folder of the runs.
        shown: Name of the run that was shown until now: it stays when it has ended, until another
            one begins.

    Returns:
        The run in training, else the one shown, if it is there and has not just broken off.
    """
    found: dict[bool, list[tuple[str, Snapshot]]] = {True: [], False: []}
    for run in list_runs(root)[0]:
        try:
            state = run.status.state
            if state == "interrupted" or not (state in ("running", "paused") or run.name == shown):
                continue
            now = replace(_read(run), phase=state)
        except RunError:  # Deleted or damaged since it was listed: the shelf says so.
            continue
        found[now.is_active].append((run.created, now))
    runs = found[True] or found[False]
    return max(runs, key=lambda pair: pair[0])[1] if runs else None


@kept_until_changed("history.jsonl", most=4)
def _read(run: Run) -> Snapshot:
    return Snapshot(
        run=run,
        config=run.config,
        num_images=run.dataset.num_images,
        history=tuple(run.history()),
        evaluations=tuple(run.evaluations()),
        events=tuple(run.events()),
    )

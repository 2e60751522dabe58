"""The run that a page opens first. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Iterable

from dcgan.runs.run_folder import Run

EXPERIMENT_TITLE = "Experiment: "  # Start of the title of an experiment's run.


def is_experiment(run: Run) -> bool:
    """Return whether a run was trained by an experiment of the Learn page, often to fail."""
    return run.read_label().title.startswith(EXPERIMENT_TITLE)


def sort_for_opening(runs: Iterable[Run]) -> list[Run]:
    """Sort runs by which one a page opens first.

    Args:
        runs: Runs as listed, the newest first.

    Returns:
        A person's own runs, the included ones, and those of experiments; each kind in the order
        given.
    """
    return sorted(runs, key=lambda run: (is_experiment(run), run.is_read_only))

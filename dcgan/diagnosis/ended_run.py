"""The diagnosis of an ended run, from the history in its folder."""

from __future__ import annotations

from dcgan.diagnosis.diagnose import diagnose
from dcgan.diagnosis.verdict import Verdict
from dcgan.runs.run_folder import Run


def diagnose_ended_run(run: Run) -> Verdict:
    """Read a run's history and diagnose the run.

    Raises:
        RunError: If the history cannot be read.
    """
    history = run.history
    return diagnose(
        history.read_steps(),
        history.read_evaluations(),
        history.read_events(),
        run.config,
        num_images=run.dataset.num_images,
        has_ended=True,
    )

"""The start of a run of the queue."""

from __future__ import annotations

import contextlib
from pathlib import Path

from dcgan.data.datasets import ImageDataset
from dcgan.errors import DCGANError, RunError
from dcgan.model.gan import DCGAN
from dcgan.recording.start import start_run
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import QueuedRun
from dcgan.sweeps.race import change_race, read_race


def start_queued_run(root: Path, queued: QueuedRun) -> tuple[Run, DCGAN, ImageDataset]:
    """Start a run of the queue; a run of a race gets a title, and the race's file names its folder.

    Its networks are built here, because the time limit includes the time to build them. With
    networks that were prepared before, this run would train longer than others of the queue.

    Returns:
        As `start_run`.

    Raises:
        DCGANError: As `start_run`; the race then has the message as the run's problem.
        RunError: If the race cannot be read or has no such run.
    """
    if not queued.race:
        return start_run(queued.config, root=root)
    race = read_race(root, queued.race)
    if queued.run_index >= len(race.runs):
        raise RunError(
            "The race no longer has this run, because its file was changed; start the race again."
        )
    try:
        run, gan, dataset = start_run(queued.config, root=root)
    except DCGANError as error:
        with contextlib.suppress(RunError):  # A write error must not replace the first error.
            change_race(root, race.name, queued.run_index, problem=str(error))
        raise
    with contextlib.ExitStack() as undo:
        undo.callback(run.discard)
        run.write_label(race.make_run_title(queued.run_index), "")
        change_race(root, race.name, queued.run_index, folder=run.name, problem="")
        undo.pop_all()
    return run, gan, dataset

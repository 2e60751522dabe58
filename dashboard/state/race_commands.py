"""Commands to a race: start it, stop it, train its missing runs. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dashboard.state.trainer import Trainer
from dcgan.errors import RunError
from dcgan.sweeps.queue import QueuedRun
from dcgan.sweeps.race import Race, create_race, delete_race


def start_race(trainer: Trainer, plan: Race) -> Race:
    """Write a race and put its runs into the queue.

    Args:
        trainer: The trainer.
        plan: The race, from `plan_race`.

    Returns:
        The race with its name.

    Raises:
        RunError: If there is no room for a run, the queue is full, or a file cannot be written.
    """
    trainer.limits.check_room_for_run(trainer.root)
    race = create_race(trainer.root, plan, datetime.now())
    try:
        _add_to_queue(trainer, race, range(len(race.runs)))
    except RunError:
        delete_race(trainer.root, race.name)
        raise
    return race


def list_waiting_indices(trainer: Trainer, race: Race) -> list[int]:
    """Return the indices of a race's runs that wait in the queue."""
    waiting = trainer.queue_runner.list_waiting()
    return [queued.run_index for queued in waiting if queued.race == race.name]


def train_missing(trainer: Trainer, race: Race, indices: Sequence[int]) -> None:
    """Train runs of a race that have no measurement, from their start; release the queue.

    Args:
        trainer: The trainer.
        race: The race.
        indices: The indices of these runs; a run that waits already is not added again.

    Raises:
        RunError: If there is no room for a run, the queue is full, or a file cannot be written.
    """
    trainer.limits.check_room_for_run(trainer.root)
    waiting = list_waiting_indices(trainer, race)
    _add_to_queue(trainer, race, [index for index in indices if index not in waiting])
    trainer.queue_runner.release()


def continue_race(trainer: Trainer, race: Race) -> None:
    """Train the runs of a race that were stopped or wait, and not those that failed.

    Args:
        trainer: The trainer.
        race: The race.

    Raises:
        RunError: As for `train_missing`.
    """
    train_missing(trainer, race, list_missing_indices(race))


def list_missing_indices(race: Race) -> list[int]:
    """Return the indices of a race's runs that were stopped or wait, and have not failed."""
    runs = enumerate(race.runs)
    return [index for index, run in runs if run.measurement is None and not run.problem]


def stop_race(trainer: Trainer, race: Race) -> None:
    """Remove a race's waiting runs from the queue, and stop its run in training.

    Args:
        trainer: The trainer.
        race: The race.

    Raises:
        RunError: If the queue cannot be written.
    """
    waiting = trainer.queue_runner.list_waiting()
    trainer.queue_runner.remove([queued.id for queued in waiting if queued.race == race.name])
    snapshot = trainer.snapshot()
    if snapshot.find_race_run_index(race.name) is not None:
        trainer.stop(snapshot.run)


def _add_to_queue(trainer: Trainer, race: Race, indices: Sequence[int]) -> None:
    trainer.queue_runner.add_runs(
        [QueuedRun.create(race.runs[index].config, race.name, index) for index in indices]
    )

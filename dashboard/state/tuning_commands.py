"""Commands to start and to continue a tuning. Imports no Streamlit."""

from __future__ import annotations

from pathlib import Path

from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.tuning.tuning_files import find_folder, read_tuning


def start_tuning(trainer: Trainer, config: TrainingConfig, minutes: float) -> bool:
    """Find better settings for some pictures, or continue an interrupted tuning.

    A finished tuning with the same settings and time is replaced once the new one is planned.

    Args:
        trainer: The trainer.
        config: The pictures and the starting settings.
        minutes: Time for all of it.

    Returns:
        Whether it was started; False if a run is active.

    Raises:
        RunError: If there is no room for another run.
        DatasetError: If the path of own pictures begins with an unknown person's home.
    """
    trainer.limits.check_room_for_run(trainer.root)
    folder = find_folder(trainer.root, config, minutes)
    previous = trainer.snapshot().run
    return trainer.tuning_runner.start(folder, config, minutes, previous, replaces_finished=True)


def continue_tuning(trainer: Trainer, folder: Path) -> bool:
    """Continue an interrupted tuning, unless it has been finished or deleted meanwhile.

    Args:
        trainer: The trainer.
        folder: The folder of the tuning.

    Returns:
        False if a run is active.

    Raises:
        RunError: If there is no room for another run, or the tuning cannot be read.
    """
    trainer.limits.check_room_for_run(trainer.root)
    tuning = read_tuning(folder)
    if tuning is None or tuning.is_finished:
        return True
    previous = trainer.snapshot().run
    return trainer.tuning_runner.start(
        folder, tuning.base, tuning.minutes, previous, replaces_finished=False
    )

"""Commands to start a tuning and to train with its result. Imports no Streamlit."""

from __future__ import annotations

from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.tuning.tuning_files import find_folder, forget_finished


def start_tuning(trainer: Trainer, config: TrainingConfig, minutes: float) -> bool:
    """Find better settings for some pictures, or continue an interrupted tuning.

    A finished tuning with the same settings and time is replaced.

    Args:
        trainer: The trainer.
        config: The pictures and the starting settings.
        minutes: Time for all of it.

    Returns:
        Whether it was started; False if a run is active.

    Raises:
        RunError: If there is no room for another run, or a file cannot be read or deleted.
        DatasetError: If the path of own pictures begins with an unknown person's home.
    """
    trainer.limits.check_room_for_run(trainer.root)
    folder = find_folder(trainer.root, config, minutes)
    if trainer.snapshot().is_active:
        return False
    forget_finished(folder)
    return trainer.tuning_runner.start(folder, config, minutes, trainer.snapshot().run)

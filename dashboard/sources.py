"""Where Explore's digits come from: the run that trains now, or a saved checkpoint.

No Streamlit here; a source draws from any thread.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dashboard import engine
from dashboard.trainer import Trainer
from dcgan.config import TrainingConfig
from dcgan.errors import RunError
from dcgan.runs import Run, open_run

if TYPE_CHECKING:
    from dcgan.gan import Sampler

# Generators kept ready; each holds a few megabytes.
_MAX_SAMPLERS = 8
_MAX_WEIGHTS = 24  # Kept ready for a look through training.


@dataclass(frozen=True, eq=False)
class Source:
    """A generator to draw with.

    Attributes:
        run: Whose generator.
        step: Its checkpoint; None for the generator that is being trained at this moment.
        trainer: Who trains it, if it is live.
    """

    run: Run
    step: int | None
    trainer: Trainer | None = None

    @property
    def latent_dim(self) -> int:
        """Length of the latent vectors that it takes."""
        return self.run.config.latent_dim

    def draw(self, z: np.ndarray) -> tuple[np.ndarray, int]:
        """Draw pictures.

        Args:
            z: Latent batch, shape (num, latent_dim), float32.

        Returns:
            Pixels, uint8 (num, height, width, 1), and the step of the weights that drew them.

        Raises:
            RunError: If the checkpoint is gone or damaged, or there is none yet.
        """
        if self.trainer is not None:
            drawn = self.trainer.draw(self.run, z)
            if drawn is not None:
                return drawn
        sampler, step = self._saved()
        return engine.for_a_page(sampler.generate, z), step

    def weights(self) -> tuple[list[np.ndarray], int]:
        """Return the generator's weights, in the order of `gan.generator_weights`, and their step.

        They are not to be written to.

        Raises:
            RunError: As of `draw`.
        """
        if self.trainer is not None:
            found = self.trainer.weights(self.run)
            if found is not None:
                return found
        sampler, step = self._saved()
        return sampler.get_weights(), step

    def _saved(self) -> tuple[Sampler, int]:
        step = self.step
        if step is None:
            step = max(self.run.checkpoints(), default=None)
        if step is None:
            raise RunError(f"{self.run.name} has no checkpoint yet; look again in a moment.")
        return _saved_sampler(self.run.path, self.run.created, step), step


@lru_cache(maxsize=_MAX_SAMPLERS)
def _saved_sampler(path: Path, created: str, step: int) -> Sampler:
    # The time tells a run from a later one in a folder of the same name.
    engine.prepare()
    from dcgan.outputs import load_sampler

    return load_sampler(open_run(path), step)[0]


def draw_through_training(run: Run, z: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Draw the same z with each of a run's checkpoints, and with the weights before the first step.

    A checkpoint that cannot be read is passed over: a run in training lets go of some meanwhile.

    Args:
        run: The run.
        z: Latent batch, shape (num, latent_dim), float32.

    Returns:
        Steps, ascending, each with its pixels as of `Sampler.generate`.
    """
    engine.prepare()
    machine = _machine(run.config)
    moments = []
    for step in (0, *filter(None, run.checkpoints())):
        try:
            saved = _saved_weights(run.path, run.created, step) if step else None
        except RunError:
            continue
        with machine.lock:
            machine.sampler.set_weights(machine.first_weights if saved is None else saved)
            moments.append((step, engine.for_a_page(machine.sampler.generate, z)))
    return moments


class _Machine:
    """A sampler that takes over weights after weights, and those that a run begins with."""

    def __init__(self, config: TrainingConfig) -> None:
        from dcgan.gan import Sampler

        self.lock = threading.Lock()
        self.sampler = Sampler(config)
        # Drawn from the run's seed, as its own were.
        self.first_weights = self.sampler.get_weights()


@lru_cache(maxsize=2)
def _machine(config: TrainingConfig) -> _Machine:
    return _Machine(config)


@lru_cache(maxsize=_MAX_WEIGHTS)
def _saved_weights(path: Path, created: str, step: int) -> list[np.ndarray]:
    from dcgan.gan import generator_weights

    return generator_weights(open_run(path).load_checkpoint(step))

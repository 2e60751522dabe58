"""DistributedGAN: a DCGAN whose steps, settings and states are broadcast to other workers."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import numpy as np

from dcgan.backend import keras, tf
from dcgan.config.training_config import TrainingConfig
from dcgan.distributed.channel import ChiefCommand, WorkerChannel, name_lost_workers
from dcgan.errors import WorkerError
from dcgan.model.gan import DCGAN
from dcgan.networks.class_inputs import ClassChoice
from dcgan.training_step.step_metrics import StepMetrics
from dcgan.training_step.training_images import TrainingImages


class DistributedGAN:
    """The chief's DCGAN, shared with the other workers of a run.

    It broadcasts each chunk of steps, each changed setting and each state, so that the DCGANs of
    the other workers make the same steps. All other calls go to the chief's own DCGAN only.
    """

    def __init__(self, gan: DCGAN, channel: WorkerChannel) -> None:
        """Share a DCGAN, and broadcast its state.

        Args:
            gan: The chief's DCGAN, on the channel's strategy.
            channel: The channel to the other workers, which have made their DCGANs, such
                as with `workers.make_gan`.

        Raises:
            WorkerError: If another worker is gone.
        """
        self._gan = gan
        self._channel: WorkerChannel | None = channel  # None when no other worker listens any more.
        self._broadcast_state(gan.get_state())

    @property
    def step(self) -> int:
        """Training steps so far."""
        return self._gan.step

    @property
    def seconds(self) -> float:
        """Training time so far."""
        return self._gan.seconds

    @seconds.setter
    def seconds(self, seconds: float) -> None:
        """Set the training time so far."""
        self._gan.seconds = seconds

    @property
    def strategy(self) -> tf.distribute.Strategy:
        """TensorFlow's strategy over all workers."""
        return self._gan.strategy

    @property
    def generator(self) -> keras.Model:
        """The generator in training."""
        return self._gan.generator

    @property
    def discriminator(self) -> keras.Model:
        """The discriminator."""
        return self._gan.discriminator

    def generate(self, z: np.ndarray, classes: ClassChoice = None) -> np.ndarray:
        """Generate images in this process; as in `DCGAN`."""
        return self._gan.generate(z, classes)

    def get_state(self) -> dict[str, np.ndarray]:
        """Copy the state, which is the same for all workers; as in `DCGAN`."""
        return self._gan.get_state()

    def train_steps(
        self, images: TrainingImages, order: tf.Tensor, position: int, num_steps: int
    ) -> StepMetrics:
        """Make several steps with all workers; as in `DCGAN`.

        Raises:
            WorkerError: If another worker is gone.
        """
        self._broadcast("steps", num_steps=num_steps)
        # The channel is removed during the steps: after an error no other worker listens.
        channel, self._channel = self._channel, None
        with name_lost_workers(channel.cluster) if channel else contextlib.nullcontext():
            metrics = self._gan.train_steps(images, order, position, num_steps)
        self._channel = channel
        return metrics

    def change_config(self, config: TrainingConfig) -> None:
        """Replace settings for all workers; as in `DCGAN`.

        Raises:
            WorkerError: If another worker is gone.
        """
        self._broadcast("config", config=config.model_dump())
        self._gan.change_config(config)

    def set_state(self, state: Mapping[str, np.ndarray]) -> Self:
        """Restore a state for all workers; as in `DCGAN`.

        Raises:
            ValueError: If it does not fit; in that case it is not broadcast.
            WorkerError: If another worker is gone.
        """
        self._gan.set_state(state)
        self._broadcast_state(state)
        return self

    def release_workers(self, run_folder: Path, problem: str = "") -> None:
        """End the run for the other workers; nothing can be trained after that.

        Args:
            run_folder: The run's folder.
            problem: The reason why training failed, as a sentence; "" if it did not fail.
        """
        # Workers that are gone were reported before.
        with contextlib.suppress(WorkerError, tf.errors.OpError):
            self._broadcast("end", run=str(run_folder), problem=problem)
        self._channel = None

    def _broadcast_state(self, state: Mapping[str, np.ndarray]) -> None:
        self._broadcast("state")
        if self._channel:
            packed = io.BytesIO()
            np.savez(packed, **state)  # type: ignore[arg-type]
            self._channel.broadcast(packed.getvalue())

    def _broadcast(self, command: ChiefCommand, **details: object) -> None:
        if self._channel:
            self._channel.broadcast_command(command, **details)

"""Generators of checkpoints: identified, loaded, and cached for all tabs. Imports no Streamlit."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboard.process import tf_runtime
from dashboard.process.lru_cache import LRUCache
from dashboard.snapshots.snapshot import make_read_only
from dcgan.config.training_config import TrainingConfig
from dcgan.networks.class_inputs import ClassChoice
from dcgan.runs.run_folder import Run, open_run

if TYPE_CHECKING:
    from dcgan.model.sampler import Sampler

_MAX_SAMPLERS = 8  # Each holds a few megabytes.
_MAX_WEIGHT_BYTES = 2**26  # About 50 generators of the default size.


class GeneratorIdentity(NamedTuple):
    """The key under which results of a generator are cached.

    A saved step that was trained again after a rollback has another key, and so has a new run in
    the same folder. A generator in training keeps its key.

    Attributes:
        path: Folder of the run.
        created: When the run was created.
        step: Step of the checkpoint; None for the generator in training.
        written: When the checkpoint was written, in nanoseconds; 0 without a checkpoint.
        class_id: The class that it draws; None for all classes in turn, or without classes.
    """

    path: Path
    created: str
    step: int | None
    written: int
    class_id: int | None = None


def get_identity(run: Run, step: int | None) -> GeneratorIdentity:
    """Return the identity of a run's generator; without a step, of the generator in training."""
    written = 0 if step is None else run.checkpoints.read_time(step)
    return GeneratorIdentity(run.path, run.created, step, written)


def load_saved_sampler(run: Run, step: int) -> Sampler:
    """Return a sampler with a checkpoint's generator.

    Raises:
        RunError: If the checkpoint is gone or damaged, or does not fit the run's settings.
    """
    return _load_sampler(get_identity(run, step))


@lru_cache(maxsize=_MAX_SAMPLERS)
def _load_sampler(identity: GeneratorIdentity) -> Sampler:
    from dcgan.runs.checkpoint_generator import load_sampler

    return load_sampler(open_run(identity.path), identity.step)[0]


class WeightsSampler:
    """A sampler that takes the weights with each batch; thread-safe."""

    def __init__(self, config: TrainingConfig) -> None:
        """Build the generator of these settings, with its initial weights."""
        from dcgan.model.sampler import Sampler

        self._lock = threading.Lock()
        self._sampler = Sampler(config)
        # The run started with the same weights, as both come from the run's seed.
        self._initial_weights = make_read_only(self._sampler.get_weights())

    def generate(
        self,
        run: Run,
        weights: list[np.ndarray] | None,
        z: np.ndarray,
        classes: ClassChoice = None,
    ) -> np.ndarray:
        """Generate images with given weights.

        Args:
            run: The run of the weights, for error messages.
            weights: As `Sampler.get_weights` returns them; None for the initial weights.
            z: Latent batch, shape (num, latent_dim), float32.
            classes: The class of each image, or the weights of the classes, (num, num_classes).

        Returns:
            Pixels, uint8 [0, 255], shape (num, height, width, channels).

        Raises:
            RunError: If the weights do not fit.
        """
        return tf_runtime.run_for_page(self._generate, run, weights, z, classes)

    def _generate(
        self, run: Run, weights: list[np.ndarray] | None, z: np.ndarray, classes: ClassChoice
    ) -> np.ndarray:
        from dcgan.runs.checkpoint_generator import set_checkpoint_weights

        with self._lock:
            set_checkpoint_weights(
                self._sampler.set_weights,
                run,
                self._initial_weights if weights is None else weights,
            )
            return self._sampler.generate(z, classes)


def get_weights_sampler(config: TrainingConfig) -> WeightsSampler:
    """Return the `WeightsSampler` for these settings, shared by all tabs."""
    return tf_runtime.run_for_page(_make_weights_sampler, config)


@lru_cache(maxsize=2)
def _make_weights_sampler(config: TrainingConfig) -> WeightsSampler:
    return WeightsSampler(config)


def make_page(run: Run, step: int | None = None) -> str:
    """Make the page of a checkpoint's generator; arguments and errors as `make_generator_page`."""
    tf_runtime.prepare()
    from dcgan.documents.generator_page import make_generator_page

    return tf_runtime.run_long_work(make_generator_page, run, step=step)


def _count_bytes(weights: list[np.ndarray]) -> int:
    return sum(array.nbytes for array in weights)


_weights: LRUCache[GeneratorIdentity, list[np.ndarray]] = LRUCache(_MAX_WEIGHT_BYTES, _count_bytes)


def load_saved_weights(run: Run, step: int) -> list[np.ndarray]:
    """Return a checkpoint's generator weights, read-only, as in `select_generator_weights`.

    Raises:
        RunError: If the checkpoint is gone or damaged.
    """
    identity = get_identity(run, step)
    weights = _weights.get(identity)
    if weights is None:
        from dcgan.model.state import select_generator_weights

        weights = make_read_only(select_generator_weights(run.checkpoints.load(step)))
        _weights.put(identity, weights)
    return list(weights)

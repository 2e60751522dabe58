"""The EMA generator of the run that this process trains, for pages that generate with it.

Imports no Streamlit.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.state import tf_runtime
from dashboard.state.snapshot import read_only
from dcgan.runs.run_folder import Run

if TYPE_CHECKING:
    import numpy as np

    from dcgan.model.gan import DCGAN
    from dcgan.model.sampler import Sampler


@dataclass(frozen=True, eq=False)
class _Published:
    """The EMA generator at one step of a run."""

    run: Run
    step: int
    weights: list[np.ndarray]
    sampler: Sampler


class LiveGenerator:
    """A copy of the newest weights, which generates images for the pages."""

    def __init__(self) -> None:
        """Start without a generator."""
        self._published: _Published | None = None
        self._sampler_lock = threading.Lock()
        self._loaded: _Published | None = None  # Its weights are in the sampler.

    def clear(self) -> None:
        """Forget the generator before another run starts."""
        self._published = None

    def publish(self, run: Run, gan: DCGAN, sampler: Sampler) -> None:
        """Copy the current EMA weights for the pages.

        Args:
            run: The run in training.
            gan: Its networks.
            sampler: A copy of the generator that only pages use.
        """
        weights = read_only(gan.ema_generator.get_weights())
        self._published = _Published(run, gan.step, weights, sampler)

    def generate(self, run: Run, z: np.ndarray) -> tuple[np.ndarray, int] | None:
        """Generate images during training.

        Args:
            run: The run whose generator is asked for.
            z: Latent batch, shape (num, latent_dim), float32.

        Returns:
            Pixels as in `Sampler.generate`, and the step of the weights; None if another run is in
            training, no weights were published yet or z has another length.
        """
        with self._sampler_lock:
            published = self._published
            if published is None or published.run.path != run.path:
                return None
            if published.sampler.config.latent_dim != z.shape[1]:
                return None
            if published is not self._loaded:
                # Not in `publish`, so that training never waits for a page, and weights that no
                # page asks for are not loaded.
                published.sampler.set_weights(published.weights)
                self._loaded = published
            pixels = tf_runtime.run_for_page(published.sampler.generate, z)
            return pixels, published.step

    def get_weights(self, run: Run) -> tuple[list[np.ndarray], int] | None:
        """Return the weights and their step; None if another run trains or none were published.

        The weights are read-only and in the order of `select_generator_weights`.
        """
        published = self._published
        if published is None or published.run.path != run.path:
            return None
        return published.weights, published.step

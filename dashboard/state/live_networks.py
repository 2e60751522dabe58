"""Copies of the networks in training, with which pages draw and judge pictures.

Imports no Streamlit.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dashboard.process import tf_runtime
from dashboard.snapshots.snapshot import make_read_only
from dcgan.networks.class_inputs import ClassChoice
from dcgan.runs.run_folder import Run

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN
    from dcgan.model.sampler import Sampler

NUM_REAL = 500  # Real pictures kept for pages; 128 × 128 pixels in colour take 25 MB.


@dataclass(frozen=True, eq=False)
class RealPictures:
    """Some pictures of a data set, in random order.

    Attributes:
        pixels: Read-only uint8 [0, 255], shape (num, height, width, channels).
        labels: Class of each picture, an index in the data set's class names, shape (num,); None
            without classes.
    """

    pixels: np.ndarray
    labels: np.ndarray | None


def choose_real_pictures(dataset: ImageDataset) -> RealPictures:
    """Return copies of up to NUM_REAL random pictures of a data set, the same at each call."""
    chosen = np.random.default_rng(0).permutation(len(dataset))[:NUM_REAL]
    labels = None if dataset.labels is None else dataset.labels[chosen]
    return RealPictures(make_read_only([dataset.pixels[chosen]])[0], labels)


@dataclass(frozen=True, eq=False)
class _Published:
    """The EMA generator and the discriminator at one step of a run."""

    run: Run
    step: int
    weights: list[np.ndarray]
    discriminator_weights: list[np.ndarray]
    sampler: Sampler


class LiveNetworks:
    """The newest weights and some training images of the run in training.

    Attributes:
        num_returns: How often training has started or gone back to an earlier step. After that, it
            may reach a step again with other weights.
    """

    def __init__(self) -> None:
        """Start without networks."""
        self.num_returns = 0
        self._published: _Published | None = None
        self._real: tuple[Run, RealPictures] | None = None
        self._sampler_lock = threading.Lock()
        self._loaded: _Published | None = None  # Its weights are in the sampler.

    def forget_run(self) -> None:
        """Forget the networks before another run starts."""
        self._published = self._real = None
        self.num_returns += 1

    def publish_real_pictures(self, run: Run, dataset: ImageDataset) -> None:
        """Copy some of the training images for the pages."""
        self._real = (run, choose_real_pictures(dataset))

    def get_real_pictures(self, run: Run) -> RealPictures | None:
        """Return some of a run's training images; None if another run trains."""
        if self._real is None or self._real[0].path != run.path:
            return None
        return self._real[1]

    def publish(self, run: Run, gan: DCGAN, sampler: Sampler) -> None:
        """Copy the current weights for the pages.

        Args:
            run: The run in training.
            gan: The networks of the run.
            sampler: A second generator, which only pages use; `generate` loads the weights into it.
        """
        weights = make_read_only(gan.ema_generator.get_weights())
        discriminator_weights = make_read_only(
            [np.asarray(variable).copy() for variable in gan.discriminator.variables]
        )
        previous = self._published
        self._published = _Published(run, gan.step, weights, discriminator_weights, sampler)
        # After the weights: a page that reads the new number first never gets the older weights.
        if previous is not None and gan.step < previous.step:
            self.num_returns += 1

    def generate(
        self, run: Run, z: np.ndarray, classes: ClassChoice = None
    ) -> tuple[np.ndarray, int] | None:
        """Generate images during training.

        Args:
            run: The run of the generator.
            z: Latent batch, shape (num, latent_dim), float32.
            classes: The class of each image, or the weights of the classes, shape (num,
                num_classes).

        Returns:
            Pixels, uint8 [0, 255], shape (num, height, width, channels), and the step of the
            weights. None if another run is in training, if no weights were published yet, or if
            the run has another `latent_dim`.
        """
        with self._sampler_lock:
            published = self._published
            if published is None or published.run.path != run.path:
                return None
            if published.sampler.config.latent_dim != z.shape[1]:
                return None
            if published is not self._loaded:
                # Not in `publish`: training must not wait for a page, and weights that no page
                # uses are not loaded.
                published.sampler.set_weights(published.weights)
                self._loaded = published
            pixels = tf_runtime.run_for_page(published.sampler.generate, z, classes)
            return pixels, published.step

    def get_generator_weights(self, run: Run) -> tuple[list[np.ndarray], int] | None:
        """Return the EMA generator's weights and their step; None if the run has published none.

        The weights are read-only and in the order of `select_generator_weights`.
        """
        published = self._published
        if published is None or published.run.path != run.path:
            return None
        return published.weights, published.step

    def get_discriminator_weights(self, run: Run) -> tuple[list[np.ndarray], int] | None:
        """Return the discriminator's weights and their step; None as for `get_generator_weights`.

        The weights are read-only and in the order of `select_discriminator_weights`.
        """
        published = self._published
        if published is None or published.run.path != run.path:
            return None
        return published.discriminator_weights, published.step

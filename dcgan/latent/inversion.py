"""Inversion: find the z whose image is most similar to a given image.

The pixel error has many local minima, so gradient descent improves a batch of starting points at
once, and the best result counts. The starts are the survey's samples nearest to the image; the
worst ones are dropped during the search.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from dcgan.backend import avoid_retracing_warnings, tf
from dcgan.config.settings import DIGIT_SHAPE
from dcgan.config.training_config import TrainingConfig
from dcgan.data import datasets
from dcgan.latent.sampling import MAX_ENTRY
from dcgan.latent.survey import Survey
from dcgan.networks.architecture import build_generator

# Number of starting points in each round of _STEPS steps. The worse half is dropped twice.
_ROUNDS = (32, 32, 16, 16, *(8,) * 8)
_STEPS = 20
_MAX_SECONDS = 2.5  # A slower search ends early, but not before the end of the second round.

_RATE = 0.2  # Initial learning rate of Adam; entries of z are about 1.
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.99, 1e-8
# Weight of |z|² / latent_dim beside the squared error: too small to be visible in the image, large
# enough to prefer the likelier of two z with the same image.
_PRIOR = 1e-4

_BOX_SHARE = 20 / DIGIT_SHAPE[0]  # MNIST's digits were scaled to fit into 20 of their 28 pixels.
_MIN_INK = 8  # Pixels above this value, in [0, 255], count as drawn.


@dataclass(frozen=True, eq=False)
class Inversion:
    """The best z that was found for an image.

    Attributes:
        z: Latent vector, float32, shape (latent_dim,), entries in [-MAX_ENTRY, MAX_ENTRY].
        pixels: The image of z, uint8 [0, 255], shape (height, width, channels).
        error: Root mean square difference between this image and the given one, in [0, 1], where
            1 is black against white; infinite if the generator has diverged. Two different
            digits differ by about 0.35.
        share_done: Share of the search that is done, in (0, 1].
    """

    z: np.ndarray
    pixels: np.ndarray
    error: float
    share_done: float


class Inverter:
    """Search for the z of images, with a generator whose graph is traced once for all weights.

    Safe to call from any thread; calls wait for each other.
    """

    def __init__(self, config: TrainingConfig, clock: Callable[[], float] = time.monotonic) -> None:
        """Build the generator.

        Args:
            config: The config of the generator.
            clock: Returns the time in seconds; a slow search ends early.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._is_traced = False
        self._generator = build_generator(config)
        batch = tf.TensorSpec((None, config.latent_dim), tf.float32)
        image = tf.TensorSpec(config.image_shape, tf.float32)
        number = tf.TensorSpec((), tf.float32)
        self._improve = tf.function(
            avoid_retracing_warnings(self._take_steps),
            input_signature=[batch, batch, batch, image, number, number],
            autograph=False,  # On Python 3.13 it cannot read some functions.
        )

    def invert(
        self, weights: Sequence[np.ndarray], pixels: np.ndarray, survey: Survey
    ) -> Generator[Inversion]:
        """Search for the z of an image.

        Args:
            weights: Weights of the generator, in the order of `select_generator_weights`.
            pixels: The image, uint8 [0, 255], shape (height, width, channels).
            survey: Samples of this generator, for the starting points.

        Yields:
            The best result so far after each round; the last one has a `share_done` of 1. Other
            calls wait until the iterator ends, so close it if you do not read it to its end.
        """
        with self._lock:
            self._generator.set_weights(weights)
            if not self._is_traced:  # Tracing does not count against the time limit.
                zeros = np.zeros((1, self._generator.input_shape[1]), np.float32)
                black = np.full(self._generator.output_shape[1:], -1, np.float32)
                self._improve(zeros, zeros, zeros, black, 0.0, 0.0)
                self._is_traced = True
            yield from self._search_in_rounds(pixels, survey)

    def _search_in_rounds(self, pixels: np.ndarray, survey: Survey) -> Iterator[Inversion]:
        began = self._clock()
        target = datasets.to_images(np.asarray(pixels, np.float32))
        squares = (survey.pixels.astype(np.float32) - pixels) ** 2
        nearest = np.argsort(squares.mean(axis=(1, 2, 3)), kind="stable")[: _ROUNDS[0]]
        z = survey.z[nearest].clip(-MAX_ENTRY, MAX_ENTRY)
        momentum, velocity = np.zeros_like(z), np.zeros_like(z)
        best, lowest_error = z[0], np.inf
        for index, size in enumerate(_ROUNDS):
            z, momentum, velocity = z[:size], momentum[:size], velocity[:size]
            vectors, errors, z, momentum, velocity = (
                tensor.numpy()
                for tensor in self._improve(
                    z, momentum, velocity, target, float(index * _STEPS), index / len(_ROUNDS)
                )
            )
            order = np.argsort(errors, kind="stable")
            z, momentum, velocity = z[order], momentum[order], velocity[order]
            if errors[order[0]] < lowest_error:
                best, lowest_error = vectors[order[0]], errors[order[0]]
            num_done = index + 1
            is_late = self._clock() - began > _MAX_SECONDS and num_done >= 2
            is_last = is_late or num_done == len(_ROUNDS)
            image = self._generator(best[np.newaxis], training=False)
            yield Inversion(
                best,
                datasets.to_pixels(image.numpy())[0],
                float(np.sqrt(lowest_error)),
                1.0 if is_last else num_done / len(_ROUNDS),
            )
            if is_last:
                return

    def _take_steps(
        self,
        z: tf.Tensor,
        momentum: tf.Tensor,
        velocity: tf.Tensor,
        target: tf.Tensor,
        num_before: tf.Tensor,
        share_before: tf.Tensor,
    ) -> tuple[tf.Tensor, ...]:
        """Improve a batch of z by _STEPS steps of Adam.

        Args:
            z: Latent batch, shape (num, latent_dim).
            momentum, velocity: Adam's averages of the gradient and of its square, same shape.
            target: The image, shape (height, width, channels), in [-1, 1].
            num_before: Number of steps before.
            share_before: Share of the search that is done. The learning rate falls with it along a
                cosine.

        Returns:
            The best z of each start, the squared errors of these z, shape (num,), and the new
            values of z, momentum and velocity.
        """
        rate = _RATE * 0.5 * (1 + tf.cos(np.pi * share_before))

        def take_step(
            index: tf.Tensor,
            z: tf.Tensor,
            momentum: tf.Tensor,
            velocity: tf.Tensor,
            best: tf.Tensor,
            lowest: tf.Tensor,
        ) -> tuple[tf.Tensor, ...]:
            with tf.GradientTape() as tape:
                tape.watch(z)
                images = self._generator(z, training=False)
                # Divided by 4: from black (-1) to white (1), the squared difference is 4.
                errors = tf.reduce_mean((images - target) ** 2, axis=(1, 2, 3)) / 4
                cost = errors + _PRIOR * tf.reduce_mean(z**2, axis=1)
            gradient = tape.gradient(cost, z)
            is_better = errors < lowest
            lowest = tf.where(is_better, errors, lowest)
            best = tf.where(is_better[:, tf.newaxis], z, best)
            count = num_before + tf.cast(index, tf.float32) + 1
            momentum = _BETA_1 * momentum + (1 - _BETA_1) * gradient
            velocity = _BETA_2 * velocity + (1 - _BETA_2) * gradient**2
            step = momentum / (1 - _BETA_1**count)
            step /= tf.sqrt(velocity / (1 - _BETA_2**count)) + _EPSILON
            z = tf.clip_by_value(z - rate * step, -MAX_ENTRY, MAX_ENTRY)
            return index + 1, z, momentum, velocity, best, lowest

        lowest = tf.fill(tf.shape(z)[:1], np.float32(np.inf))
        _, z, momentum, velocity, best, lowest = tf.while_loop(
            lambda index, *_: index < _STEPS,
            take_step,
            (tf.constant(0), z, momentum, velocity, z, lowest),
        )
        return best, lowest, z, momentum, velocity


def normalize_drawing(pixels: np.ndarray, side: int = DIGIT_SHAPE[0]) -> np.ndarray:
    """Scale and center a drawn digit as MNIST's digits were.

    The digit fits into 20×20 of 28×28 pixels, and its center of mass is in the middle.

    Args:
        pixels: uint8 [0, 255], shape (height, width); ink is bright.
        side: Height and width of the result, in pixels.

    Returns:
        uint8 [0, 255], shape (side, side, 1); black if there is no ink.
    """
    rows, columns = (np.flatnonzero((pixels > _MIN_INK).any(axis=axis)) for axis in (1, 0))
    placed = np.zeros((side, side), np.uint8)
    if not len(rows):
        return placed[..., np.newaxis]
    digit = Image.fromarray(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    scale = _BOX_SHARE * side / max(digit.size)
    width, height = (max(1, round(length * scale)) for length in digit.size)
    small = np.asarray(digit.resize((width, height), Image.Resampling.BICUBIC))
    mass = small.sum(dtype=np.float64) or 1.0
    middle = side / 2  # Measured: the center of mass of MNIST's digits is at 14.0, counted from 0.
    top, left = (
        int(np.clip(round(middle - (small.sum(axis=axis) @ np.arange(num)) / mass), 0, side - num))
        for axis, num in ((1, height), (0, width))
    )
    placed[top : top + height, left : left + width] = small
    return placed[..., np.newaxis]

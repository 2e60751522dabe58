"""Inversion: the z whose picture is most like a given one, and how far the two stay apart.

A batch of starts is improved by gradient descent on the pixels, all at once: the generator has
many valleys, and the best of many starts is far better than one. The starts are the survey's
samples most like the picture, which is an encoder that needs no training; those that fall behind
are dropped on the way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from dcgan.backend import tf
from dcgan.config import DIGIT_SHAPE, TrainingConfig
from dcgan.data import datasets
from dcgan.latent.sampling import MAX_ENTRY
from dcgan.latent.survey import Survey
from dcgan.model.networks import build_generator

# How many starts are still improved in each round of _STEPS: half of them fall out twice.
_ROUNDS = (32, 32, 16, 16, *(8,) * 8)
_STEPS = 20
_MAX_SECONDS = 2.5  # A large generator gets fewer rounds, two at least.

_RATE = 0.2  # Adam's, at first; z's numbers are about 1.
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.99, 1e-8
# What |z|² / latent_dim costs, in units of the squared error: too little to show in the picture,
# enough to choose the likelier of two z that draw the same.
_PRIOR = 1e-4

_BOX = 20 / DIGIT_SHAPE[0]  # MNIST's digits were scaled to fit into 20 of their 28 pixels.
_INK = 8  # Darker than that is no ink of a drawing.


@dataclass(frozen=True, eq=False)
class Inversion:
    """The nearest that a generator was found to come to a picture.

    Attributes:
        z: Latent vector, float32, shape (latent_dim,), entries in [-MAX_ENTRY, MAX_ENTRY].
        pixels: What the generator makes of it, uint8, shape (height, width, channels).
        error: Root mean square difference from the picture, as a share of black to white; in
            [0, 1]. Two different digits are about 0.35 apart.
        share_done: Of the search, in (0, 1].
    """

    z: np.ndarray
    pixels: np.ndarray
    error: float
    share_done: float


class Inverter:
    """A generator of its own that is asked for z, traced once for all weights.

    Safe to call from any thread; who comes second waits.
    """

    def __init__(self, config: TrainingConfig) -> None:
        self._lock = threading.Lock()
        self._is_traced = False
        self._generator = build_generator(config)
        batch = tf.TensorSpec((None, config.latent_dim), tf.float32)
        image = tf.TensorSpec(config.image_shape, tf.float32)
        number = tf.TensorSpec((), tf.float32)
        self._improve = tf.function(
            self._steps, input_signature=[batch, batch, batch, image, number, number]
        )

    def invert(
        self, weights: Sequence[np.ndarray], pixels: np.ndarray, survey: Survey
    ) -> Generator[Inversion]:
        """Look for the z of a picture.

        Args:
            weights: The generator's, in the order of `gan.generator_weights`.
            pixels: uint8, of the shape of its pictures.
            survey: Of this generator; where the search begins.

        Yields:
            The best so far, after each round; the last one has `share_done` 1. Close it where it is
            not read to its end: until then others wait.
        """
        with self._lock:
            self._generator.set_weights(weights)
            if not self._is_traced:  # Before the clock of the first search starts.
                nothing = np.zeros((1, self._generator.input_shape[1]), np.float32)
                black = np.full(self._generator.output_shape[1:], -1, np.float32)
                self._improve(nothing, nothing, nothing, black, 0.0, 0.0)
                self._is_traced = True
            yield from self._rounds(pixels, survey)

    def _rounds(self, pixels: np.ndarray, survey: Survey) -> Iterator[Inversion]:
        began = time.monotonic()
        target = datasets.scale(np.asarray(pixels, np.float32))
        apart = (survey.pixels.astype(np.float32) - pixels) ** 2
        nearest = np.argsort(apart.mean(axis=(1, 2, 3)), kind="stable")[: _ROUNDS[0]]
        z = survey.z[nearest].clip(-MAX_ENTRY, MAX_ENTRY)
        first, second = np.zeros_like(z), np.zeros_like(z)
        best, lowest = z[0], np.inf
        for number, size in enumerate(_ROUNDS, start=1):
            z, first, second = z[:size], first[:size], second[:size]
            share_before = (number - 1) / len(_ROUNDS)
            found, errors, z, first, second = (
                tensor.numpy()
                for tensor in self._improve(
                    z, first, second, target, float((number - 1) * _STEPS), share_before
                )
            )
            order = np.argsort(errors, kind="stable")
            z, first, second = z[order], first[order], second[order]
            if errors[order[0]] < lowest:
                best, lowest = found[order[0]], errors[order[0]]
            is_over = time.monotonic() - began > _MAX_SECONDS and number >= 2
            is_last = is_over or number == len(_ROUNDS)
            drawn = self._generator(best[np.newaxis], training=False)
            yield Inversion(
                best,
                datasets.to_pixels(drawn.numpy())[0],
                float(np.sqrt(lowest)),
                1.0 if is_last else number / len(_ROUNDS),
            )
            if is_last:
                return

    def _steps(
        self,
        z: tf.Tensor,
        first: tf.Tensor,
        second: tf.Tensor,
        target: tf.Tensor,
        num_before: tf.Tensor,
        share_before: tf.Tensor,
    ) -> tuple[tf.Tensor, ...]:
        """Improve each of a batch by _STEPS steps of Adam.

        Args:
            z: Where they stand, shape (num, latent_dim).
            first, second: Adam's moments, of the same shape.
            target: The picture, shape (height, width, channels), in [-1, 1].
            num_before: Steps so far.
            share_before: Of the whole search; the rate falls with it along a cosine.

        Returns:
            The best z on the way and their squared errors (num,), and where all stand now.
        """
        best, lowest = z, tf.fill(tf.shape(z)[:1], np.float32(np.inf))
        rate = _RATE * 0.5 * (1 + tf.cos(np.pi * share_before))
        for index in tf.range(_STEPS):
            with tf.GradientTape() as tape:
                tape.watch(z)
                images = self._generator(z, training=False)
                # A quarter: from black to white is 2 here.
                errors = tf.reduce_mean((images - target) ** 2, axis=(1, 2, 3)) / 4
                cost = errors + _PRIOR * tf.reduce_mean(z**2, axis=1)
            slope = tape.gradient(cost, z)
            is_better = errors < lowest
            lowest = tf.where(is_better, errors, lowest)
            best = tf.where(is_better[:, tf.newaxis], z, best)
            count = num_before + tf.cast(index, tf.float32) + 1
            first = _BETA_1 * first + (1 - _BETA_1) * slope
            second = _BETA_2 * second + (1 - _BETA_2) * slope**2
            step = first / (1 - _BETA_1**count)
            step /= tf.sqrt(second / (1 - _BETA_2**count)) + _EPSILON
            z = tf.clip_by_value(z - rate * step, -MAX_ENTRY, MAX_ENTRY)
        return best, lowest, z, first, second


def like_mnist(pixels: np.ndarray, side: int = DIGIT_SHAPE[0]) -> np.ndarray:
    """Bring a drawn digit to the size and the place that MNIST's digits have.

    As MNIST's makers did: scaled to fit into 20×20 of 28×28 pixels, its centre of mass in the
    middle.

    Args:
        pixels: uint8, shape (height, width); ink is bright.
        side: Of the picture that is wanted, in pixels.

    Returns:
        uint8, shape (side, side, 1); black where there is no ink.
    """
    rows, columns = (np.flatnonzero((pixels > _INK).any(axis=axis)) for axis in (1, 0))
    placed = np.zeros((side, side), np.uint8)
    if not len(rows):
        return placed[..., np.newaxis]
    digit = Image.fromarray(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    scale = _BOX * side / max(digit.size)
    width, height = (max(1, round(length * scale)) for length in digit.size)
    small = np.asarray(digit.resize((width, height), Image.Resampling.BICUBIC))
    mass = small.sum(dtype=np.float64) or 1.0
    middle = side / 2  # Measured: MNIST's digits have it at 14.0, counted from 0.
    top, left = (
        int(np.clip(round(middle - (small.sum(axis=axis) @ np.arange(num)) / mass), 0, side - num))
        for axis, num in ((1, height), (0, width))
    )
    placed[top : top + height, left : left + width] = small
    return placed[..., np.newaxis]

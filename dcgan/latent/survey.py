"""A survey: a few thousand digits of one generator, each measured once.

Named directions, the bank of digits and the map are all drawn from it, so a page that shows the
three asks the generator and the judge a single time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dcgan.evaluation.digit_classifier import NUM_DIGITS, Prediction, load_digit_classifier
from dcgan.latent.sampling import sample_latent
from dcgan.latent.shapes import Shapes, measure

NUM_SAMPLES = 2000
# Of the judge's features, whose variances sum to 100: keeps what never varies from dividing by 0.
_RIDGE = 0.05
_NUM_COMPARED = 64  # Pictures that tell whether the generator has changed.
_SEED = 20_151_119  # Of its z: one of its own, so that nobody's own seed is looked at twice.

# From latent vectors (num, latent_dim) to pixels, as `Sampler.generate`.
Draw = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Survey:
    """What a generator draws.

    Attributes:
        z: Latent batch, float32, shape (num, latent_dim).
        pixels: What it draws of them, uint8, shape (num, height, width, channels).
        shapes: Their measures.
        prediction: What the judge sees in them; None where the pictures are no digits.
    """

    z: np.ndarray
    pixels: np.ndarray
    shapes: Shapes
    prediction: Prediction | None

    @property
    def digits(self) -> np.ndarray:
        """The judge's name for each, shape (num,), int; none where it was not asked."""
        return (
            np.zeros(0, int) if self.prediction is None else self.prediction.logits.argmax(axis=1)
        )

    def best(self, digit: int, num: int) -> np.ndarray:
        """Return which samples show a digit, the surest first; as many as there are, up to num.

        Raises:
            ValueError: If digit is not in [0, 9].
        """
        if not 0 <= digit < NUM_DIGITS:
            raise ValueError(f"digit must be in [0, {NUM_DIGITS - 1}], got {digit}.")
        if self.prediction is None:
            return np.zeros(0, int)
        order = np.argsort(-log_odds(self.prediction.logits)[:, digit], kind="stable")
        return order[self.digits[order] == digit][:num]

    def change(self, draw: Draw) -> float:
        """Return how much a generator's pictures differ from those of the survey.

        Args:
            draw: The generator as it is now.

        Returns:
            The root mean square difference between what it draws now and drew then of the same z,
            in units of that between pictures of different z: 0 of the same weights, about 1 where
            it draws something else altogether.
        """
        then = self.pixels[:_NUM_COMPARED].astype(np.float32)
        now = draw(self.z[:_NUM_COMPARED]).astype(np.float32)
        apart = np.sqrt(((then - np.roll(then, 1, axis=0)) ** 2).mean())
        moved = np.sqrt(((now - then) ** 2).mean())
        if apart == 0:
            return 0.0 if moved == 0 else 1.0
        return float(moved / apart)

    def places(self) -> np.ndarray:
        """Return a place for each sample on a map where like ones are near, shape (num, 2).

        Where the judge was asked: its features along the two directions in which the digits it
        names lie furthest apart, in units of their spread (Fisher's discriminants). Else the
        pictures' two principal components. Both are straight projections: what is near in the
        picture may still be apart in what it leaves out.
        """
        if self.prediction is None:
            return _principal_places(self.pixels)
        points = self.prediction.features.astype(np.float64)
        present = np.unique(self.digits)
        means = np.stack([points[self.digits == digit].mean(axis=0) for digit in present])
        within = points - means[np.searchsorted(present, self.digits)]
        spread = within.T @ within / len(points) + _RIDGE * np.eye(points.shape[1])
        between = means - means.mean(axis=0)
        # Made round by the spread's root, the widest directions are found by plain SVD.
        whiten = np.linalg.inv(np.linalg.cholesky(spread)).T
        _, _, axes = np.linalg.svd(between @ whiten, full_matrices=False)
        places = (points - points.mean(axis=0)) @ whiten @ axes[:2].T
        return np.pad(places, ((0, 0), (0, 2 - places.shape[1])))


def _principal_places(pixels: np.ndarray) -> np.ndarray:
    """Return places along the pictures' two principal components, shape (num, 2).

    By the products of the pictures with each other, which are fewer than those of the pixels.
    """
    points = pixels.reshape(len(pixels), -1).astype(np.float32) / 255
    points -= points.mean(axis=0)
    variances, axes = np.linalg.eigh(points @ points.T)  # Ascending.
    places = axes[:, :-3:-1] * np.sqrt(variances[:-3:-1].clip(0))
    return np.pad(places.astype(np.float64), ((0, 0), (0, 2 - places.shape[1])))


def take_survey(draw: Draw, latent_dim: int, *, has_digits: bool, num: int = NUM_SAMPLES) -> Survey:
    """Draw samples of always the same z and measure them.

    Args:
        draw: The generator.
        latent_dim: Length of the vectors that it takes.
        has_digits: Whether it draws digits, so that the judge has a say.
        num: How many samples.
    """
    z = sample_latent(_SEED, num, latent_dim)
    pixels = draw(z)
    return Survey(
        z, pixels, measure(pixels), load_digit_classifier().predict(pixels) if has_digits else None
    )


def log_odds(logits: np.ndarray) -> np.ndarray:
    """Return how much surer than not the judge is of each digit: log p - log(1 - p).

    Args:
        logits: Of the judge, shape (num, NUM_DIGITS).

    Returns:
        The same shape, float64; 0 where it is as sure as not. Unlike a probability it still tells
        two digits apart that are both beyond doubt.
    """
    values = np.asarray(logits, np.float64)
    odds = np.empty_like(values)
    for digit in range(values.shape[1]):
        others = np.delete(values, digit, axis=1)
        highest = others.max(axis=1)
        rest = highest + np.log(np.exp(others - highest[:, None]).sum(axis=1))
        odds[:, digit] = values[:, digit] - rest
    return odds

"""Directions in latent space that mean something, found in the generator itself.

Named ones come from measurement: what is measured in a survey's digits (their shape, and which
digit the judge sees) is regressed on z. For z from N(0, 1) the coefficients are the mean gradient
of the measure over the distribution (Stein's lemma), so they point where it grows the most on
average. Each is then tried on digits that the regression has not seen, and only what keeps its
word is offered.

Principal ones come from the first layer, whatever they may turn out to mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dcgan.errors import check_whole_number
from dcgan.evaluation.digit_classifier import NUM_DIGITS, load_digit_classifier
from dcgan.latent.sampling import sample_latent
from dcgan.latent.shapes import Shapes, measure
from dcgan.latent.survey import Draw, Survey, log_odds
from dcgan.model.networks import PlainLayer

# A direction's correlation on fresh digits below which it is not offered: with it, moving from end
# to end still changes nine digits in ten the way that the name says.
MIN_CORRELATION = 0.5
REACH = 3.0  # It is tried from -REACH to REACH; 1 in 370 z lie beyond.

_NUM_TRIALS = 200  # Fresh digits for each direction.
_SEED = 20_160_107
# Regularises the regression as that many samples of pure noise would: it is nothing beside a
# survey, and keeps a z of more numbers than samples from being fitted by heart.
_RIDGE = 1.0
# Of a layer wider than that, principal components are taken of fewer samples.
_MAX_UNITS, _NUM_OF_WIDE = 2000, 500


@dataclass(frozen=True, eq=False)
class Direction:
    """A direction that does what its name says.

    Attributes:
        name: As a person reads it: "Slant", "Pull towards 7".
        vector: Unit vector, float32, shape (latent_dim,).
        correlation: Of the place along it and what is measured there, on fresh digits, each put
            at a random place in [-REACH, REACH]; in [-1, 1].
        share_rising: Of fresh digits, how many measure more at REACH than at -REACH; in [0, 1].
    """

    name: str
    vector: np.ndarray
    correlation: float
    share_rising: float


@dataclass(frozen=True, eq=False)
class PrincipalDirection:
    """A direction along which the first layer varies much.

    Attributes:
        vector: Unit vector, float32, shape (latent_dim,).
        share: Of the first layer's variance over z, how much it explains; in [0, 1].
    """

    vector: np.ndarray
    share: float


class _Candidate(NamedTuple):
    name: str
    target: np.ndarray  # What is regressed, shape (num,).
    read: Callable[[np.ndarray], np.ndarray]  # From fresh pixels to what must grow.


def named_directions(draw: Draw, survey: Survey) -> list[Direction]:
    """Find the directions of shape and of each digit, and leave out what does not hold.

    Args:
        draw: The generator that the survey is of.
        survey: Its digits.

    Returns:
        Those with a correlation of at least MIN_CORRELATION, the shapes first.
    """
    candidates = _candidates(survey)
    # What does not vary cannot be regressed: a generator at its start draws one and the same.
    candidates = [it for it in candidates if it.target.std() > 1e-9 * (1 + abs(it.target.mean()))]
    if not candidates:
        return []
    vectors = _regress(survey.z, np.stack([it.target for it in candidates], axis=1))
    found = []
    for index, (candidate, vector) in enumerate(zip(candidates, vectors, strict=True)):
        correlation, share_rising = _try_out(draw, vector, candidate.read, _SEED + index)
        if correlation >= MIN_CORRELATION:
            found.append(Direction(candidate.name, vector, correlation, share_rising))
    return found


def _candidates(survey: Survey) -> list[_Candidate]:
    def read_shape(index: int) -> Callable[[np.ndarray], np.ndarray]:
        return lambda pixels: measure(pixels)[index]

    def read_digit(digit: int) -> Callable[[np.ndarray], np.ndarray]:
        return lambda pixels: log_odds(load_digit_classifier().predict(pixels).logits)[:, digit]

    candidates = [
        _Candidate(name.capitalize(), survey.shapes[index], read_shape(index))
        for index, name in enumerate(Shapes._fields)
    ]
    if survey.prediction is not None:
        # Of a probability and not of its log odds: where to go to be a 7 is told by the sevens,
        # not by how sure it is of what a 1 is not.
        candidates += [
            _Candidate(
                f"Pull towards {digit}",
                survey.prediction.probabilities[:, digit].astype(np.float64),
                read_digit(digit),
            )
            for digit in range(NUM_DIGITS)
        ]
    return candidates


def _regress(z: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the unit vectors along which targets (num, num_targets) grow, a row for each."""
    centered = z.astype(np.float64) - z.mean(axis=0)
    gram = centered.T @ centered + _RIDGE * np.eye(z.shape[1])
    slopes = np.linalg.solve(gram, centered.T @ (targets - targets.mean(axis=0))).T
    lengths = np.linalg.norm(slopes, axis=1, keepdims=True)
    return (slopes / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


def _try_out(
    draw: Draw, vector: np.ndarray, read: Callable[[np.ndarray], np.ndarray], seed: int
) -> tuple[float, float]:
    """Move fresh digits along a vector; return correlation and share rising, as of `Direction`."""
    z = sample_latent(seed, _NUM_TRIALS, len(vector))
    z -= (z @ vector)[:, None] * vector
    places = np.random.default_rng(seed).uniform(-REACH, REACH, _NUM_TRIALS)
    places = np.concatenate([places, np.full(_NUM_TRIALS, -REACH), np.full(_NUM_TRIALS, REACH)])
    moved = np.tile(z, (3, 1)) + places[:, None] * vector
    scattered, low, high = np.split(read(draw(moved.astype(np.float32))), 3)
    if scattered.std() == 0:
        return 0.0, 0.0
    correlation = np.corrcoef(places[:_NUM_TRIALS], scattered)[0, 1]
    return float(correlation), float((high > low).mean())


def ganspace_directions(layer: PlainLayer, z: np.ndarray, num: int) -> list[PrincipalDirection]:
    """Find the principal components of the first layer's activations, as directions of z.

    Args:
        layer: The first layer.
        z: Latent batch to take its activations of, shape (num_samples, latent_dim).
        num: How many at most.

    Returns:
        The strongest first; a component's direction is the regression of its coordinate on z.

    Source:
        Härkönen et al., "GANSpace: Discovering Interpretable GAN Controls", 2020,
        arXiv:2004.02546.
    """
    num = min(check_whole_number("num", num, 1), z.shape[1], layer.kernel.shape[1])
    if layer.kernel.shape[1] > _MAX_UNITS:
        z = z[:_NUM_OF_WIDE]
    activations = np.maximum(z.astype(np.float64) @ layer.kernel + layer.offset, 0.0)
    activations -= activations.mean(axis=0)
    # By the smaller of both sides: a layer may have ten thousand units.
    if activations.shape[1] <= len(activations):
        variances, axes = _eigen(activations.T @ activations)
        coordinates = activations @ axes[:, :num]
    else:
        variances, axes = _eigen(activations @ activations.T)
        coordinates = axes[:, :num] * np.sqrt(variances[:num])
    shares = _shares(variances)
    vectors = map(_with_sign, _regress(z, coordinates))
    return [
        PrincipalDirection(vector, float(share))
        for vector, share in zip(vectors, shares, strict=False)
        if share > 0
    ]


def sefa_directions(layer: PlainLayer, num: int) -> list[PrincipalDirection]:
    """Find the directions that the first layer's weights stretch the most, without any sample.

    Args:
        layer: The first layer.
        num: How many at most.

    Returns:
        The most stretched first. They are at right angles to each other.

    Source:
        Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs", 2020,
        arXiv:2007.06600.
    """
    num = min(check_whole_number("num", num, 1), layer.kernel.shape[0])
    kernel = layer.kernel.astype(np.float64)
    variances, axes = _eigen(kernel @ kernel.T)
    return [
        PrincipalDirection(_with_sign(vector).astype(np.float32), float(share))
        for vector, share in zip(axes.T[:num], _shares(variances), strict=False)
        if share > 0
    ]


def _eigen(symmetric: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues, the largest first and none below 0, and eigenvectors in columns."""
    values, vectors = np.linalg.eigh(symmetric)
    return values[::-1].clip(0), vectors[:, ::-1]


def _with_sign(vector: np.ndarray) -> np.ndarray:
    """Point a direction that has no sign of its own to where its largest number is above 0."""
    return vector if vector[np.argmax(np.abs(vector))] >= 0 else -vector


def _shares(variances: np.ndarray) -> np.ndarray:
    total = variances.sum()
    return variances / total if total > 0 else np.zeros_like(variances)

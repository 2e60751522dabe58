"""Directions in latent space with a meaning, found in a trained generator.

Named directions come from measurements: the shapes of a survey's digits, and the probability of
each digit, are regressed on z. For z from N(0, 1) the coefficients are the mean gradient of the
measurement over the distribution (Stein's lemma), so they point to its largest mean increase. Each
direction is then tested on new digits, and returned only if the named measurement increases along
it.

Principal directions come from the first layer; their meaning is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dcgan.arguments import check_whole_number
from dcgan.digit_classifier.classifier import NUM_DIGITS, load_digit_classifier
from dcgan.latent.digit_shapes import Shapes, measure_shapes
from dcgan.latent.sampling import sample_latent
from dcgan.latent.survey import Generate, Survey, compute_log_odds
from dcgan.networks.plain_layers import PlainLayer

# Smallest correlation of a direction with its measurement, on new digits. At 0.5, a move from one
# end to the other still increases the measurement in nine digits of ten.
MIN_CORRELATION = 0.5
REACH = 3.0  # Directions are tested in [-REACH, REACH]; one in 370 z is beyond.
# Farther along a named direction, digits become unreadable: of 80 clear digits of the included run,
# the classifier is sure of 97 % at a slant of 2.5, and of 88 % at 3. One z in 80 lies beyond.
SLIDER_LIMIT = 2.5

_NUM_TRIALS = 200  # New digits for the correlation of each direction.
# How many of them are also drawn at both ends, for the share that rises. A share needs fewer digits
# than a correlation, and drawing takes most of the time.
_NUM_ENDS = 50
_SEED = 20_160_107
# Regularises the regression, with the weight of one sample: too little to matter in a survey,
# enough to prevent overfitting if z has more entries than there are samples.
_RIDGE = 1.0
# For a layer with more units, principal components are computed from fewer samples.
_MAX_UNITS, _NUM_SAMPLES_IF_WIDE = 2000, 500

_MEASURES = {
    "Slant": "Measured in degrees from upright.",
    "Thickness": "Measured as the width of the stroke in pixels.",
    "Width": "Measured in pixels, with the digit upright.",
    "Height": "Measured in pixels, from the upper edge of the digit to the lower one.",
    "Roundness": "Measured from 0, a straight line, to 1, a circle.",
}
_DIGIT_MEASURE = "Measured by how sure a digit classifier is of this digit."


@dataclass(frozen=True, eq=False)
class Direction:
    """A direction along which a measurement changes.

    Attributes:
        name: Name for people, such as "Slant" or "More like a 7".
        vector: Unit vector, float32, shape (latent_dim,).
        correlation: Correlation of the position along the vector with the measurement, over new
            digits at random positions in [-REACH, REACH]; in [-1, 1].
        share_rising: Share of new digits that measure more at REACH than at -REACH, in [0, 1].
    """

    name: str
    vector: np.ndarray
    correlation: float
    share_rising: float

    def explain(self) -> str:
        """Explain the effect of a slider along this direction, and its reliability."""
        return (
            f"{_MEASURES.get(self.name, _DIGIT_MEASURE)} From left to right it rose in "
            f"{self.share_rising:.0%} of the digits tried."
        )


@dataclass(frozen=True, eq=False)
class PrincipalDirection:
    """A direction with a large variance of the first layer.

    Attributes:
        vector: Unit vector, float32, shape (latent_dim,).
        share: Share of the first layer's variance that the direction explains, in [0, 1].
    """

    vector: np.ndarray
    share: float


class _Candidate(NamedTuple):
    """A direction that is still to be tested.

    Attributes:
        name: Name for people.
        target: Measurements of the survey to regress on z, shape (num,).
        measure: Maps the pixels of new digits to the measurement that must increase.
    """

    name: str
    target: np.ndarray
    measure: Callable[[np.ndarray], np.ndarray]


def find_named_directions(
    generate: Generate, survey: Survey, tested: slice = slice(None)
) -> list[Direction]:
    """Find directions that change the shape or the probability of a digit.

    Args:
        generate: The generator of the survey.
        survey: Samples with their measurements.
        tested: Slice of the candidates to test, shapes first. Tests take most of the time.

    Returns:
        Directions with a correlation of at least MIN_CORRELATION, shapes first.
    """
    candidates = _list_candidates(survey)
    # A constant cannot be regressed: an untrained generator always makes the same image.
    candidates = [
        candidate
        for candidate in candidates
        if candidate.target.std() > 1e-9 * (1 + abs(candidate.target.mean()))
    ]
    if not candidates:
        return []
    vectors = _regress(survey.z, np.stack([candidate.target for candidate in candidates], axis=1))
    directions = []
    numbered = list(enumerate(zip(candidates, vectors, strict=True)))
    for index, (candidate, vector) in numbered[tested]:
        correlation, share_rising = _test_direction(
            generate, vector, candidate.measure, _SEED + index
        )
        if correlation >= MIN_CORRELATION:
            directions.append(Direction(candidate.name, vector, correlation, share_rising))
    return directions


def _list_candidates(survey: Survey) -> list[_Candidate]:
    def measure_shape(index: int) -> Callable[[np.ndarray], np.ndarray]:
        return lambda pixels: measure_shapes(pixels)[index]

    def measure_digit(digit: int) -> Callable[[np.ndarray], np.ndarray]:
        return lambda pixels: compute_log_odds(load_digit_classifier().predict(pixels).logits)[
            :, digit
        ]

    candidates = [
        _Candidate(name.capitalize(), survey.shapes[index], measure_shape(index))
        for index, name in enumerate(Shapes._fields)
    ]
    if survey.prediction is not None:
        # The target is the probability, not its log odds: the direction towards a 7 depends on
        # the samples that look like one, not on how little the others do.
        candidates += [
            _Candidate(
                f"More like {'an' if digit == 8 else 'a'} {digit}",
                survey.prediction.probabilities[:, digit].astype(np.float64),
                measure_digit(digit),
            )
            for digit in range(NUM_DIGITS)
        ]
    return candidates


def _regress(z: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Find for each target the direction of z along which the target increases most.

    Args:
        z: Latent batch, shape (num, latent_dim).
        targets: Values of the targets, shape (num, num_targets).

    Returns:
        Unit vectors, shape (num_targets, latent_dim), float32.
    """
    centered = z.astype(np.float64) - z.mean(axis=0)
    gram = centered.T @ centered + _RIDGE * np.eye(z.shape[1])
    slopes = np.linalg.solve(gram, centered.T @ (targets - targets.mean(axis=0))).T
    lengths = np.linalg.norm(slopes, axis=1, keepdims=True)
    return (slopes / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


def _test_direction(
    generate: Generate, vector: np.ndarray, measure: Callable[[np.ndarray], np.ndarray], seed: int
) -> tuple[float, float]:
    """Move new digits along a vector; return `correlation` and `share_rising` of a `Direction`."""
    z = sample_latent(seed, _NUM_TRIALS, len(vector))
    z -= (z @ vector)[:, None] * vector
    random = np.random.default_rng(seed).uniform(-REACH, REACH, _NUM_TRIALS)

    def move(start: np.ndarray, distance: np.ndarray | float) -> np.ndarray:
        return measure(generate((start + distance * vector).astype(np.float32)))

    scattered = move(z, random[:, None])
    # A batch for each end: a generator that draws its classes in turn then draws the same classes
    # at both ends.
    low, high = (move(z[:_NUM_ENDS], end) for end in (-REACH, REACH))
    if scattered.std() == 0:
        return 0.0, 0.0
    correlation = np.corrcoef(random, scattered)[0, 1]
    return float(correlation), float((high > low).mean())


def find_ganspace_directions(
    layer: PlainLayer, z: np.ndarray, num_directions: int
) -> list[PrincipalDirection]:
    """Find the principal components of the first layer's activations, as directions of z.

    Args:
        layer: The first layer.
        z: Latent batch whose activations are used, shape (num_samples, latent_dim).
        num_directions: Maximum number of directions.

    Returns:
        Directions with the largest variance first; each is the regression of a component's
        coordinate on z.

    Source:
        Härkönen et al., "GANSpace: Discovering Interpretable GAN Controls", 2020,
        arXiv:2004.02546.
    """
    num_directions = min(
        check_whole_number("num_directions", num_directions, 1), z.shape[1], layer.kernel.shape[1]
    )
    if layer.kernel.shape[1] > _MAX_UNITS:
        z = z[:_NUM_SAMPLES_IF_WIDE]
    activations = np.maximum(z.astype(np.float64) @ layer.kernel + layer.offset, 0.0)
    activations -= activations.mean(axis=0)
    # Use the smaller matrix: a layer may have ten thousand units.
    if activations.shape[1] <= len(activations):
        variances, axes = _decompose(activations.T @ activations)
        coordinates = activations @ axes[:, :num_directions]
    else:
        variances, axes = _decompose(activations @ activations.T)
        coordinates = axes[:, :num_directions] * np.sqrt(variances[:num_directions])
    shares = _compute_shares(variances)
    vectors = map(_normalize_sign, _regress(z, coordinates))
    return [
        PrincipalDirection(vector, float(share))
        for vector, share in zip(vectors, shares, strict=False)
        if share > 0
    ]


def find_sefa_directions(layer: PlainLayer, num_directions: int) -> list[PrincipalDirection]:
    """Find the directions that the first layer's weights stretch the most; needs no samples.

    Args:
        layer: The first layer.
        num_directions: Maximum number of directions.

    Returns:
        The most stretched directions first; they are orthogonal.

    Source:
        Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs", 2020,
        arXiv:2007.06600.
    """
    num_directions = min(
        check_whole_number("num_directions", num_directions, 1), layer.kernel.shape[0]
    )
    kernel = layer.kernel.astype(np.float64)
    variances, axes = _decompose(kernel @ kernel.T)
    return [
        PrincipalDirection(_normalize_sign(vector).astype(np.float32), float(share))
        for vector, share in zip(axes.T[:num_directions], _compute_shares(variances), strict=False)
        if share > 0
    ]


def _decompose(symmetric: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues ≥ 0, the largest first, and eigenvectors in columns."""
    values, vectors = np.linalg.eigh(symmetric)
    return values[::-1].clip(0), vectors[:, ::-1]


def _normalize_sign(vector: np.ndarray) -> np.ndarray:
    """Choose the sign of a direction such that its largest entry is positive."""
    return vector if vector[np.argmax(np.abs(vector))] >= 0 else -vector


def _compute_shares(variances: np.ndarray) -> np.ndarray:
    total = variances.sum()
    return variances / total if total > 0 else np.zeros_like(variances)

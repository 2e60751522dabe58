"""Survey: a few thousand images of one generator, each measured once.

Named directions, the sorted digits and the map all use the same survey, so a page that shows them
runs generator and digit classifier once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dcgan.digit_classifier.classifier import NUM_DIGITS, Prediction, load_digit_classifier
from dcgan.latent.digit_shapes import Shapes, measure_shapes
from dcgan.latent.sampling import sample_latent

NUM_SAMPLES = 2000
# Added to the covariance of the classifier's features, whose variances sum to 100: prevents a
# division by 0 for features that never vary.
_RIDGE = 0.05
_IMPOSSIBLE = -1000.0  # Logit of a digit that a generator has not learned.
_NUM_COMPARED = 64  # Images that `Survey.measure_change` generates again.
_NUM_CLEAR = 50  # Clearest samples of a digit, among which `Survey.find_typical` chooses.
# Minimum diversity of images whose differences can be measured, in grey levels: the standard
# deviation of a pixel over the images, averaged over all pixels. It is 1 before the first step and
# 45 for MNIST.
_MIN_DIVERSITY = 10.0
_SEED = 20_151_119  # Unlikely to be a person's seed, whose z would then equal the survey's.

# From latent vectors, shape (num, latent_dim), to pixels, as `Sampler.generate`.
Generate = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Survey:
    """Samples of a generator with their measurements.

    Attributes:
        z: Latent batch, float32, shape (num, latent_dim).
        pixels: Images of z, uint8 [0, 255], shape (num, height, width, channels).
        shapes: Shape measures of the images.
        prediction: Output of the digit classifier; None if the images are not digits.
    """

    z: np.ndarray
    pixels: np.ndarray
    shapes: Shapes
    prediction: Prediction | None

    @property
    def digits(self) -> np.ndarray:
        """The likeliest digit of each image, shape (num,), int; empty without a prediction."""
        return (
            np.zeros(0, int) if self.prediction is None else self.prediction.logits.argmax(axis=1)
        )

    @property
    def is_diverse(self) -> bool:
        """Whether the images differ enough to measure differences of shape."""
        return float(self.pixels.std(axis=0).mean()) > _MIN_DIVERSITY

    def find_clearest(self, digit: int, num: int) -> np.ndarray:
        """Return the indices of at most `num` samples that show a digit, the clearest first.

        Raises:
            ValueError: If digit is not in [0, 9].
        """
        if self.prediction is None:
            return np.zeros(0, int)
        if not 0 <= digit < NUM_DIGITS:
            raise ValueError(f"digit must be in [0, {NUM_DIGITS - 1}], got {digit}.")
        order = np.argsort(-compute_log_odds(self.prediction.logits)[:, digit], kind="stable")
        return order[self.digits[order] == digit][:num]

    def find_typical(self, digit: int) -> int | None:
        """Return the index of a clear sample of a digit with typical strokes, or None.

        The result is not the clearest sample: the classifier is surest of thick digits, so the
        clearest is often a blot. None means that no sample shows the digit.
        """
        clearest = self.find_clearest(digit, _NUM_CLEAR)
        if not len(clearest):
            return None
        all_shapes = np.stack(self.shapes, axis=1)[self.digits == digit]
        shapes = np.stack(self.shapes, axis=1)[clearest]
        middle, spread = np.median(all_shapes, axis=0), all_shapes.std(axis=0) + 1e-9
        return int(clearest[np.square((shapes - middle) / spread).sum(axis=1).argmin()])

    def measure_change(self, generate: Generate) -> float:
        """Return how much a generator has changed since the survey.

        Args:
            generate: The generator as it is now.

        Returns:
            Root mean square difference between new and old images of the same z, divided by the
            difference between images of different z: 0 for the same weights, about 1 if the images
            have nothing in common.
        """
        old = self.pixels[:_NUM_COMPARED].astype(np.float32)
        new = generate(self.z[:_NUM_COMPARED]).astype(np.float32)
        typical = np.sqrt(((old - np.roll(old, 1, axis=0)) ** 2).mean())
        change = np.sqrt(((new - old) ** 2).mean())
        if typical == 0:
            return 0.0 if change == 0 else 1.0
        return float(change / typical)

    def project(self) -> np.ndarray:
        """Project the samples on a plane where similar samples are near, shape (num, 2), float64.

        With a prediction, the classifier's features are projected on the two directions that
        separate the digits best (Fisher's linear discriminants). Without one, or if all samples
        are the same digit, the pixels are projected on their two principal components. Both
        projections are linear: near points may differ in other directions.
        """
        present = np.unique(self.digits)
        if self.prediction is None or len(present) == 1:
            return _project_on_principal_components(self.pixels)
        points = self.prediction.features.astype(np.float64)
        means = np.stack([points[self.digits == digit].mean(axis=0) for digit in present])
        within = points - means[np.searchsorted(present, self.digits)]
        spread = within.T @ within / len(points) + _RIDGE * np.eye(points.shape[1])
        between = means - means.mean(axis=0)
        # After whitening by the spread, SVD finds the directions of the largest variance.
        whiten = np.linalg.inv(np.linalg.cholesky(spread)).T
        _, _, axes = np.linalg.svd(between @ whiten, full_matrices=False)
        projected = (points - points.mean(axis=0)) @ whiten @ axes[:2].T
        return np.pad(projected, ((0, 0), (0, 2 - projected.shape[1])))


def _project_on_principal_components(pixels: np.ndarray) -> np.ndarray:
    """Project images on their two principal components, shape (num, 2), float64.

    Uses the Gram matrix of the images, which is smaller than the covariance of the pixels.
    """
    points = pixels.reshape(len(pixels), -1).astype(np.float32) / 255
    points -= points.mean(axis=0)
    variances, axes = np.linalg.eigh(points @ points.T)  # Ascending.
    projected = axes[:, :-3:-1] * np.sqrt(variances[:-3:-1].clip(0))
    return np.pad(projected.astype(np.float64), ((0, 0), (0, 2 - projected.shape[1])))


def sample_survey_latent(latent_dim: int, num: int = NUM_SAMPLES) -> np.ndarray:
    """Return the latent batch of all surveys, float32, shape (num, latent_dim)."""
    return sample_latent(_SEED, num, latent_dim)


def take_survey(
    generate: Generate, latent_dim: int, *, digits: Sequence[int], num: int = NUM_SAMPLES
) -> Survey:
    """Generate samples, always of the same z, and measure them.

    Args:
        generate: The generator.
        latent_dim: Length of z.
        digits: The digits that the generator has learned; its images are classified as one of
            these. Empty if they are not digits, so that the digit classifier does not apply.
        num: Number of samples.
    """
    z = sample_survey_latent(latent_dim, num)
    pixels = generate(z)
    prediction = load_digit_classifier().predict(pixels) if digits else None
    if prediction is not None and len(digits) < NUM_DIGITS:
        prediction = _restrict_to_digits(prediction, digits)
    return Survey(z, pixels, measure_shapes(pixels), prediction)


def _restrict_to_digits(prediction: Prediction, digits: Sequence[int]) -> Prediction:
    """Return a prediction in which all other digits are impossible."""
    logits = np.full_like(prediction.logits, _IMPOSSIBLE)
    learned = list(digits)
    logits[:, learned] = prediction.logits[:, learned]
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return prediction._replace(logits=logits, probabilities=odds / odds.sum(axis=1, keepdims=True))


def compute_log_odds(logits: np.ndarray) -> np.ndarray:
    """Return the log odds log p - log(1 - p) of each digit.

    Unlike probabilities, log odds still differ between two digits that are both almost certain.

    Args:
        logits: Logits of the classifier, shape (num, NUM_DIGITS).

    Returns:
        The same shape, float64; 0 where p is 0.5.
    """
    values = np.asarray(logits, np.float64)
    odds = np.empty_like(values)
    for digit in range(values.shape[1]):
        others = np.delete(values, digit, axis=1)
        highest = others.max(axis=1)
        log_sum = highest + np.log(np.exp(others - highest[:, None]).sum(axis=1))
        odds[:, digit] = values[:, digit] - log_sum
    return odds

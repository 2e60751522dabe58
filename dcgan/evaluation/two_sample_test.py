"""Classifier two-sample test: how often boosted trees tell generated pictures from real ones.

Trees learn from many pictures of both kinds, then classify new ones. 50% right is chance: a better
generator is not possible. The distances of `metrics` do not rank generators whose pictures are as
near to real ones as two sets of real pictures are to each other; this test does.

Source: Lopez-Paz and Oquab, "Revisiting Classifier Two-Sample Tests", 2017, arXiv:1610.06545.

Needs scikit-learn, from the extra `tell`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from dcgan.data.datasets import ImageDataset
from dcgan.errors import DatasetError, MissingPackageError
from dcgan.evaluation.metrics import Estimate, estimate_share
from dcgan.installation import describe_install_command

MAX_LEARNED = 10_000  # Pictures of each kind to learn from; twice as many take a minute more.
MIN_LEARNED = 100  # From fewer, trees learn hardly anything.
_NUM_TREES = 100
_FEATURE_SHARE = 0.2  # Features that a branch chooses from: five times as fast, as often right.
_BATCH = 1_000  # Pictures whose features are computed at once.
_MAX_PIXELS = 784  # Values of a larger picture that trees see; as many as a digit has.

# The lowest grey of each group but the first, which is black alone; the last is white alone.
_GREY_GROUPS = (1, 5, 16, 48, 96, 160, 208, 240, 250, 253, 255)
_NUM_GREYS = 5
_NUM_PATTERNS = 2**9  # Of 3×3 pixels that are black or white.


@dataclass(frozen=True)
class View:
    """A part of a picture's content that trees may see.

    Attributes:
        label: Name for people, after "by".
        help_text: What the trees see.
        compute_features: From pictures, uint8 [0, 255], shape (num, height, width, channels), to
            numbers, shape (num, num_features).
    """

    label: str
    help_text: str
    compute_features: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class TwoSampleTest:
    """The result of a test: shares of right answers about pictures that the trees had not seen.

    Attributes:
        num_learned: Pictures of each kind that the trees learned from.
        num_asked: Pictures of each kind that they were asked about.
        accuracies: Share of right answers about generated and real pictures, in [0, 1], by the
            names of `VIEWS`.
        control_accuracies: Share of right answers about two sets of real pictures, by the names of
            `VIEWS`; 0.5 up to chance.
    """

    num_learned: int
    num_asked: int
    accuracies: Mapping[str, Estimate]
    control_accuracies: Mapping[str, Estimate]


def check_scikit_learn() -> None:
    """Check that scikit-learn is installed, before a minute's work that needs it at the end.

    Raises:
        MissingPackageError: If it is not installed.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise MissingPackageError(
            "Telling pictures apart needs scikit-learn, not installed here; "
            f"{describe_install_command('tell')}."
        )


def describe_two_sample_test(found: TwoSampleTest) -> list[str]:
    """Describe the answers in lines: what was done, then one for each view."""
    lines = [
        f"A program learned from {found.num_learned:,} generated and as many real pictures, and "
        f"was asked about {found.num_asked:,} others of each; 50% right is chance"
    ]
    for name, accuracy in found.accuracies.items():
        interval = f"{accuracy.low:.1%} to {accuracy.high:.1%}"
        lines.append(
            f"Right by {VIEWS[name].label} {accuracy.value:.1%} ({interval}; two sets of real "
            f"pictures {found.control_accuracies[name].value:.1%})"
        )
    return lines


def convert_to_json(found: TwoSampleTest) -> dict[str, object]:
    """Return the answers as plain values; "floor" is the value for two sets of real images."""
    return {
        "num_learned": found.num_learned,
        "num_asked": found.num_asked,
        "right": {
            name: {
                "value": accuracy.value,
                "low": accuracy.low,
                "high": accuracy.high,
                "floor": found.control_accuracies[name].value,
            }
            for name, accuracy in found.accuracies.items()
        },
    }


def choose_sizes(num_real: int) -> tuple[int, int]:
    """Return how many pictures of each kind the trees learn from, and are asked about.

    The real pictures are divided into four groups, because the control compares real with real.

    Args:
        num_real: Pictures of the data set.

    Raises:
        DatasetError: If there are too few.
    """
    num_learned = min(MAX_LEARNED, num_real // 3)
    if num_learned < MIN_LEARNED:
        raise DatasetError(
            f"This test needs at least {3 * MIN_LEARNED} real pictures to learn from; this data "
            f"set has {num_real}. Choose a larger one.",
            setting="",
        )
    return num_learned, num_learned // 2


def run_two_sample_test(generated: np.ndarray, dataset: ImageDataset) -> TwoSampleTest:
    """Measure how often trees can tell generated pictures from real ones.

    Args:
        generated: As many as both sizes of `choose_sizes` together, uint8 [0, 255], shape (num,
            height, width, channels).
        dataset: Data that the generator learned from.

    Returns:
        The shares of right answers; always the same for the same pictures.

    Raises:
        DatasetError: If the data set is too small.
        MissingPackageError: If scikit-learn is not installed.
    """
    check_scikit_learn()
    num_learned, num_asked = choose_sizes(len(dataset))
    num = num_learned + num_asked
    order = np.random.default_rng(0).permutation(len(dataset))
    first, second = dataset.pixels[order[:num]], dataset.pixels[order[num : 2 * num]]
    names = list(VIEWS)
    with ThreadPoolExecutor(max_workers=2) as pool:
        accuracies = pool.map(
            lambda name: _measure_accuracy(name, first, generated[:num], num_learned), names
        )
        control_accuracies = pool.map(
            lambda name: _measure_accuracy(name, first, second, num_learned), names
        )
        return TwoSampleTest(
            num_learned,
            num_asked,
            MappingProxyType(dict(zip(names, accuracies, strict=True))),
            MappingProxyType(dict(zip(names, control_accuracies, strict=True))),
        )


def _measure_accuracy(
    view_name: str, real_pictures: np.ndarray, other_pictures: np.ndarray, num_learned: int
) -> Estimate:
    """Train trees on the first pictures of both kinds, and ask them about the others.

    Args:
        view_name: A key of `VIEWS`: what the trees see.
        real_pictures, other_pictures: uint8 [0, 255], shape (num, height, width, channels).
        num_learned: How many pictures of each kind to learn from.

    Returns:
        The share of right answers.
    """
    # Imported here, because it takes a second and most evaluations do not need it.
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    compute_features = VIEWS[view_name].compute_features
    real, others = compute_features(real_pictures), compute_features(other_pictures)
    trees = HistGradientBoostingClassifier(
        max_iter=_NUM_TREES, max_features=_FEATURE_SHARE, early_stopping=False, random_state=0
    )
    is_other = np.repeat([False, True], num_learned)
    # While other threads work, scikit-learn's threads mostly wait for each other: on two cores
    # beside a training, they took 15 times as long as a single thread.
    with threadpool_limits(1, user_api="openmp"):
        trees.fit(np.concatenate([real[:num_learned], others[:num_learned]]), is_other)
    answers = [~trees.predict(real[num_learned:]), trees.predict(others[num_learned:])]
    return estimate_share(np.concatenate(answers).astype(bool))


def _count_greys(pictures: np.ndarray) -> np.ndarray:
    """Count each picture's values in each of the `_GREY_GROUPS`, shape (num, num_groups)."""
    groups = np.searchsorted(_GREY_GROUPS, np.arange(256), side="right").astype(np.uint8)
    values = groups[_flatten(pictures)]
    counts = [np.count_nonzero(values == group, axis=1) for group in range(len(_GREY_GROUPS) + 1)]
    return np.stack(counts, axis=1)


def _reduce_greys(pictures: np.ndarray) -> np.ndarray:
    """Round each value down to one of `_NUM_GREYS` equal steps, numbered from 0.

    Returns:
        Step of each value, uint8, shape (num, at most _MAX_PIXELS).
    """
    values = _flatten(pictures)
    if values.shape[1] > _MAX_PIXELS:
        chosen = np.random.default_rng(0).choice(values.shape[1], _MAX_PIXELS, replace=False)
        values = values[:, np.sort(chosen)]
    steps = (np.arange(256) * _NUM_GREYS // 256).astype(np.uint8)
    return steps[values]


def _count_shapes(pictures: np.ndarray) -> np.ndarray:
    """Count patterns of 3×3 black and white pixels, and the ink of each column and row.

    Returns:
        Counts, shape (num, _NUM_PATTERNS + height + width): of patterns, then of white pixels in
        each column and in each row.
    """
    parts = []
    for start in range(0, len(pictures), _BATCH):
        white = pictures[start : start + _BATCH].mean(axis=3) >= 128
        num, height, width = white.shape
        padded = np.pad(white, ((0, 0), (1, 1), (1, 1))).astype(np.int64)
        patterns = np.zeros(white.shape, np.int64)
        for place in range(9):
            row, column = divmod(place, 3)
            patterns |= padded[:, row : row + height, column : column + width] << place
        # Each picture has its own bins, so one call counts the patterns of all pictures.
        bins = patterns.reshape(num, -1) + _NUM_PATTERNS * np.arange(num)[:, np.newaxis]
        counts = np.bincount(bins.ravel(), minlength=_NUM_PATTERNS * num)
        parts.append(
            np.concatenate([counts.reshape(num, -1), white.sum(axis=1), white.sum(axis=2)], axis=1)
        )
    return np.concatenate(parts)


def _flatten(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1)


VIEWS: Mapping[str, View] = MappingProxyType(
    {
        "greys": View(
            "grey levels",
            "Twelve counts for each picture: how many of its pixels are black, nearly black, … "
            "white. It does not matter where they are.",
            _count_greys,
        ),
        "five_greys": View(
            "pixels in five greys",
            "Every pixel, with its grey in five steps, so that slight differences in grey do not "
            "count.",
            _reduce_greys,
        ),
        "shapes": View(
            "shapes",
            "The picture in black and white: how often each pattern of 3×3 pixels comes, and how "
            "much ink each row and column has. Greys do not count.",
            _count_shapes,
        ),
    }
)

"""Metrics for people: their names, explanations and formats.

Imports no TensorFlow, so a page can show the metrics that another thread has measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from dcgan.evaluation import metrics
from dcgan.evaluation.metrics import Estimate

FULL_EVALUATION = 10_000  # Images of a full evaluation.
# Images of an evaluation in training; a full evaluation at the end of each epoch takes too long.
EPOCH_EVALUATION_IMAGES = 1000
MIN_EVALUATED = 20  # The covariance of fewer images is too inaccurate.
# Threshold of diversity divided by real digits' diversity: samples below it are alike. Measured:
# 0.03 after a collapse, 1.2 in a healthy run after half a minute.
_ALIKE_DIVERSITY = 0.5
# Threshold of precision divided by real digits' precision: samples up to it do not look like
# digits. Measured: at least 0.5 in healthy runs from step 714 on; 0 at step 938 with a
# discriminator learning rate two hundred times too high.
UNLIKE_PRECISION = 0.05
# Largest Fréchet distance with which a share of readable digits has a meaning: the classifier is
# also sure of blots. Measured in the first 400 steps of runs: up to a distance of 14 the share was
# 74% to 95%, as the eye sees it. Above it, 95% at 15.2 with 3 and 8 alone among blots, 51% at 54,
# and 90% at 155, where the eye reads a third.
MAX_READABLE_DISTANCE = 15.0
NUM_CLASS_SAMPLES = 300  # Samples of each class, compared with as many real pictures.
NUM_NEAREST = 200  # Samples that are compared with all training images.

# A place that shows some of the metrics. "train": the row above the chart on Train. "compare": the
# curves of Compare. "race": a variant's card, beside its distance. "remedies": the card of a trial,
# for digits, and "remedies_of_pictures" for other data. "generator": the page of a generator.
Place = Literal["train", "compare", "race", "remedies", "remedies_of_pictures", "generator"]


@dataclass(frozen=True)
class MetricInfo:
    """A metric's name and explanation, and the places that show it.

    Attributes:
        label: Name on pages and in reports.
        help_template: How to read the metric, in a few sentences; "{noun}" stands for "digit" or
            "picture".
        unit: "share" for a number in [0, 1] that is shown in percent.
        decimals: Decimals of a "number" below 10; larger numbers have one, from 1,000 on none.
        places: Places that show it, besides those that show all metrics.
    """

    label: str
    help_template: str
    unit: Literal["share", "number"] = "number"
    decimals: int = 2
    places: frozenset[Place] = frozenset()

    def explain(self, noun: str = "picture") -> str:
        """Return how to read the metric, in a few sentences.

        Args:
            noun: Noun for a picture, "digit" or "picture".
        """
        return self.help_template.format(noun=noun)


def _show_at(*places: Place) -> frozenset[Place]:
    return frozenset(places)


_DISTANCE_PLACES = _show_at("train", "compare", "remedies", "remedies_of_pictures", "generator")

# All metrics, in the order in which they are shown.
METRIC_INFO: Mapping[str, MetricInfo] = MappingProxyType(
    {
        "sliced_wasserstein": MetricInfo(
            "Sliced Wasserstein distance",
            "How far the generated {noun}s as a whole are from real ones (sliced Wasserstein "
            "distance); lower is better. It compares small patches at several sizes: their "
            "colours, textures and shapes. It depends on how many {noun}s are compared. Two sets "
            "of real {noun}s are not at distance 0 either, because no two pictures are equal.",
            places=_DISTANCE_PLACES,
        ),
        "frechet_distance": MetricInfo(
            "Fréchet distance",
            "How far the generated {noun}s as a whole are from real ones (Fréchet distance); lower "
            "is better. It compares what a digit classifier sees in them, and depends on how many "
            "are compared. Two sets of real {noun}s are not at distance 0 either, because each has "
            "its own unusual {noun}s. A generator that draws few unusual {noun}s can get a smaller "
            "distance than two real sets; this number then shows no further progress.",
            places=_DISTANCE_PLACES,
        ),
        "classifier_score": MetricInfo(
            "Classifier score",
            "From 1 to 10; high when each digit is clear and all ten come equally often.",
        ),
        "precision": MetricInfo(
            "Precision",
            "Share of the {noun}s that look like a real one. Above the value of real {noun}s, the "
            "generator draws few odd {noun}s, so look at recall too.",
            "share",
            places=_show_at("train", "compare", "remedies_of_pictures", "generator"),
        ),
        "recall": MetricInfo(
            "Recall",
            "Share of the real {noun}s that the generator could have drawn.",
            "share",
            places=_show_at("train", "compare", "generator"),
        ),
        "density": MetricInfo(
            "Density",
            "How many real {noun}s are close to each generated one. Real {noun}s get 1; above 1 "
            "the generator plays safe and draws only typical {noun}s.",
        ),
        "coverage": MetricInfo(
            "Coverage",
            "Share of the real {noun}s that have a generated one nearby.",
            "share",
            places=_show_at("compare", "remedies_of_pictures"),
        ),
        "confident": MetricInfo(
            "Readable",
            "Share of the digits that the classifier is at least 90% sure of. It is left out "
            "while the pictures are all alike or far from real digits: then the classifier is "
            "sure even of pictures without a digit.",
            "share",
            places=_show_at("train", "race", "remedies"),
        ),
        "as_asked": MetricInfo(
            "Drawn as asked",
            "Share of the digits that the classifier reads as the class that was asked for; only "
            "of runs that learn the classes.",
            "share",
            places=_show_at("train", "race", "generator"),
        ),
        "digit_entropy": MetricInfo(
            "Digit entropy",
            "How evenly the ten digits come, in bits: at most 3.32; 0 when all are the same digit.",
        ),
        "diversity": MetricInfo(
            "Diversity",
            "How different two digits of the same kind are, as a classifier sees them. The value "
            "of real digits is best: well below it the generator repeats itself, above it the "
            "digits are odder than real ones.",
            places=_show_at("remedies"),
        ),
        "copies": MetricInfo(
            "Copies",
            "Share of the {noun}s that repeat a training picture. A {noun} counts if it is at "
            "least twice as near to a training picture as any other training picture is. A few "
            "real {noun}s that were not trained on are that near by chance; many more mean that "
            "the generator copies.",
            "share",
            places=_show_at("train", "compare", "generator"),
        ),
        "nearest_distance": MetricInfo(
            "Distance to training pictures",
            f"Median distance of {NUM_NEAREST} {{noun}}s to their most similar training picture, "
            f"pixel by pixel. Far below the value of unseen real {{noun}}s, the generator copies.",
            decimals=3,
        ),
    }
)


@dataclass(frozen=True)
class Evaluation:
    """The metrics of one set of samples.

    Attributes:
        num_images: Number of samples, which were compared with as many real images.
        estimates: The metrics by the names of `METRIC_INFO`; absent if the data do not allow one.
        digit_shares: Share of each digit, shape (10,); empty if the data are not digits.
    """

    num_images: int
    estimates: Mapping[str, Estimate]
    digit_shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Make the estimates read-only: an evaluator gives all callers the same real ones."""
        object.__setattr__(self, "estimates", MappingProxyType(dict(self.estimates)))

    def select_finite_values(self) -> dict[str, float]:
        """Return the metrics that are finite, by name; files of results allow no NaN."""
        return {
            name: estimate.value
            for name, estimate in self.estimates.items()
            if math.isfinite(estimate.value)
        }

    def find_missing_digits(self, real: Evaluation) -> tuple[int, ...]:
        """Return the digits that hardly appear among the samples, but do among real images.

        Args:
            real: The evaluation of the real images.
        """
        return metrics.find_missing_digits(self.digit_shares, real.digit_shares)


def convert_to_json(measured: Evaluation, real: Evaluation) -> dict[str, object]:
    """Return all metrics as plain values by name: "value", "low", "high", "floor".

    "floor" is the value of real images; None means unknown. The command line prints these keys, and
    programs read them: do not rename any, such as "figures" for the metrics.
    """
    figures = {}
    for name in METRIC_INFO:
        if name in measured.estimates:
            estimate, real_estimate = measured.estimates[name], real.estimates.get(name)
            figures[name] = {
                "value": estimate.value,
                "low": None if math.isnan(estimate.low) else estimate.low,
                "high": None if math.isnan(estimate.high) else estimate.high,
                "floor": None if real_estimate is None else real_estimate.value,
            }
    return {
        "num_images": measured.num_images,
        "figures": figures,
        "digit_shares": list(measured.digit_shares) or None,
        "missing_digits": list(measured.find_missing_digits(real))
        if measured.digit_shares
        else None,
        "unavailable": [name for name in METRIC_INFO if name not in measured.estimates],
    }


def explain_unreadable(measured: Mapping[str, float], real: Mapping[str, float]) -> str:
    """Explain why nothing can be read in these samples.

    Args:
        measured, real: Metrics of the samples and of real images, by name; any may be missing.

    Returns:
        "all pictures alike" or "no digits"; "" if there may be something to read.
    """
    if measured.get("diversity", math.inf) < _ALIKE_DIVERSITY * real.get("diversity", 0.0):
        return "all pictures alike"
    return "no digits" if looks_unlike_digits(measured, real) else ""


def looks_unlike_digits(measured: Mapping[str, float], real: Mapping[str, float]) -> bool:
    """Return whether hardly any sample looks like a real one; see `explain_unreadable`."""
    return measured.get("precision", math.inf) <= UNLIKE_PRECISION * real.get("precision", 0.0)


def explain_uncounted(measured: Mapping[str, float], real: Mapping[str, float]) -> str:
    """Explain why the share of readable digits has no meaning for these samples.

    The classifier can also be sure of one picture that is repeated, of patterns and of blots.

    Args:
        measured, real: Metrics of the samples and of real images, by name; any may be missing.

    Returns:
        A reason in a few words; "" if the share has a meaning.
    """
    if reason := explain_unreadable(measured, real):
        return reason
    is_far = measured.get("frechet_distance", 0.0) > MAX_READABLE_DISTANCE
    return "too far from real digits" if is_far else ""


def has_meaning(name: str, measured: Mapping[str, float], real: Mapping[str, float]) -> bool:
    """Return whether a metric has a meaning for these samples; see `explain_uncounted`."""
    return name != "confident" or not explain_uncounted(measured, real)


def format_measured(name: str, measured: Mapping[str, float], real: Mapping[str, float]) -> str:
    """Format a metric of samples; "–" if it has no meaning for them.

    Args:
        name: A metric in `measured`.
        measured, real: Metrics of the samples and of real images, by name.
    """
    return format_metric(name, measured[name]) if has_meaning(name, measured, real) else "–"


def format_range(name: str, low: float, high: float) -> str:
    """Format a range of a metric, such as "3.1 to 3.3"; one number if both look the same."""
    first, last = format_metric(name, low), format_metric(name, high)
    return first if first == last else f"{first} to {last}"


def format_distance(value: float) -> str:
    """Format a value of a main metric; all of them have the same format."""
    return format_metric("frechet_distance", value)


def format_metric(name: str, value: float) -> str:
    """Format a metric with its unit and its significant digits."""
    info = METRIC_INFO[name]
    if info.unit == "share":
        return f"{value:.1%}"
    if value < 10:
        return f"{value:.{info.decimals}f}"
    return f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"

"""What the figures of an evaluation are called, how to read them, and how to write them down.

It imports no TensorFlow: a page says the words of figures that another thread has measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from dcgan.evaluation import metrics
from dcgan.evaluation.metrics import Estimate

NUM_NEAREST = 200  # Samples whose nearest training image is looked for.


@dataclass(frozen=True)
class Figure:
    """What a figure is called, and how to read it.

    Attributes:
        label: In a person's words.
        help_text: One or two sentences.
    """

    label: str
    help_text: str


_FIGURES = {
    "frechet_distance": Figure(
        "Fréchet distance",
        "How far the digits as a whole are from real ones, in what a classifier sees; lower is "
        "better. It depends on how many images are compared.",
    ),
    "classifier_score": Figure(
        "Classifier score",
        "From 1 to 10; high when each digit is clear and all ten come equally often.",
    ),
    "precision": Figure("Precision", "Share of the digits that look like a real one."),
    "recall": Figure("Recall", "Share of the real digits that the generator could have drawn."),
    "density": Figure(
        "Density",
        "How thickly real digits stand around the generator's; 1 is what real ones have, more "
        "means that it keeps to the usual.",
    ),
    "coverage": Figure("Coverage", "Share of the real digits that have a generated one nearby."),
    "confident": Figure(
        "Readable", "Share of the digits that the classifier is at least 90% sure of."
    ),
    "digit_entropy": Figure(
        "Digit entropy",
        "How evenly the ten digits come, in bits: at most 3.32; 0 when all are the same digit.",
    ),
    "diversity": Figure(
        "Diversity",
        "How different two digits of the same kind are; well below real ones means that the "
        "generator repeats itself.",
    ),
    "nearest_distance": Figure(
        "Distance to training images",
        "From a digit to the most similar training image, pixel by pixel, in the middle of "
        f"{NUM_NEAREST} digits; far below that of unseen real digits means copying.",
    ),
}
FIGURES: Mapping[str, Figure] = MappingProxyType(_FIGURES)


@dataclass(frozen=True)
class Evaluation:
    """The figures of one set of samples.

    Attributes:
        num_images: How many samples, and how many real images, were compared.
        estimates: By the names of `FIGURES`; what the data do not allow is absent.
        digit_shares: How often each digit comes, (10,); empty where the data are no digits.
    """

    num_images: int
    estimates: Mapping[str, Estimate]
    digit_shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Make the estimates read-only: an evaluator hands out its floor to everybody."""
        object.__setattr__(self, "estimates", MappingProxyType(dict(self.estimates)))

    @property
    def missing_digits(self) -> tuple[int, ...]:
        """The digits that hardly ever come."""
        return metrics.missing_digits(np.array(self.digit_shares))


def describe_all(ours: Evaluation, floor: Evaluation) -> list[str]:
    """Say all figures, a line each, with what the data do not allow."""
    lines = [describe(name, ours, floor) for name in FIGURES if name in ours.estimates]
    if ours.digit_shares:
        shares = ", ".join(f"{digit}: {share:.1%}" for digit, share in enumerate(ours.digit_shares))
        missing = ", ".join(map(str, ours.missing_digits)) or "none"
        lines += [f"Digits {shares}", f"Missing digits {missing}"]
    else:
        lines.append(
            "The data are no digits, so what rests on naming them is left out; the other figures "
            "compare runs on the same data."
        )
    return lines


def as_json(ours: Evaluation, floor: Evaluation) -> dict[str, object]:
    """Return all figures as plain values: value, low, high and floor by name; None is unknown."""

    def known(value: float) -> float | None:
        return None if math.isnan(value) else value

    figures = {}
    for name in FIGURES:
        if name in ours.estimates:
            estimate, below = ours.estimates[name], floor.estimates.get(name)
            figures[name] = {
                "value": estimate.value,
                "low": known(estimate.low),
                "high": known(estimate.high),
                "floor": None if below is None else below.value,
            }
    return {
        "num_images": ours.num_images,
        "figures": figures,
        "digit_shares": list(ours.digit_shares) or None,
        "missing_digits": list(ours.missing_digits) if ours.digit_shares else None,
        "unavailable": [name for name in FIGURES if name not in ours.estimates],
    }


def describe(name: str, evaluation: Evaluation, floor: Evaluation) -> str:
    """Say one figure in a line, such as "Precision 91.2 % (90.6 to 91.8; real images 96.1 %)"."""
    estimate, below = evaluation.estimates[name], floor.estimates.get(name)
    notes = []
    if not math.isnan(estimate.low):
        notes.append(f"{format_figure(name, estimate.low)} to {format_figure(name, estimate.high)}")
    if below is not None:
        notes.append(f"real images {format_figure(name, below.value)}")
    text = f"{FIGURES[name].label} {format_figure(name, estimate.value)}"
    return f"{text} ({'; '.join(notes)})" if notes else text


def format_figure(name: str, value: float) -> str:
    """Write a figure with its unit and as many digits as mean something."""
    if name in ("precision", "recall", "coverage", "confident"):
        return f"{value:.1%}"
    if name == "frechet_distance":
        return f"{value:.2f}" if value < 10 else f"{value:,.1f}"
    return f"{value:.3f}" if name == "nearest_distance" else f"{value:.2f}"

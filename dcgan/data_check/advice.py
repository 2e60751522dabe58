"""Advice on a set of the user's pictures: a line on each choice, and the advised settings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dcgan.config.included_start import describe_fresh_layers, find_included_start
from dcgan.config.sections.few_pictures import AUGMENTED_BELOW
from dcgan.config.training_config import TrainingConfig
from dcgan.data.held_out import compute_num_held_out
from dcgan.data_check.check import DataCheck
from dcgan.durations import describe_roughly
from dcgan.pictures.picture_limits import MIN_IMAGES

# Images that the default networks learn in a second on two cores of a server, by size and number
# of channels.
_IMAGES_PER_SECOND: Mapping[tuple[int, int], float] = {
    (28, 1): 1900,
    (28, 3): 1900,
    (32, 1): 1700,
    (32, 3): 1600,
    (64, 1): 290,
    (64, 3): 270,
}
_MIN_STEPS = 5_000  # After fewer steps, the pictures of the default networks still change visibly.
_MAX_STEPS = 20_000  # A large set needs no more steps, even if they are fewer than ten epochs.
_USUAL_EPOCHS = 10
# Largest side of stored pictures, in pixels, that loses no details at 28 and at 32 pixels.
_MAX_SIDES = {28: 30, 32: 44}
_UNBALANCED_RATIO = 10  # Pictures of the largest class for each picture of the smallest.
_FEW_PICTURES = 1_000  # With fewer, the advice asks for more.
# Measured with tests/benchmarks/few_pictures.py, one seed: letters in 38 fonts, without classes.
_MEASURED_START = "500 letters it was worse, a distance of 56 instead of 35 after 800 steps"
_MAX_LISTED = 12  # Classes whose numbers of pictures are listed.


@dataclass(frozen=True)
class Advice:
    """Advice on a set of pictures.

    Attributes:
        lines: A sentence on each choice, by the name of the choice, such as "Size".
        settings: The advised values of settings, by name.
        start_from: The included run whose networks have the same shapes, to try a start from; ""
            without one.
    """

    lines: Mapping[str, str]
    settings: Mapping[str, object]
    start_from: str = ""


def advise(
    check: DataCheck,
    excluded: frozenset[str] = frozenset(),
    networks: TrainingConfig | None = None,
) -> Advice:
    """Advise on size, colour, classes, length and start for a set of pictures.

    Args:
        check: The check of the set.
        excluded: Codes of the pictures of the set that are excluded.
        networks: Settings whose networks will be trained; None for the default ones.
    """
    size, size_line = _advise_on_size(check)
    num_copies = sum(len(group) - 1 for group in check.list_near_duplicates(excluded))
    num_included = len(check.dataset) - len(excluded)
    # Not if too few pictures would be left.
    leaves_out = 0 < num_copies <= num_included - MIN_IMAGES
    num_pictures = num_included - (num_copies if leaves_out else 0)
    num_learned = num_pictures - compute_num_held_out(num_pictures)
    epochs, length_line = _advise_on_length(num_learned, size, color=check.has_colors)
    lines = {
        "Size": size_line,
        "Colour": _describe_color(check),
        "Polarity": _describe_polarity(check),
        "Classes": _describe_classes(check),
        "Length": length_line,
        "Augmentation": _describe_augmentation(num_learned),
    }
    num_different = num_included - num_copies
    if num_different < MIN_IMAGES:
        lines["Number"] = (
            f"only {num_different:,} picture{'' if num_different == 1 else 's'} without "
            "near-duplicates: there is little to learn, and the generator will copy."
        )
    elif num_pictures < _FEW_PICTURES:
        lines["Number"] = (
            f"{num_pictures:,} pictures are few: the discriminator can learn them by heart, and "
            "the generator then copies. More pictures help most."
        )
    settings: dict[str, object] = {"image_size": size, "color": check.has_colors, "epochs": epochs}
    networks = (networks or check.config).replace(
        dataset=check.path, image_size=size, color=check.has_colors
    )
    networks = networks.with_learned_classes(check.dataset.class_names)
    if start := find_included_start(networks, num_learned):
        lines["Start"] = _describe_start(start, networks)
    if leaves_out:
        settings["near_duplicates"] = "leave_out"
    return Advice(lines, settings, start)


def choose_size(check: DataCheck) -> int:
    """Choose the smallest `image_size` that keeps the details of most pictures."""
    sides = [max(size) for size in check.stored.sizes]
    median = _compute_weighted_median(sides, list(check.stored.sizes.values()))
    return next((size for size, side in _MAX_SIDES.items() if median <= side), 64)


def _compute_weighted_median(values: list[int], weights: list[int]) -> int:
    order = np.argsort(values)
    totals = np.cumsum(np.array(weights)[order])
    return values[order[np.searchsorted(totals, totals[-1] / 2)]]


def _advise_on_size(check: DataCheck) -> tuple[int, str]:
    size = choose_size(check)
    (width, height), count = next(iter(check.stored.sizes.items()))
    share = count / sum(check.stored.sizes.values())
    found = (
        f"all are {width} × {height}"
        if share == 1
        else f"most are {width} × {height}"
        if share > 0.5
        else f"{len(check.stored.sizes):,} different sizes"
    )
    slow = "; a step then takes about seven times as long as at 28 × 28" if size == 64 else ""
    return size, f"learn {size} × {size} pixels ({found}){slow}."


def _describe_color(check: DataCheck) -> str:
    found = f"{check.num_colored} of {check.num_sampled} pictures looked at have colours"
    if not check.num_colored:
        return "learn grey pictures: none has colours."
    return f"learn {'the colours' if check.has_colors else 'grey pictures'}: {found}."


def _describe_polarity(check: DataCheck) -> str:
    if check.stored.num_light is None:
        return "pictures in colour are never inverted."
    share = check.stored.num_light / len(check.dataset)
    found = f"{share:.0%} have light borders, so most strokes are {{}}"
    if share > 0.5:
        action = "inverted" if check.stored.is_inverted else "not inverted, as the polarity says"
        return f"{found.format('dark on white')}; the pictures are {action}."
    action = "inverted, as the polarity says" if check.stored.is_inverted else "not inverted"
    return f"{found.format('light on black')}; the pictures are {action}."


def _describe_classes(check: DataCheck) -> str:
    dataset = check.dataset
    if dataset.labels is None:
        return f"none, as {check.stored.no_classes_reason}."
    counts = np.bincount(dataset.labels, minlength=len(dataset.class_names))
    low, high = int(counts.min()), int(counts.max())
    number = f"{len(counts)} by folder or label"
    if low == high:
        return f"{number}, {low:,} pictures each."
    text = f"{number}, {low:,} to {high:,} pictures each"
    if len(counts) <= _MAX_LISTED:
        pairs = zip(dataset.class_names, counts.tolist(), strict=True)
        text += f" ({', '.join(f'{name} {count:,}' for name, count in pairs)})"
    if high >= _UNBALANCED_RATIO * low:
        names = dataset.class_names[counts.argmin()], dataset.class_names[counts.argmax()]
        return f"{text}; few of {names[0]} and many of {names[1]}, so {names[0]} will look worse."
    return f"{text}."


def _describe_augmentation(num_learned: int) -> str:
    if TrainingConfig().is_augmented(num_learned):
        return (
            f"used as often as needed, because fewer than {AUGMENTED_BELOW:,} pictures are "
            "learned: the discriminator sees changed ones and learns them less by heart."
        )
    return f"not used from {AUGMENTED_BELOW:,} learned pictures on."


def _describe_start(start: str, networks: TrainingConfig) -> str:
    fresh = describe_fresh_layers(networks)
    rest = f", except {fresh}: these start with random weights" if fresh else ""
    return (
        f"random weights. A start from the included run {start} is possible: its networks have "
        f"the same shapes{rest}. It may help with pictures like its digits; with "
        f"{_MEASURED_START}."
    )


def _advise_on_length(num_learned: int, size: int, *, color: bool) -> tuple[int, str]:
    config = TrainingConfig()
    steps_per_epoch = config.compute_steps_per_epoch(num_learned)
    epochs = max(
        math.ceil(_MIN_STEPS / steps_per_epoch),
        min(_USUAL_EPOCHS, math.ceil(_MAX_STEPS / steps_per_epoch)),
    )
    steps = epochs * steps_per_epoch
    seconds = steps * config.batch_size / _IMAGES_PER_SECOND[size, 3 if color else 1]
    return epochs, (
        f"{epochs:,} epochs, {steps:,} steps, {describe_roughly(seconds)} on a computer without a "
        "graphics card."
    )

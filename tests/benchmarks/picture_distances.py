"""Distances of own pictures that are changed in one respect: striped discs in colour.

    python tests/benchmarks/picture_distances.py

Prints the sliced Wasserstein distance to other discs, and its values at each size of the pyramid.
`--out FOLDER` also writes the discs as own pictures to train on.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dcgan.evaluation.sliced_wasserstein import SlicedWasserstein

SIDE = 32
NUM_COMPARED = 675


def draw_disc(draws: np.random.Generator) -> np.ndarray:
    """Draw a dark striped disc on a light ground, uint8, shape (SIDE, SIDE, 3)."""
    y, x = np.mgrid[:SIDE, :SIDE]
    ground, ink = draws.integers(120, 256, 3), draws.integers(0, 120, 3)
    ink[draws.integers(3)] = 230
    (center_x, center_y), radius = draws.uniform(11, 21, 2), draws.uniform(7, 11)
    angle, frequency = draws.uniform(0, np.pi), 2 * np.pi / draws.uniform(4, 7)
    stripes = 0.7 + 0.3 * np.sin((np.cos(angle) * x + np.sin(angle) * y) * frequency)
    mask = 1 / (1 + np.exp(2 * (np.hypot(x - center_x, y - center_y) - radius)))
    picture = ground * (1 - mask[..., None]) + ink * stripes[..., None] * mask[..., None]
    return picture.clip(0, 255).astype(np.uint8)


def list_changes(pictures: np.ndarray) -> dict[str, np.ndarray]:
    """Return pictures that differ from real ones in one respect, by its name."""
    grey = np.rint(pictures @ [0.299, 0.587, 0.114]).astype(np.uint8)[..., None]
    blurred = pictures.astype(float)
    for axis in (1, 2):
        blurred = (blurred + np.roll(blurred, 1, axis) + np.roll(blurred, -1, axis)) / 3
    small = [
        np.asarray(Image.fromarray(each).resize((26, 26), Image.Resampling.BOX))
        for each in pictures
    ]
    smaller = np.stack([np.pad(each, ((3, 3), (3, 3), (0, 0)), mode="edge") for each in small])
    return {
        "nothing: other discs": pictures,
        "no colour": np.repeat(grey, 3, axis=3),
        "a tenth darker": (pictures * 0.9).astype(np.uint8),
        "blurred, 3×3": np.rint(blurred).astype(np.uint8),
        "a fifth smaller": smaller,
    }


def main() -> None:
    """Print the distances of the changed discs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="also write 1,500 discs to this folder")
    options = parser.parse_args()
    draws = np.random.default_rng(0)
    discs = np.stack([draw_disc(draws) for _ in range(1500)])
    if options.out is not None:
        options.out.mkdir(parents=True)
        for index, disc in enumerate(discs):
            Image.fromarray(disc).save(options.out / f"{index:04}.png")
    distance = SlicedWasserstein(discs[:NUM_COMPARED])
    for name, pictures in list_changes(discs[NUM_COMPARED : 2 * NUM_COMPARED]).items():
        levels = distance.measure_levels(pictures)
        sizes = ", ".join(
            f"{size}: {level:.0f}" for size, level in zip(distance.level_sizes, levels, strict=True)
        )
        print(f"{name:22} {np.mean(levels):6.1f}  ({sizes})")  # noqa: T201


if __name__ == "__main__":
    main()

"""Measure whether one z gives all classes the same handwriting; prints correlations.

    python tests/benchmarks/class_handwriting.py [RUN] [--root DIR] [--count 500]

Draws every class of COUNT z and measures the shapes of the digits. For each shape, such as the
slant, it prints the correlation between two classes over these z: 1 if a z that makes one class
lean makes the other lean too, 0 if they have nothing to do with each other. It prints the median,
smallest and largest correlation of all pairs of classes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from dcgan.installation import ROOT
from dcgan.latent.digit_shapes import Shapes, measure_shapes
from dcgan.latent.sampling import sample_latent
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.library import find_run

_SEED = 5


def main() -> None:
    """Print the correlations of a run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", default="pretrained-classes")
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--count", type=int, default=500)
    options = parser.parse_args()
    run = find_run(options.run, options.root)
    num_classes = run.config.num_classes
    if num_classes < 2:
        parser.error(f"{run.name} has not learned classes.")
    sampler, step = load_sampler(run)
    z = sample_latent(_SEED, options.count, run.config.latent_dim)
    shapes = [
        measure_shapes(sampler.generate(z, np.full(len(z), class_id)))
        for class_id in range(num_classes)
    ]
    print(f"{run.name}, step {step:,}: {num_classes} classes, {len(z)} latent vectors each")  # noqa: T201
    for index, name in enumerate(Shapes._fields):
        table = np.corrcoef(np.stack([found[index] for found in shapes]))
        pairs = table[np.triu_indices(num_classes, 1)]
        print(  # noqa: T201
            f"{name:<12}{np.median(pairs):6.2f}  ({pairs.min():.2f} to {pairs.max():.2f})"
        )


if __name__ == "__main__":
    main()

"""Measure how far apart the distances of runs are that differ only in their seed.

    python tests/benchmarks/letters.py /tmp/letters --count 200
    python tests/benchmarks/seed_spread.py /tmp/letters [--steps 400 800 1600 3200] [--seeds 4]
        [--image-size 32 --color]

Trains the `fast` design on a data set with each seed, and measures the distance to real pictures as
a tuning does. Prints for each number of steps the distances and the largest ratio of two of them.
The limits in `dcgan/comparison/seed_ratio.py` come from these ratios.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import statistics
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import load_configured_dataset
from dcgan.errors import DCGANError
from dcgan.model.gan import DCGAN
from dcgan.training.loop import train
from dcgan.tuning.measurement import CandidateEvaluator


def main() -> None:
    """Train with each seed and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", help="a named set, or a path of own pictures")
    parser.add_argument("--steps", type=int, nargs="+", default=[400, 800, 1600, 3200])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--image-size", type=int, default=28)
    parser.add_argument("--color", action="store_true")
    options = parser.parse_args()
    try:
        config = TrainingConfig.create(
            dataset=options.dataset,
            image_size=options.image_size,
            color=options.color,
            evaluate_every=0,
        )
        dataset = load_configured_dataset(config)
        evaluator = CandidateEvaluator(dataset)
    except DCGANError as error:
        parser.error(str(error))
    config = config.with_learned_classes(dataset.class_names)
    steps_per_epoch = config.compute_steps_per_epoch(len(dataset))
    distances = defaultdict(list)
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        gan = DCGAN(config.replace(seed=seed))
        for num_steps in sorted(options.steps):
            longer = gan.config.replace(epochs=math.ceil(num_steps / steps_per_epoch))
            with contextlib.closing(train(gan, dataset, longer)) as reports:
                for _ in reports:
                    pass
            measured = evaluator.measure(longer, gan)
            if measured is None:
                sys.exit(f"Seed {seed}: the distance at step {gan.step} is not a number.")
            distances[gan.step].append(measured.distance)
            print(f"  seed {seed}, step {gan.step}: {measured.distance:.1f}", flush=True)  # noqa: T201
    for step, values in distances.items():
        pairs = combinations(values, 2)
        logs = [abs(math.log(first / second)) for first, second in pairs] or [0.0]
        largest, median = math.exp(max(logs)), math.exp(statistics.median(logs))
        listed = ", ".join(f"{value:.1f}" for value in values)
        print(f"step {step}: {listed}; largest ratio {largest:.2f}, median {median:.2f}")  # noqa: T201


if __name__ == "__main__":
    main()

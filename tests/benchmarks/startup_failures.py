"""Count the starts that fail: many short trainings, each with another seed.

    python tests/benchmarks/startup_failures.py [--seeds 30] [--steps 300] [setting=value ...]

A saturated generator draws the same picture for every z and no longer learns. Prints the diversity
of each start: the standard deviation of a pixel over many z, averaged over all pixels. It is 30 to
50 of 255 in a healthy start and near 0 in a failed one.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import load_configured_dataset
from dcgan.errors import DCGANError
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.training.batches import compute_epoch_order
from dcgan.training_step.training_images import TrainingImages

_MIN_DIVERSITY = 15.0  # Of 255; far below a healthy start, far above a saturated one.
_NUM_PICTURES = 200
_CHUNK_STEPS = 25


def main() -> None:
    """Train from each seed and print its diversity."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--steps", type=int, default=300, help="At most one epoch's.")
    parser.add_argument("settings", nargs="*", help="Changes to the defaults: setting=value.")
    options = parser.parse_args()
    if options.seeds < 1:
        parser.error(f"--seeds: got {options.seeds}; expected at least 1.")
    try:
        changes = {
            name: value for name, _, value in (text.partition("=") for text in options.settings)
        }
        config = TrainingConfig.create(**changes)
        dataset = load_configured_dataset(config)
    except DCGANError as error:
        parser.error(str(error))
    config = config.with_learned_classes(dataset.class_names)
    images = TrainingImages.from_dataset(dataset, config)
    num_steps_of_epoch = config.compute_steps_per_epoch(len(dataset.pixels))
    if not 1 <= options.steps <= num_steps_of_epoch:
        parser.error(f"--steps: got {options.steps}; expected 1 to {num_steps_of_epoch}, an epoch.")
    num_failed = 0
    for seed in range(options.seeds):
        config = config.replace(seed=seed)
        gan = DCGAN(config)
        order = tf.constant(compute_epoch_order(config, len(dataset.pixels), 1))
        while gan.step < options.steps:
            num_steps = min(_CHUNK_STEPS, options.steps - gan.step)
            measured = gan.train_steps(images, order, gan.step, num_steps)
        classes = np.arange(_NUM_PICTURES) % config.num_classes if config.num_classes else None
        drawn = gan.generate(sample_latent(1, _NUM_PICTURES, config.latent_dim), classes)
        diversity = float(drawn.std(axis=0).mean())
        num_failed += diversity < _MIN_DIVERSITY
        print(  # noqa: T201
            f"seed {seed:3}  diversity {diversity:5.1f}  "
            f"generator loss {measured.means['generator_loss']:.2f}",
            flush=True,
        )
    print(f"{num_failed} of {options.seeds} starts failed")  # noqa: T201


if __name__ == "__main__":
    main()

"""The split of the user's pictures into training pictures and held-out pictures.

Held-out pictures show how near a picture comes to the training pictures by chance, see
`dcgan.evaluation.copies`. Their number is part of the run's config (`num_held_out`). The choice of
the pictures depends only on this number and on the number of all pictures.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_configured_dataset, make_dataset
from dcgan.progress import ProgressCallback, no_progress

# Smallest set of which pictures are held out: in a smaller one, each picture is worth more in
# training.
MIN_TO_HOLD_OUT = 1000
SHARE_HELD_OUT = 0.1
MAX_HELD_OUT = 1000


def load_training_part(
    config: TrainingConfig, progress: ProgressCallback = no_progress
) -> ImageDataset:
    """Load the pictures of a run, and hold `config.num_held_out` of them out.

    Raises:
        DatasetError: See `load_dataset`.
    """
    return hold_out(load_configured_dataset(config, progress), config.num_held_out)


def choose_num_held_out(dataset: ImageDataset) -> int:
    """Return the number of pictures that a new run holds out; 0 for a named set."""
    return 0 if dataset.name in NAMED_SETS else compute_num_held_out(len(dataset))


def compute_num_held_out(num_pictures: int) -> int:
    """Return the number of pictures that a new run holds out of own pictures.

    It is a tenth of them, at most `MAX_HELD_OUT`; 0 if there are fewer than `MIN_TO_HOLD_OUT`.
    """
    if num_pictures < MIN_TO_HOLD_OUT:
        return 0
    return min(MAX_HELD_OUT, round(SHARE_HELD_OUT * num_pictures))


def hold_out(dataset: ImageDataset, num_held_out: int) -> ImageDataset:
    """Return a data set with some pictures held out.

    Args:
        dataset: A data set without held-out pictures.
        num_held_out: Number of pictures to hold out. If it is the number of all pictures or more,
            none are held out.
    """
    if not 0 < num_held_out < len(dataset):
        return dataset
    order = np.random.default_rng(0).permutation(len(dataset))
    is_held_out = np.zeros(len(dataset), bool)
    is_held_out[order[:num_held_out]] = True
    labels = dataset.labels
    kept = make_dataset(
        dataset.name,
        dataset.pixels[~is_held_out],
        None if labels is None else labels[~is_held_out],
    )
    held_out = dataset.pixels[is_held_out]
    held_out.flags.writeable = False
    sentence = f"{num_held_out:,} pictures are held out to compare with."
    return replace(
        dataset,
        pixels=kept.pixels,
        labels=kept.labels,
        fingerprint=kept.fingerprint,
        summary=f"{dataset.summary} {sentence}".lstrip(),
        names=tuple(itertools.compress(dataset.names, ~is_held_out)),
        held_out=held_out,
    )

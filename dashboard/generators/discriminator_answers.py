"""Real pictures and fakes of a run, with the discriminator's answers. Imports no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.saved_generators import GeneratorIdentity, get_identity
from dashboard.process import tf_runtime
from dashboard.process.lru_cache import LRUCache
from dashboard.snapshots.snapshot import make_read_only
from dashboard.state.trainer import Trainer
from dashboard.state.training_pictures import load_some_pictures
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import RunError
from dcgan.latent.sampling import sample_latent
from dcgan.runs.run_folder import Run

if TYPE_CHECKING:
    from dcgan.model.discriminator_copy import DiscriminatorCopy


# Pictures of each kind in a batch: about as many as in training; see `DiscriminatorCopy`.
_BATCH_SIZE = 64


@dataclass(frozen=True, eq=False)
class JudgedPictures:
    """As many real pictures as fakes, with the discriminator's answers.

    Attributes:
        pixels: uint8 [0, 255], shape (num, height, width, channels); the real ones come first.
        answers: The discriminator's probabilities that each is real, shape (num,).
        step: Step of the generator that drew the fakes.
        fake_classes: The class that the generator was asked to draw in each fake; empty without
            classes.
    """

    pixels: np.ndarray
    answers: np.ndarray
    step: int
    fake_classes: list[str]


def judge_pictures(trainer: Trainer, run: Run, num_each: int, seed: int) -> JudgedPictures:
    """Choose real pictures, draw fakes, and compute the discriminator's answers on all of them.

    Uses the networks in training. For a run that does not train, uses the networks of its newest
    checkpoint.

    Args:
        trainer: The trainer, which may train the run.
        run: The run.
        num_each: How many real pictures and how many fakes; at most 100.
        seed: Decides which real pictures and which z are taken.

    Raises:
        RunError: If the run has no checkpoint yet, or its checkpoint cannot be used.
        DatasetError: If the training images cannot be read.
    """
    tf_runtime.prepare()
    pictures = trainer.networks.get_real_pictures(run)
    if pictures is None:
        pictures = load_some_pictures(run)
    batch_size = max(num_each, min(_BATCH_SIZE, len(pictures.pixels)))
    z = sample_latent(seed, batch_size, run.config.latent_dim)
    rng = np.random.default_rng(seed)
    # A tiny data set repeats its pictures.
    chosen = np.resize(rng.permutation(len(pictures.pixels)), batch_size)
    names = run.config.class_names
    # The classes are random: equal numbers of each class would show which pictures are fakes.
    classes = rng.integers(len(names), size=batch_size) if names else None
    fakes, step = GeneratorSource(run, None, trainer).generate(z, classes)
    fake_classes = [] if classes is None else [names[label] for label in classes[:num_each]]
    real_pixels = pictures.pixels[chosen]
    # The discriminator gets the class of each picture, as in training.
    real_classes = pictures.labels[chosen] if names and pictures.labels is not None else None
    weights = _load_weights(trainer, run)
    discriminator = tf_runtime.run_for_page(_build_discriminator, run.config)
    try:
        compute = discriminator.compute_probabilities
        answers = [
            tf_runtime.run_for_page(compute, weights, pixels, labels)[:num_each]
            for pixels, labels in ((real_pixels, real_classes), (fakes, classes))
        ]
    except ValueError as error:
        raise RunError(f"{run.name}: the checkpoint does not fit config.json: {error}") from None
    pixels = np.concatenate([real_pixels[:num_each], fakes[:num_each]])
    return JudgedPictures(pixels, np.concatenate(answers), step, fake_classes)


def _load_weights(trainer: Trainer, run: Run) -> list[np.ndarray]:
    published = trainer.networks.get_discriminator_weights(run)
    if published is not None:
        return published[0]
    step = run.checkpoints.find_newest()
    if step is None:
        raise RunError(f"{run.read_title()} has no checkpoint yet; look again in a moment.")
    identity = get_identity(run, step)
    weights = _weights.get(identity)
    if weights is None:
        from dcgan.model.state import select_discriminator_weights

        weights = make_read_only(select_discriminator_weights(run.checkpoints.load(step)))
        _weights.put(identity, weights)
    return weights


_weights: LRUCache[GeneratorIdentity, list[np.ndarray]] = LRUCache(4)


@lru_cache(maxsize=2)
def _build_discriminator(config: TrainingConfig) -> DiscriminatorCopy:
    from dcgan.model.discriminator_copy import DiscriminatorCopy

    return DiscriminatorCopy(config)

"""A DCGAN of given parts, with a given step."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.model.devices import choose_strategy
from dcgan.model.gan import DCGAN
from dcgan.training_step.parts import build_parts
from dcgan.training_step.step import TrainingStep
from dcgan.training_step.step_metrics import NUM_VALUES
from dcgan.training_step.training_images import TrainingImages


class CountingStep(TrainingStep):
    """Steps that train nothing and count."""

    def run(
        self, images: TrainingImages, order: tf.Tensor, position: int, step: int, num_steps: int
    ) -> np.ndarray:
        self.parts.generator_optimizer.iterations.assign_add(num_steps)
        return np.full(NUM_VALUES, num_steps)


def test_a_dcgan_trains_the_given_parts_with_the_given_step(
    tiny_config: TrainingConfig, images: TrainingImages, order: tf.Tensor
) -> None:
    strategy = choose_strategy(tiny_config.strategy)
    parts = build_parts(tiny_config, strategy)
    gan = DCGAN(tiny_config, strategy, parts, CountingStep)
    assert gan.generator is parts.generator
    assert gan.training_step.parts is parts
    measured = gan.train_steps(images, order, position=0, num_steps=5)
    assert gan.step == 5
    assert set(measured.means.values()) == {1.0}
    assert measured.generator_update_ratio == 0

    first_step = gan.training_step
    gan.change_config(tiny_config.replace(generator_learning_rate=3e-4))
    assert gan.training_step is first_step
    gan.change_config(tiny_config.replace(discriminator_steps=2))
    assert isinstance(gan.training_step, CountingStep)
    assert gan.training_step.config.discriminator_steps == 2
    assert gan.training_step.parts is parts

"""StepParts: the networks, optimizers, inputs and augmentation that training steps use."""

from __future__ import annotations

from dataclasses import dataclass

from dcgan.backend import building_layers, keras, tf
from dcgan.config.training_config import TrainingConfig
from dcgan.networks.architecture import build_discriminator, build_generator
from dcgan.training_step.adam import FusedAdam
from dcgan.training_step.augmentation import Augmentation
from dcgan.training_step.lookahead import Lookahead
from dcgan.training_step.step_inputs import StepInputs


@dataclass(frozen=True)
class StepParts:
    """The parts of a DCGAN that its training steps use.

    `dataclasses.replace` exchanges a part. All have variables of the same strategy.

    Attributes:
        generator: Maps latent vectors to images in [-1, 1].
        discriminator: Maps images in [-1, 1] to logits.
        ema_generator: The generator with averaged weights.
        generator_optimizer, discriminator_optimizer: Built for the trainable variables of the
            networks.
        inputs: Select the batches and draw the random numbers.
        augmentation: Changes the images that the discriminator sees.
        lookahead: Takes both networks back half of their way.
    """

    generator: keras.Model
    discriminator: keras.Model
    ema_generator: keras.Model
    generator_optimizer: keras.optimizers.Optimizer
    discriminator_optimizer: keras.optimizers.Optimizer
    inputs: StepInputs
    augmentation: Augmentation
    lookahead: Lookahead


def build_parts(config: TrainingConfig, strategy: tf.distribute.Strategy) -> StepParts:
    """Build the parts of a config on a strategy, with the initial weights of its seed."""
    with strategy.scope(), building_layers():  # Optimizers have a dtype too.
        generator = build_generator(config)
        discriminator = build_discriminator(config)
        ema_generator = build_generator(config)
        generator_optimizer = FusedAdam(
            config.generator_learning_rate, config.beta_1, config.beta_2
        )
        discriminator_optimizer = FusedAdam(
            config.discriminator_learning_rate, config.beta_1, config.beta_2
        )
        # Built before tracing: a strategy does not see variables made inside a tf.function.
        generator_optimizer.build(generator.trainable_variables)
        discriminator_optimizer.build(discriminator.trainable_variables)
        inputs = StepInputs(config, strategy.num_replicas_in_sync)
        augmentation = Augmentation(config, inputs)
        lookahead = Lookahead(config, (generator, discriminator))
    ema_generator.set_weights(generator.get_weights())
    return StepParts(
        generator=generator,
        discriminator=discriminator,
        ema_generator=ema_generator,
        generator_optimizer=generator_optimizer,
        discriminator_optimizer=discriminator_optimizer,
        inputs=inputs,
        augmentation=augmentation,
        lookahead=lookahead,
    )

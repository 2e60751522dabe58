"""DCGAN: two networks, two optimizers and the EMA generator, with their training step.

It owns all weights and states. Data and duration belong to `training`, results to `runs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self

import numpy as np

from dcgan.backend import keras, tf
from dcgan.config.training_config import TrainingConfig
from dcgan.model.devices import choose_strategy
from dcgan.model.sampler import choose_batch_size, compile_generator, generate_in_batches
from dcgan.model.state import (
    check_state,
    is_lookahead_array,
    is_optimizer_array,
    is_optional_array,
)
from dcgan.networks.class_inputs import ClassChoice, make_generator_inputs
from dcgan.training_step.parts import StepParts, build_parts
from dcgan.training_step.step import TrainingStep
from dcgan.training_step.step_metrics import (
    NUM_VALUES,
    StepMetrics,
    compute_update_ratio,
    copy_weights,
    unpack_step_metrics,
)
from dcgan.training_step.training_images import TrainingImages

MakeStep = Callable[[TrainingConfig, tf.distribute.Strategy, StepParts], TrainingStep]


class DCGAN:
    """A generator and a discriminator that learn from each other.

    Attributes:
        config: The settings; `change_config` changes some of them.
        strategy: TensorFlow's distribution strategy, by default chosen from the config.
        generator: Maps latent vectors to images in [-1, 1].
        discriminator: Maps images in [-1, 1] to logits.
        ema_generator: The generator with averaged weights, which makes the samples.
        generator_optimizer, discriminator_optimizer: Adam, with its state.
        training_step: The compiled steps that train the networks.
        step: Training steps so far; each updates both networks.
        seconds: Training time so far, updated by `training.train`.

    Every random number of training, except Dropout's, is a pure function of the seed and the step.
    So the state holds no random generator except Dropout's, and a resumed run draws the same
    numbers as an uninterrupted one.
    """

    def __init__(
        self,
        config: TrainingConfig,
        strategy: tf.distribute.Strategy | None = None,
        parts: StepParts | None = None,
        make_step: MakeStep = TrainingStep,
    ) -> None:
        """Build both networks and their optimizers, with the initial weights of the seed.

        Args:
            config: The settings.
            strategy: TensorFlow's distribution strategy; None to choose it by the config.
            parts: Networks, optimizers and the rest, made in the strategy's scope, to use instead.
            make_step: Makes the steps that train the parts.
        """
        self.config = config
        self.strategy = strategy or choose_strategy(config.strategy)
        self._parts = parts or build_parts(config, self.strategy)
        self.step = 0
        self.seconds = 0.0
        self.generator = self._parts.generator
        self.discriminator = self._parts.discriminator
        self.ema_generator = self._parts.ema_generator
        self.generator_optimizer = self._parts.generator_optimizer
        self.discriminator_optimizer = self._parts.discriminator_optimizer
        self._make_step = make_step
        self.training_step = make_step(config, self.strategy, self._parts)
        self._generate = compile_generator(self.ema_generator, config)
        self._batch_size = choose_batch_size(self.ema_generator)

    def train_steps(
        self, images: TrainingImages, order: tf.Tensor, position: int, num_steps: int
    ) -> StepMetrics:
        """Make several steps; the last one alone, to measure its change of the weights.

        Args:
            images: All training images, with labels if the config has classes.
            order: Indices into `images`, int32: the batches of one epoch or of several epochs,
                one after the other.
            position: Index of the first step's batch in `order`.
            num_steps: The number of steps, at least 1.

        Returns:
            The metrics of these steps.
        """
        totals = np.zeros(NUM_VALUES)
        if num_steps > 1:
            totals += self._run_chunk(images, order, position, num_steps - 1)
        before = copy_weights(self.generator), copy_weights(self.discriminator)
        totals += self._run_chunk(images, order, position + num_steps - 1, 1)
        return unpack_step_metrics(
            totals / num_steps,
            compute_update_ratio(before[0], copy_weights(self.generator)),
            compute_update_ratio(before[1], copy_weights(self.discriminator)),
            self._parts.augmentation.read_probability(images.pixels.shape[0]),
        )

    def _run_chunk(
        self, images: TrainingImages, order: tf.Tensor, position: int, num_steps: int
    ) -> np.ndarray:
        """Make steps in one call into the graph, and count them; return their metrics' sums."""
        updates_before = self._count_updates()
        try:
            return self.training_step.run(images, order, position, self.step, num_steps)
        finally:  # A notebook's stop button interrupts this call after the steps were made.
            self.step += self._count_updates() - updates_before

    def change_config(self, config: TrainingConfig) -> None:
        """Replace settings that may change during training, such as the learning rates.

        Args:
            config: The new settings. They may differ from the current ones only in
                `list_settings_that_change("live")` and in the settings of length and reports.
        """
        before, self.config = self.config, config
        self.generator_optimizer.learning_rate = config.generator_learning_rate
        self.discriminator_optimizer.learning_rate = config.discriminator_learning_rate
        if config.discriminator_steps != before.discriminator_steps:
            # The number of updates is part of the graph.
            self.training_step = self._make_step(config, self.strategy, self._parts)

    def restart_lookahead(self) -> None:
        """Make the current weights those to which lookahead's next return leads."""
        self._parts.lookahead.restart()

    def _count_updates(self) -> int:
        """Return the number of the generator's updates since its optimizer was made."""
        return int(np.asarray(self.generator_optimizer.iterations))

    def generate(self, z: np.ndarray, classes: ClassChoice = None) -> np.ndarray:
        """Generate images with the EMA generator, a bounded number at once.

        Args:
            z: Latent batch, shape (num, latent_dim), float32.
            classes: The class of each image, or the weights of the classes, (num, num_classes).

        Returns:
            Pixels, uint8 [0, 255], shape (num, height, width, channels).
        """
        inputs = make_generator_inputs(z, classes, self.config)
        return generate_in_batches(self._generate, inputs, self._batch_size)

    def get_state(self) -> dict[str, np.ndarray]:
        """Copy everything that training needs to continue, as arrays by name.

        These are the weights of both networks (with BatchNorm's statistics and Dropout's random
        state) and of the EMA generator, the states of both optimizers, the adaptive augmentation
        and lookahead, the step and the seconds. `set_state` of a DCGAN with the same config
        restores them, also in the middle of an epoch.
        """
        state = {name: np.asarray(variable) for name, variable in self._name_variables().items()}
        state["step"] = np.array(self.step, np.int64)
        state["seconds"] = np.array(self.seconds, np.float64)
        return state

    def set_state(self, state: Mapping[str, np.ndarray]) -> Self:
        """Restore a state from `get_state`, or a slim one, which resets the optimizers.

        The learning rates are not restored: the config has them. A state without adaptive
        augmentation or lookahead resets it. If the config has none, the state's is ignored.

        Raises:
            ValueError: If an array is missing, unknown or of another shape; in that case
                nothing is changed.
        """
        variables = self._name_variables()
        is_slim = not any(is_optimizer_array(name) for name in state)
        reset = {
            name
            for name in variables
            if (is_slim and is_optimizer_array(name))
            or (is_optional_array(name) and name not in state)
        }
        restored = {
            name: array
            for name, array in state.items()
            if name in variables or not is_optional_array(name)
        }
        expected_shapes = {
            name: tuple(variable.shape) for name, variable in variables.items() if name not in reset
        }
        check_state(restored, expected_shapes)
        for name, variable in variables.items():
            if name.endswith("/learning_rate"):
                continue
            variable.assign(np.zeros(variable.shape) if name in reset else state[name])
        if any(map(is_lookahead_array, reset)):
            self.restart_lookahead()
        self.step = int(state["step"])
        self.seconds = float(state["seconds"])
        return self

    def _name_variables(self) -> dict[str, keras.Variable]:
        """Return all variables by their names in a state."""
        owners = {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "ema_generator": self.ema_generator,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
            "augmentation": self._parts.augmentation,
            "lookahead": self._parts.lookahead,
        }
        return {
            f"{owner_name}/{index:02d}/{variable.name}": variable
            for owner_name, owner in owners.items()
            for index, variable in enumerate(owner.variables)
        }

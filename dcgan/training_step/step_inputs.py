"""The inputs of a training step: a batch of real images, and random numbers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from dcgan.backend import tf
from dcgan.config.training_config import TrainingConfig, ZSchedule
from dcgan.training_step.training_images import TrainingImages

# With classes, training multiplies z by a factor below 1, and outside training z has its full
# length. Without the factor, the EMA generator's digits are more alike than the digits of the
# trained generator: increasingly so until about step 10,000, and later less and less. Each pair is
# a step and the factor at that step; the factor changes linearly from one to the next. Measured up
# to step 30,000 (docs/levers.md, "Learning the classes"); the last pair is from generating with a
# shorter z at step 49,000.
Z_SCHEDULES: Mapping[ZSchedule, tuple[tuple[int, float], ...]] = {
    "falling": ((2_000, 0.9), (4_000, 0.85)),
    "falling_and_rising": (
        (2_000, 0.9),
        (4_000, 0.85),
        (10_000, 0.85),
        (30_000, 0.9),
        (60_000, 0.93),
    ),
}


class StepInputs:
    """One replica's share of the inputs of a step.

    Every random number is a pure function of the seed and of the index of the draw. All replicas
    draw the numbers of the whole batch, and each takes its share, so that together they have the
    same numbers as one device.
    """

    def __init__(self, config: TrainingConfig, num_replicas: int) -> None:
        """Prepare the inputs of a run with these settings on this number of replicas."""
        self._config = config
        self._share_size = config.batch_size // num_replicas

    def select_batch(
        self, images: TrainingImages, order: tf.Tensor, batch_index: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Return this replica's real images of a batch, and the weights of their classes or None.

        Args:
            images: All training images.
            order: Indices into `images`, int32, batch after batch.
            batch_index: Index of the batch in `order`.
        """
        first = batch_index * self._config.batch_size + self._find_start()
        # `tf.slice` tells the graph how long the result is; order[a:b] does not.
        indices = tf.slice(order, [first], [self._share_size])
        return images.select(indices, self._config.num_classes)

    def draw_generator_inputs(
        self, draw_index: tf.Tensor, step: tf.Tensor, classes: tf.Tensor | None
    ) -> tf.Tensor:
        """Draw z, and append the classes of the real images if there are classes.

        Args:
            draw_index: Index of the draw; each draw of a run has another z.
            step: Index of the step.
            classes: The weights of the classes, (num, num_classes), or None.
        """
        z = self.draw_z(draw_index)
        if classes is None:
            return z
        return tf.concat([compute_z_factor(step, self._config.z_schedule) * z, classes], axis=1)

    def draw_z(self, draw_index: tf.Tensor) -> tf.Tensor:
        """Draw latent vectors, shape (num, latent_dim), float32."""
        shape = (self._config.batch_size, self._config.latent_dim)
        z = tf.random.stateless_normal(shape, (self._config.seed, draw_index))
        return self._take_share(z)

    def draw_mix_weights(self, draw_index: tf.Tensor) -> tf.Tensor:
        """Draw the weight of each real image in a mixture, in [0, 1), shape (num,), float32."""
        shape = (self._config.batch_size,)
        # Not the seed of z: with it, the weights would follow the first numbers of z.
        weights = tf.random.stateless_uniform(shape, (-1 - self._config.seed, draw_index))
        return self._take_share(weights)

    def draw_augmentation(self, draw_index: tf.Tensor, index: int, num: int) -> tf.Tensor:
        """Draw the random numbers of one change of a batch, in [0, 1).

        Args:
            draw_index: Index of the draw; each draw of a run has other random numbers.
            index: Index of the change among all changes with this draw.
            num: Number of random numbers for each image.

        Returns:
            Random numbers, shape (num_images, num), float32.
        """
        seed = tf.random.experimental.stateless_fold_in(
            tf.stack([self._config.seed, tf.cast(draw_index, tf.int32)]), index
        )
        numbers = tf.random.stateless_uniform((self._config.batch_size, num), seed)
        return self._take_share(numbers)

    def _take_share(self, numbers: tf.Tensor) -> tf.Tensor:
        start = self._find_start()
        return numbers[start : start + self._share_size]

    def _find_start(self) -> tf.Tensor:
        """Return the index in the batch at which this replica's share starts."""
        return tf.distribute.get_replica_context().replica_id_in_sync_group * self._share_size


def compute_z_factor(step: tf.Tensor, schedule: ZSchedule) -> tf.Tensor:
    """Return the factor by which training with classes multiplies z.

    Args:
        step: Index of the step, an integer scalar.
        schedule: Key of `Z_SCHEDULES`.

    Returns:
        A scalar, float32.
    """
    factors = Z_SCHEDULES[schedule]
    factor = factors[0][1]
    for (start_step, start_factor), (end_step, end_factor) in itertools.pairwise(factors):
        share = tf.cast(step - start_step, tf.float32) / (end_step - start_step)
        factor += (end_factor - start_factor) * tf.clip_by_value(share, 0.0, 1.0)
    return factor

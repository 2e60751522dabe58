"""The inputs of a training step: a batch of real images, and random numbers."""

from __future__ import annotations

from dcgan.backend import tf
from dcgan.config.training_config import TrainingConfig
from dcgan.training_step.training_images import TrainingImages

# With classes, training multiplies z by this factor, so that z is spread wider outside training.
# Otherwise the averaged generator would draw digits that are more alike than those of the generator
# in training, and this effect grows during training. So the factor falls from the first number to
# the second between these steps. See docs/levers.md, "Learning the classes".
_EARLY_SPREAD, _LATE_SPREAD = 0.9, 0.85
_SPREAD_FALLS_FROM, _SPREAD_FALLS_TO = 2000, 4000


class StepInputs:
    """One replica's share of the inputs of a step.

    Every random number is a pure function of the seed and of the number of the draw. All replicas
    draw the numbers of the whole batch, and each takes its part, so that together they have the
    same numbers as one device.
    """

    def __init__(self, config: TrainingConfig, num_replicas: int) -> None:
        """Prepare the inputs of a run with these settings on this number of replicas."""
        self._config = config
        self._size = config.batch_size // num_replicas

    def select_batch(
        self, images: TrainingImages, order: tf.Tensor, batch: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Return real images, and the weights of their classes or None.

        Args:
            images: All training images.
            order: Indices into `images`, int32, batch after batch.
            batch: The number of the batch in `order`, from 0.
        """
        first = batch * self._config.batch_size + self._find_start()
        # Its length is known, unlike that of order[a:b].
        chosen = tf.slice(order, [first], [self._size])
        return images.select(chosen, self._config.num_classes)

    def draw_generator_inputs(
        self, draw: tf.Tensor, step: tf.Tensor, classes: tf.Tensor | None
    ) -> tf.Tensor:
        """Draw z, and append the classes of the real images if there are classes.

        Args:
            draw: The number of the draw.
            step: The step that it is for, from 0.
            classes: The weights of the classes, (num, num_classes), or None.
        """
        z = self.draw_z(draw)
        if classes is None:
            return z
        return tf.concat([compute_training_spread(step) * z, classes], axis=1)

    def draw_z(self, draw: tf.Tensor) -> tf.Tensor:
        """Draw latent vectors, shape (num, latent_dim), float32."""
        shape = (self._config.batch_size, self._config.latent_dim)
        z = tf.random.stateless_normal(shape, (self._config.seed, draw))
        return self._take_share(z)

    def draw_mix_weights(self, draw: tf.Tensor) -> tf.Tensor:
        """Draw the weight of each real image in a mixture, in [0, 1), shape (num,), float32."""
        shape = (self._config.batch_size,)
        # Another seed than that of z, whose first numbers they would otherwise follow.
        weights = tf.random.stateless_uniform(shape, (-1 - self._config.seed, draw))
        return self._take_share(weights)

    def _take_share(self, numbers: tf.Tensor) -> tf.Tensor:
        start = self._find_start()
        return numbers[start : start + self._size]

    def _find_start(self) -> tf.Tensor:
        """Return the place of this replica's part in the batch."""
        return tf.distribute.get_replica_context().replica_id_in_sync_group * self._size


def compute_training_spread(step: tf.Tensor) -> tf.Tensor:
    """Return the factor by which training with classes multiplies z in a step, from 0; a scalar."""
    share = tf.cast(step - _SPREAD_FALLS_FROM, tf.float32) / (_SPREAD_FALLS_TO - _SPREAD_FALLS_FROM)
    fall = _EARLY_SPREAD - _LATE_SPREAD
    return _EARLY_SPREAD - fall * tf.clip_by_value(share, 0.0, 1.0)

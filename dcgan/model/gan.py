"""class DCGAN: two networks, two optimizers, the EMA generator and the train step.

It owns every weight and nothing else: which data come, how long, and where results go is
`training` and `runs`. What crosses its walls is NumPy and plain Python.
"""

from __future__ import annotations

import contextlib
import io
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Self

import numpy as np

from dcgan.backend import building_layers, keras, tf
from dcgan.config import TrainingConfig
from dcgan.data import datasets
from dcgan.distributed.channel import Line, Order, gone_workers_in_words
from dcgan.errors import WorkerError
from dcgan.model.devices import choose_strategy
from dcgan.model.losses import discriminator_loss, generator_loss, gradient_penalty
from dcgan.model.networks import build_discriminator, build_generator
from dcgan.settings import DIGIT_SHAPE, MAX_DISCRIMINATOR_STEPS

# The measurements of one step that are numbers, in the order in which the graph returns them.
METRICS = (
    "generator_loss",
    "discriminator_loss",
    "real_accuracy",
    "fake_accuracy",
    "real_probability",
    "fake_probability",
    "generator_gradient_norm",
    "discriminator_gradient_norm",
    "real_spread",
    "fake_spread",
)
HISTOGRAM_BINS = 20  # Equal parts of [0, 1], for the discriminator's answers.
# All that the graph returns of a step: METRICS, then the histograms of real and of fake images.
NUM_MEASUREMENTS = len(METRICS) + 2 * HISTOGRAM_BINS


class Measured(NamedTuple):
    """What was measured over several steps.

    Attributes:
        means: Of METRICS.
        generator_update_ratio, discriminator_update_ratio: How far the last step moved a network's
            weights, as a share of their length: |Δw| / |w| over all of them.
        real_histogram, fake_histogram: The discriminator's answers D(x) and D(G(z)) on training
            batches, as shares of HISTOGRAM_BINS equal parts of [0, 1]; each sums to 1.
    """

    means: dict[str, float]
    generator_update_ratio: float
    discriminator_update_ratio: float
    real_histogram: tuple[float, ...]
    fake_histogram: tuple[float, ...]


# The EMA's half-life is at most this share of all steps so far, so that a short run's average
# does not lag behind in its first noise. StyleGAN3's `ema_rampup` is 0.05 too (Karras et al.,
# 2021, arXiv:2106.12423, training_loop.py).
_EMA_RAMP_SHARE = 0.05

# Pictures that are drawn at once. Larger batches gain nothing on a CPU and hold all their
# activations at once, so where a picture's largest layer takes much memory there are fewer.
_MAX_DRAWN = 250
_MAX_DRAWN_BYTES = 2**27

# The gradient penalty is asked for at every so many steps, that much stronger: a sixteenth of the
# cost, nearly the same effect ("lazy regularization", Karras et al., 2019, arXiv:1912.04958,
# appendix B, without its small correction of Adam's settings).
_PENALTY_EVERY = 16


class DCGAN:
    """A generator and a discriminator that learn from each other.

    Attributes:
        config: Its settings; some of them may change, see `change_config`.
        generator: Latent vectors to images in [-1, 1].
        discriminator: Images in [-1, 1] to logits.
        ema_generator: The generator with averaged weights; the one that makes the pictures.
        step: Training steps so far; each updates both networks.
        seconds: Training time so far, kept by `training.train`.

    Every random number of training is a pure function of the seed and the step, so the state
    holds no generator of random numbers except Dropout's, and a resumed run draws what the
    uninterrupted one would have drawn.
    """

    def __init__(
        self,
        config: TrainingConfig,
        strategy: tf.distribute.Strategy | None = None,
        line: Line | None = None,
    ) -> None:
        self.config = config
        self._line = line  # To other workers, where there are any.
        self.strategy = strategy or choose_strategy(config.strategy)
        self.step = 0
        self.seconds = 0.0
        with (
            self.strategy.scope(),
            building_layers(),
        ):  # Optimizers have a dtype too.
            self.generator = build_generator(config)
            self.discriminator = build_discriminator(config)
            self.ema_generator = build_generator(config)
            self.generator_optimizer = keras.optimizers.Adam(
                config.generator_learning_rate, config.beta_1, config.beta_2
            )
            self.discriminator_optimizer = keras.optimizers.Adam(
                config.discriminator_learning_rate, config.beta_1, config.beta_2
            )
            # Built before tracing: variables made inside a tf.function are lost to a strategy.
            self.generator_optimizer.build(self.generator.trainable_variables)
            self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.ema_generator.set_weights(self.generator.get_weights())
        self._trace_anew()
        self._generate = tf.function(
            lambda z: self.ema_generator(z, training=False),
            input_signature=[tf.TensorSpec((None, config.latent_dim), tf.float32)],
        )
        self._num_drawn = _drawn_at_once(self.ema_generator)

    def train_steps(
        self, images: tf.Tensor, order: tf.Tensor, position: int, num_steps: int
    ) -> Measured:
        """Make several steps, in two calls into the graph: the last is measured by itself.

        Args:
            images: All training images, uint8 [0, 255], shape (num_images, height, width,
                channels).
            order: Indices into `images`, int32, the batches of one epoch or of several epochs one
                after the other.
            position: The first step's place in the order, from 0.
            num_steps: How many steps to make, at least 1.

        Returns:
            What was measured in these steps.

        Raises:
            WorkerError: If another worker of the run is gone.
        """
        totals = np.zeros(NUM_MEASUREMENTS)
        with self._in_step(num_steps):
            if num_steps > 1:
                totals += self._run_chunk(images, order, position, num_steps - 1)
            of_generator = _copy_weights(self.generator)
            of_discriminator = _copy_weights(self.discriminator)
            totals += self._run_chunk(images, order, position + num_steps - 1, 1)
        means = (totals / num_steps).tolist()
        numbers, histograms = means[: len(METRICS)], means[len(METRICS) :]
        return Measured(
            dict(zip(METRICS, numbers, strict=True)),
            _update_ratio(of_generator, _copy_weights(self.generator)),
            _update_ratio(of_discriminator, _copy_weights(self.discriminator)),
            tuple(histograms[:HISTOGRAM_BINS]),
            tuple(histograms[HISTOGRAM_BINS:]),
        )

    @contextlib.contextmanager
    def _in_step(self, num_steps: int) -> Iterator[None]:
        """Have the other workers, if there are any, make the same steps."""
        line = self._line
        if line is None:
            yield
            return
        self._order("steps", num_steps=num_steps)
        self._line = None  # What ends in the middle leaves the others where no word reaches them.
        with gone_workers_in_words(line.cluster):
            yield
        self._line = line

    def _run_chunk(
        self, images: tf.Tensor, order: tf.Tensor, position: int, num_steps: int
    ) -> np.ndarray:
        """Make steps in one call into the graph; return the sums of what was measured."""
        before = self._num_updates()
        try:
            totals: np.ndarray = self._chunk(
                images,
                order,
                tf.constant(position, tf.int32),
                tf.constant(self.step, tf.int32),
                tf.constant(num_steps, tf.int32),
            ).numpy()
        finally:  # A notebook's stop button is heard when the steps are made already.
            self.step += self._num_updates() - before
        return totals

    def change_config(self, config: TrainingConfig) -> None:
        """Take over settings that may change while it trains, such as the learning rates.

        Args:
            config: Differs from its own in what `settings_that_change("live")` names, and
                in length and reports at most.

        Raises:
            WorkerError: If another worker of the run is gone.
        """
        self._order("config", config=config.model_dump())
        before, self.config = self.config, config
        self.generator_optimizer.learning_rate = config.generator_learning_rate
        self.discriminator_optimizer.learning_rate = config.discriminator_learning_rate
        if config.discriminator_steps != before.discriminator_steps:
            self._trace_anew()  # The number of updates is part of the graph.

    @property
    def stop_is_wanted(self) -> bool:
        """Whether another worker of the run was asked to stop."""
        return self._line is not None and self._line.stop_is_wanted

    def dismiss(self, run: str, why: str = "") -> None:
        """Send the other workers of the run home; nothing more can be trained with them then.

        Args:
            run: The run's folder.
            why: What made training fail, in a sentence, or empty.
        """
        # They have left already, or the line is broken, which the caller has been told.
        with contextlib.suppress(WorkerError, tf.errors.OpError):
            self._order("leave", run=run, why=why)
        self._line = None

    def _order(self, order: Order, **details: object) -> Line | None:
        """Tell the other workers, if there are any that follow; return the line to them."""
        if self._line is None or not self._line.is_chief:
            return None
        self._line.give(order, **details)
        return self._line

    def _num_updates(self) -> int:
        """Return how often the generator was updated since its optimizer was made."""
        return int(np.asarray(self.generator_optimizer.iterations))

    def _trace_anew(self) -> None:
        """Have the next step build its graph, from the config as it is now."""
        self._chunk = tf.function(self._train_chunk)

    def generate(self, z: np.ndarray) -> np.ndarray:
        """Draw pictures with the EMA generator, a bounded number of them at once.

        Args:
            z: Latent batch, shape (num, latent_dim), float32.

        Returns:
            Pixels, uint8 [0, 255], shape (num, height, width, channels).
        """
        return _draw(self._generate, z, self._num_drawn)

    def get_state(self) -> dict[str, np.ndarray]:
        """Copy out everything that training needs to go on: names to arrays.

        Weights of both networks (BatchNorm's statistics and Dropout's random state included),
        of the EMA generator, both optimizers, the step and the seconds. `set_state` of a DCGAN
        with the same config takes it back, also in the middle of an epoch.
        """
        state = {name: np.asarray(variable) for name, variable in self._variables().items()}
        state["step"] = np.array(self.step, np.int64)
        state["seconds"] = np.array(self.seconds, np.float64)
        return state

    def set_state(self, state: Mapping[str, np.ndarray]) -> Self:
        """Take back what `get_state` gave; from a `slim_state`, the optimizers start anew.

        The learning rates stay those of the config, which is where they are changed.

        Raises:
            ValueError: If an array is missing, unknown or of another shape; nothing has been
                changed then.
            WorkerError: If another worker of the run is gone.
        """
        variables = self._variables()
        is_slim = not any(_is_of_optimizer(name) for name in state)
        anew = {name for name in variables if is_slim and _is_of_optimizer(name)}
        _check_arrays(
            state, {name: tuple(v.shape) for name, v in variables.items() if name not in anew}
        )
        if line := self._order("state"):
            packed = io.BytesIO()
            np.savez(packed, **state)  # type: ignore[arg-type]
            line.tell(packed.getvalue())
        for name, variable in variables.items():
            if name.endswith("/learning_rate"):
                continue
            variable.assign(np.zeros(variable.shape) if name in anew else state[name])
        self.step = int(state["step"])
        self.seconds = float(state["seconds"])
        return self

    def _variables(self) -> dict[str, keras.Variable]:
        owners = {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "ema_generator": self.ema_generator,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }
        return {
            f"{owner_name}/{index:02d}/{variable.name}": variable
            for owner_name, owner in owners.items()
            for index, variable in enumerate(owner.variables)
        }

    def _train_chunk(
        self,
        images: tf.Tensor,
        order: tf.Tensor,
        position: tf.Tensor,
        step: tf.Tensor,
        num_steps: tf.Tensor,
    ) -> tf.Tensor:
        totals = tf.zeros(NUM_MEASUREMENTS)
        for index in tf.range(num_steps):
            measured = self.strategy.run(
                self._train_step, args=(images, order, position + index, step + index)
            )
            totals += self.strategy.reduce(tf.distribute.ReduceOp.MEAN, measured, axis=None)
            self._update_ema(step + index + 1)
            if self.config.r1_penalty > 0 and (step + index + 1) % _PENALTY_EVERY == 0:
                self.strategy.run(self._penalise, args=(images, order, position + index))
        return totals

    def _train_step(
        self, images: tf.Tensor, order: tf.Tensor, position: tf.Tensor, step: tf.Tensor
    ) -> tf.Tensor:
        """Make one update of both networks on one replica's share of the batch."""
        num_rounds = self.config.discriminator_steps
        num_batches = self.config.steps_per_epoch(images.shape[0])
        for index in range(1, num_rounds):
            # Each of these passes over the data once an epoch as well, from another beginning.
            place = position % num_batches
            shifted = (place + index * num_batches // num_rounds) % num_batches
            batch = position - place + shifted
            real_images = self._real_images(images, order, batch)
            # Below 0: none of these is ever the draw of a step.
            draw = -(step * MAX_DISCRIMINATOR_STEPS + index)
            fake_images = self.generator(self._noise(draw), training=True)
            self._update_discriminator(real_images, fake_images)
        real_images = self._real_images(images, order, position)
        # The generator's pass is recorded once and serves both updates, as in PyTorch's DCGAN
        # example: the discriminator learns from the fakes first, then judges them again.
        with tf.GradientTape() as tape:
            fake_images = self.generator(self._noise(step), training=True)
            with tape.stop_recording():
                measured = self._update_discriminator(real_images, fake_images)
            loss = generator_loss(self.discriminator(fake_images, training=True))
            replica_loss = loss / self.strategy.num_replicas_in_sync
        gradients = tape.gradient(replica_loss, self.generator.trainable_variables)
        self.generator_optimizer.apply(gradients, self.generator.trainable_variables)
        numbers = tf.stack(
            [
                loss,
                measured["loss"],
                measured["real_accuracy"],
                measured["fake_accuracy"],
                measured["real_probability"],
                measured["fake_probability"],
                _norm_of_sum(gradients),
                measured["gradient_norm"],
                _spread(real_images),
                _spread(fake_images),
            ]
        )
        return tf.concat([numbers, measured["real_histogram"], measured["fake_histogram"]], 0)

    def _update_discriminator(
        self, real_images: tf.Tensor, fake_images: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        num_replicas = self.strategy.num_replicas_in_sync
        with tf.GradientTape() as tape:
            # Two passes: BatchNorm must not see real and fake images in one batch, or the
            # discriminator could tell them by the company they keep.
            real_logits = self.discriminator(real_images, training=True)
            fake_logits = self.discriminator(fake_images, training=True)
            loss = discriminator_loss(real_logits, fake_logits, self.config.label_smoothing)
            replica_loss = loss / num_replicas  # Optimizers sum gradients over replicas.
        gradients = tape.gradient(replica_loss, self.discriminator.trainable_variables)
        self.discriminator_optimizer.apply(gradients, self.discriminator.trainable_variables)
        return {
            "loss": loss,
            "real_accuracy": tf.reduce_mean(tf.cast(real_logits > 0, tf.float32)),
            "fake_accuracy": tf.reduce_mean(tf.cast(fake_logits < 0, tf.float32)),
            "real_probability": tf.reduce_mean(tf.sigmoid(real_logits)),
            "fake_probability": tf.reduce_mean(tf.sigmoid(fake_logits)),
            "gradient_norm": _norm_of_sum(gradients),
            "real_histogram": _histogram(tf.sigmoid(real_logits)),
            "fake_histogram": _histogram(tf.sigmoid(fake_logits)),
        }

    def _penalise(self, images: tf.Tensor, order: tf.Tensor, position: tf.Tensor) -> None:
        """Make the discriminator less steep at the real images that it has just learned from."""
        real_images = self._real_images(images, order, position)
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            # A logit that hangs on all of N values has a slope of 1/N in each: squared and added
            # up, 1/N again. So a larger picture takes a larger weight for the same effect, as in
            # StyleGAN2's settings (Karras et al., 2020, arXiv:2006.06676, its gamma).
            num_values = math.prod(self.config.image_shape)
            penalty = gradient_penalty(
                lambda x: self.discriminator(x, training=True),
                real_images,
                self.config.r1_penalty * num_values / math.prod(DIGIT_SHAPE),
            )
            replica_loss = penalty * _PENALTY_EVERY / self.strategy.num_replicas_in_sync
        gradients = tape.gradient(replica_loss, variables)
        # Constants added to all logits do not change their slope, so they have no gradient.
        gradients = [
            tf.zeros(variable.shape) if gradient is None else gradient
            for gradient, variable in zip(gradients, variables, strict=True)
        ]
        self.discriminator_optimizer.apply(gradients, variables)

    def _replica_share(self) -> tuple[tf.Tensor, int]:
        """Return where this replica's part of the batch starts, and its size."""
        size = self.config.batch_size // self.strategy.num_replicas_in_sync
        return tf.distribute.get_replica_context().replica_id_in_sync_group * size, size

    def _real_images(self, images: tf.Tensor, order: tf.Tensor, batch: tf.Tensor) -> tf.Tensor:
        start, size = self._replica_share()
        first = batch * self.config.batch_size + start
        chosen = tf.gather(images, order[first : first + size])
        # The slice's bounds are tensors, so its length has to be said: graphs of known shapes
        # are faster.
        chosen = tf.ensure_shape(chosen, (size, *images.shape[1:]))
        return datasets.scale(tf.cast(chosen, tf.float32))

    def _noise(self, draw: tf.Tensor) -> tf.Tensor:
        # Every replica draws the whole batch's noise and takes its part, so the replicas differ
        # from each other, and together they are the same batch that one device would see.
        start, size = self._replica_share()
        shape = (self.config.batch_size, self.config.latent_dim)
        z = tf.random.stateless_normal(shape, seed=(self.config.seed, draw))
        return z[start : start + size]

    def _update_ema(self, step: tf.Tensor) -> None:
        ramp = 0.5 ** (1.0 / (_EMA_RAMP_SHARE * tf.cast(step, tf.float32)))
        decay = tf.minimum(tf.constant(self.config.ema_decay, tf.float32), ramp)
        # All variables, not only trainable ones: BatchNorm's statistics belong to the weights.
        for old, new in zip(self.ema_generator.variables, self.generator.variables, strict=True):
            old.assign(decay * old + (1.0 - decay) * new)


def _histogram(probabilities: tf.Tensor) -> tf.Tensor:
    # What is no number has no place of its own; the losses tell that there is one.
    numbers = tf.where(tf.math.is_finite(probabilities), probabilities, 0.0)
    counts = tf.histogram_fixed_width(numbers, [0.0, 1.0], HISTOGRAM_BINS)
    return tf.cast(counts, tf.float32) / tf.cast(tf.size(probabilities), tf.float32)


def _norm_of_sum(gradients: list[tf.Tensor]) -> tf.Tensor:
    """Return the length of the gradient that the optimizer applies: the sum over all replicas."""
    context = tf.distribute.get_replica_context()
    if context.num_replicas_in_sync > 1:
        gradients = context.all_reduce(tf.distribute.ReduceOp.SUM, gradients)
    return tf.linalg.global_norm(gradients)


def _copy_weights(network: keras.Model) -> np.ndarray:
    """Copy a network's trainable weights, one after the other, shape (num_weights,)."""
    return np.concatenate([np.ravel(variable) for variable in network.trainable_variables])


def _update_ratio(before: np.ndarray, after: np.ndarray) -> float:
    length = float(np.linalg.norm(before))
    return float(np.linalg.norm(after - before)) / length if length > 0 else 0.0


def _spread(images: tf.Tensor) -> tf.Tensor:
    """Return how far apart two images of a batch are, pixel by pixel.

    Args:
        images: One replica's share of the batch, in [-1, 1], shape (num, height, width, channels),
            float32; all replicas have the same number.

    Returns:
        The root of the mean squared difference of the pixels, in black to white, over all pairs of
        the whole batch: a scalar in [0, 1]; 0 where all are alike, and for a single image.
    """
    context = tf.distribute.get_replica_context()
    num = tf.cast(tf.shape(images)[0] * context.num_replicas_in_sync, tf.float32)
    # The mean over all pairs is twice the unbiased variance: no pair need be looked at.
    middle = tf.reduce_mean(images, axis=0)
    if context.num_replicas_in_sync > 1:
        middle = context.all_reduce(tf.distribute.ReduceOp.MEAN, middle)
    variance = tf.reduce_mean(tf.square(images - middle))
    if context.num_replicas_in_sync > 1:
        variance = context.all_reduce(tf.distribute.ReduceOp.MEAN, variance)
    return tf.sqrt(2.0 * tf.math.divide_no_nan(variance * num, num - 1.0)) / 2.0


class Sampler:
    """A generator of its own that draws pictures while another thread trains.

    It holds a copy of the EMA generator's weights and a graph traced once, so drawing never
    waits for a training step and never retraces. Safe to call from any thread.
    """

    def __init__(self, config: TrainingConfig) -> None:
        self.config = config
        self._generator = build_generator(config)
        self._lock = threading.Lock()
        self._generate = tf.function(
            lambda z: self._generator(z, training=False),
            input_signature=[tf.TensorSpec((None, config.latent_dim), tf.float32)],
        )
        self._num_drawn = _drawn_at_once(self._generator)

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Take over weights, in the order of `generator_weights`."""
        with self._lock:
            self._generator.set_weights(weights)

    def get_weights(self) -> list[np.ndarray]:
        """Return a copy of the weights, in the order of `generator_weights`."""
        with self._lock:
            weights: list[np.ndarray] = self._generator.get_weights()
        return weights

    def generate(self, z: np.ndarray) -> np.ndarray:
        """Draw pictures, uint8 [0, 255], shape (num, height, width, channels).

        Args:
            z: Latent batch, shape (num, latent_dim), float32.
        """
        with self._lock:
            return _draw(self._generate, z, self._num_drawn)


def _drawn_at_once(generator: keras.Model) -> int:
    """Return how many pictures a generator may draw at once, at least 1."""
    largest = max(math.prod(layer.output.shape[1:]) for layer in generator.layers)
    return min(_MAX_DRAWN, max(1, _MAX_DRAWN_BYTES // (4 * largest)))


def _draw(generate: Callable[[tf.Tensor], tf.Tensor], z: np.ndarray, at_once: int) -> np.ndarray:
    """Draw pictures, uint8 [0, 255], shape (num, height, width, channels), part by part."""
    parts = [z[start : start + at_once] for start in range(0, max(1, len(z)), at_once)]
    drawn = [datasets.to_pixels(generate(tf.constant(part, tf.float32)).numpy()) for part in parts]
    return np.concatenate(drawn)


def generator_weights(state: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Pick the EMA generator's weights out of a state of `DCGAN.get_state`."""
    return [state[name] for name in sorted(state) if name.startswith("ema_generator/")]


def slim_state(state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a quarter of a state: weights in half precision, and no optimizers.

    Args:
        state: Of `DCGAN.get_state`, or slim already.

    Returns:
        A state that draws practically the same pictures and trains on with fresh optimizers; a
        weight beyond 65,504 is infinite in it.
    """
    with np.errstate(over="ignore"):
        return {
            name: array.astype(np.float16) if array.dtype == np.float32 else array
            for name, array in state.items()
            if not _is_of_optimizer(name)
        }


def _is_of_optimizer(name: str) -> bool:
    return name.startswith(("generator_optimizer/", "discriminator_optimizer/"))


def _check_arrays(state: Mapping[str, np.ndarray], expected: Mapping[str, tuple[int, ...]]) -> None:
    shapes = {**expected, "step": (), "seconds": ()}
    for name, shape in shapes.items():
        if name not in state:
            raise ValueError(f"the state lacks {name!r}.")
        if state[name].shape != shape:
            raise ValueError(f"{name!r} has shape {state[name].shape}; expected {shape}.")
    unknown = sorted(set(state) - set(shapes))
    if unknown:
        raise ValueError(f"the state holds {unknown[0]!r}, which these networks do not have.")

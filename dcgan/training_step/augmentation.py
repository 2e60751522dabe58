"""Differentiable augmentation of all images that the discriminator sees, and its strength.

A discriminator that sees a few training images again and again memorises them, and then its
gradient no longer shows the generator how to improve. It cannot memorise images that are changed
at random each time. The generator does not learn to draw the changes, because its own images are
changed in the same way before the discriminator sees them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection

from dcgan.backend import keras, tf
from dcgan.config.sections.few_pictures import MAX_ADAPTIVE_PROBABILITY, AugmentationKind
from dcgan.config.training_config import TrainingConfig
from dcgan.training_step.step_inputs import StepInputs
from dcgan.training_step.step_metrics import STEP_METRICS

# Changes the images of a batch; each call draws other random numbers.
Augment = Callable[[tf.Tensor], tf.Tensor]

# Random numbers for an image: for each change, whether it is made, and by how much.
NUM_DRAWS = 18

_MAX_SHIFT = 1 / 8  # Largest shift as a share of the image's side; the paper's.
_MAX_STRETCH = 0.15  # Width and height change by up to this, as the logarithm of the factor.
_MAX_SLANT = 0.2  # Pixels to the side for each pixel up, or up for each pixel to the side.
_CUTOUT = 1 / 2  # Side of the covered square as a share of the image's side; the paper's.
# With `auto`, the discriminator's answers to real images are kept at this mean sign. The paper has
# 0.6, without label smoothing, which lowers all answers: with all of MNIST the mean sign is -0.3.
# Measured by tests/benchmarks/few_pictures.py, 500 digits after 2,500 steps, one seed: a fixed
# probability of 0.6, where the sign is 0.2, gives half the distance of the target 0.6, which stays
# at a probability of 0.15.
TARGET_SIGN = 0.2
# Images that take the probability from 0 to 1, some 300 steps. The paper has 500,000 of the
# millions that it trains on. Measured with 500 digits after 2,500 steps, one seed: with 100,000 the
# probability gets to 0.6 only at the end, and the distance is 9.1; with 0.6 from the start 5.5.
_IMAGES_TO_ONE = 20_000
# The signs of at least this many images and batches are averaged before the probability changes.
_MIN_IMAGES, _MIN_BATCHES = 256, 4


class Augmentation:
    """The augmentation of a run, and with `auto` its adaptive probability.

    Attributes:
        variables: The state of the adaptation; empty if the probability is fixed. The object must
            be made in the scope of the strategy.

    Source:
        Karras et al., "Training Generative Adversarial Networks with Limited Data", 2020,
        arXiv:2006.06676, section 3.
    """

    def __init__(self, config: TrainingConfig, inputs: StepInputs) -> None:
        """Prepare the augmentation of a run; `inputs` draw the random numbers."""
        self._config, self._inputs = config, inputs
        self._interval = max(_MIN_BATCHES, -(-_MIN_IMAGES // config.batch_size))
        self.variables: list[keras.Variable] = []
        if config.augment == "auto":
            self.variables = [
                keras.Variable(0.0, dtype="float32", trainable=False, name=name)
                for name in ("probability", "sign_sum", "num_batches")
            ]
            self._probability, self._sign_sum, self._num_batches = self.variables
        elif config.augment != "off":
            self._probability = tf.constant(config.augment, tf.float32)

    def make_augment(self, num_images: int, draw_index: tf.Tensor) -> Augment:
        """Return the function that changes the images of one step.

        Args:
            num_images: Size of the data set, known while the graph is traced.
            draw_index: Index of the draw; each draw of a run has other random numbers.
        """
        if not self._config.is_augmented(num_images):
            return lambda images: images
        indices = itertools.count()

        def change(images: tf.Tensor) -> tf.Tensor:
            uniforms = self._inputs.draw_augmentation(draw_index, next(indices), NUM_DRAWS)
            probability = tf.convert_to_tensor(self._probability)
            return augment(images, uniforms, probability, self._config.augmentations)

        return change

    def adapt(self, num_images: int, metrics: tf.Tensor) -> None:
        """Change the probability after a step, outside the replicas.

        The mean sign of the discriminator's logits on real images shows how much it has memorised:
        about 0 if it cannot tell them from fakes, 1 if it recognizes all.

        Args:
            num_images: Size of the data set, known while the graph is traced.
            metrics: The vector of `step_metrics`, of the whole batch.
        """
        if not self.variables or not self._config.is_augmented(num_images):
            return
        real_accuracy = metrics[STEP_METRICS.index("real_accuracy")]
        sign_sum = self._sign_sum + 2.0 * real_accuracy - 1.0
        num_batches = self._num_batches + 1.0
        is_due = num_batches >= self._interval
        change = self._interval * self._config.batch_size / _IMAGES_TO_ONE
        moved = self._probability + change * tf.sign(sign_sum / num_batches - TARGET_SIGN)
        moved = tf.clip_by_value(moved, 0.0, MAX_ADAPTIVE_PROBABILITY)
        self._probability.assign(tf.where(is_due, moved, self._probability))
        self._sign_sum.assign(tf.where(is_due, 0.0, sign_sum))
        self._num_batches.assign(tf.where(is_due, 0.0, num_batches))

    def read_probability(self, num_images: int) -> float | None:
        """Return the current probability; None if images are not changed."""
        if not self._config.is_augmented(num_images):
            return None
        return float(tf.convert_to_tensor(self._probability))


def augment(
    images: tf.Tensor,
    uniforms: tf.Tensor,
    probability: tf.Tensor,
    kinds: Collection[AugmentationKind],
) -> tf.Tensor:
    """Change images at random; gradients flow through the changes.

    Args:
        images: In [-1, 1], shape (num, height, width, channels), float32.
        uniforms: Random numbers in [0, 1), shape (num, NUM_DRAWS), float32.
        probability: The share of images that each single change applies to, a scalar in [0, 1].
        kinds: The changes to make.

    Returns:
        The changed images, of the same shape; brightness and contrast may leave [-1, 1].

    Source:
        Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training", 2020,
        arXiv:2006.10738, for the changes and their ranges; Karras et al., 2020, arXiv:2006.06676,
        for the probability and the distortion, here a small one.
    """
    height, width, channels = images.shape[1:]
    numbers = [number[:, 0] for number in tf.split(uniforms, NUM_DRAWS, axis=1)]
    mirror_draw, *numbers = numbers
    move_draw, down, right, *numbers = numbers
    cut_draw, row, column, *numbers = numbers
    brightness_draw, brightness, contrast_draw, contrast, saturation_draw, saturation, *numbers = (
        numbers
    )
    distort_draw, *numbers = numbers
    fill = find_fill(channels)
    if "mirror" in kinds:
        # Half of the chosen images stay as they are, so that at most half of all are mirrored.
        images = _choose(mirror_draw, probability / 2, images[:, :, ::-1], images)
    if "translation" in kinds:
        down = _choose(move_draw, probability, _draw_shift(down, height), 0)
        right = _choose(move_draw, probability, _draw_shift(right, width), 0)
        images = translate(images, down, right, fill)
    if "distortion" in kinds:
        # From -1 to 1; 0, no change, where the images are not chosen.
        shares = [_choose(distort_draw, probability, 2.0 * number - 1.0, 0.0) for number in numbers]
        stretches = tf.exp(_MAX_STRETCH * tf.stack(shares[:2], axis=1))
        images = distort(images, stretches, _MAX_SLANT * tf.stack(shares[2:], axis=1), fill)
    if "cutout" in kinds:
        outside = 2 * max(height, width)
        row = _choose(cut_draw, probability, _draw_middle(row, height), outside)
        column = _choose(cut_draw, probability, _draw_middle(column, width), outside)
        images = cut_out(images, row, column, fill)
    # Grey pictures are light strokes on black here. Measured with 500 digits at a probability of
    # 0.6: with brightness, contrast and cutout the distance is 8.0, with translation alone 5.5.
    if "color" in kinds and channels > 1:
        brightness = _choose(brightness_draw, probability, brightness - 0.5, 0.0)
        images = images + _spread(brightness)
        saturation = _choose(saturation_draw, probability, 2.0 * saturation, 1.0)
        images = scale_around(images, tf.reduce_mean(images, 3, keepdims=True), saturation)
        contrast = _choose(contrast_draw, probability, contrast + 0.5, 1.0)
        middle = tf.reduce_mean(images, (1, 2, 3), keepdims=True)
        images = scale_around(images, middle, contrast)
    return images


def find_fill(channels: int) -> float:
    """Return the value of pixels that a change leaves empty, in [-1, 1].

    The paper has 0, the middle grey of photos. The grey pictures here are light strokes on black.
    """
    return -1.0 if channels == 1 else 0.0


def translate(images: tf.Tensor, down: tf.Tensor, right: tf.Tensor, fill: float) -> tf.Tensor:
    """Move each image by whole pixels.

    Args:
        images: Shape (num, height, width, channels), float32.
        down, right: Number of pixels, int32, shape (num,).
        fill: The value of the pixels that are left empty.
    """
    height, width = images.shape[1:3]
    # Row r of the result is row r - down of the image, or empty if that is outside. A product of
    # matrices repeats bit for bit; the gradient of `tf.gather` is a sum in any order.
    rows = tf.one_hot(tf.range(height) - down[:, None], height)
    columns = tf.one_hot(tf.range(width) - right[:, None], width)
    moved = tf.einsum("nrh,nhwc->nrwc", rows, images - fill)
    return tf.einsum("nsw,nrwc->nrsc", columns, moved) + fill


def distort(images: tf.Tensor, stretches: tf.Tensor, slants: tf.Tensor, fill: float) -> tf.Tensor:
    """Stretch and slant each image around its middle.

    Args:
        images: Shape (num, height, width, channels), float32.
        stretches: The factors of the width and of the height, above 0, shape (num, 2).
        slants: How far a pixel moves to the left for each pixel that it is below the middle, and up
            for each pixel that it is right of the middle, shape (num, 2).
        fill: The value of the pixels that are left empty.
    """
    height, width = images.shape[1:3]
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    to_left, up = tf.unstack(slants, axis=1)
    per_column, per_row = tf.unstack(1.0 / stretches, axis=1)
    zeros = tf.zeros_like(up)
    # Where in the image the pixel at x, y comes from: the coefficients of x, y and 1 for its
    # column, then for its row, and two for a perspective.
    coefficients = [
        *(per_column, to_left, middle_x - per_column * middle_x - to_left * middle_y),
        *(up, per_row, middle_y - up * middle_x - per_row * middle_y),
        *(zeros, zeros),
    ]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack(coefficients, axis=1),
        output_shape=tf.constant([height, width]),
        fill_value=tf.constant(fill),
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )


def cut_out(images: tf.Tensor, row: tf.Tensor, column: tf.Tensor, fill: float) -> tf.Tensor:
    """Cover a rectangle of half the height and half the width of each image.

    Args:
        images: Shape (num, height, width, channels), float32.
        row, column: Middle of the rectangle, which may reach over the border, int32, shape (num,).
        fill: The value of the covered pixels.
    """
    in_rows = _find_covered(row, images.shape[1])[:, :, None, None]
    in_columns = _find_covered(column, images.shape[2])[:, None, :, None]
    return tf.where(tf.logical_and(in_rows, in_columns), fill, images)


def scale_around(images: tf.Tensor, middle: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    """Multiply the difference of images from a middle value, by a factor for each, shape (num,)."""
    return (images - middle) * _spread(factor) + middle


def _choose(
    uniforms: tf.Tensor, probability: tf.Tensor, changed: tf.Tensor, unchanged: tf.Tensor
) -> tf.Tensor:
    """Return the changed values where a number, shape (num,), is below the probability."""
    is_chosen = uniforms < probability
    if changed.shape.rank > 1:
        is_chosen = _spread(is_chosen)
    return tf.where(is_chosen, changed, unchanged)


def _spread(values: tf.Tensor) -> tf.Tensor:
    """Turn a value for each image, shape (num,), into the shape (num, 1, 1, 1)."""
    return values[:, None, None, None]


def _draw_shift(uniforms: tf.Tensor, side: int) -> tf.Tensor:
    """Turn numbers in [0, 1) into shifts by whole pixels, at most `_MAX_SHIFT` of the side."""
    max_shift = int(side * _MAX_SHIFT + 0.5)
    return tf.cast(uniforms * (2 * max_shift + 1), tf.int32) - max_shift


def _draw_middle(uniforms: tf.Tensor, side: int) -> tf.Tensor:
    """Turn numbers in [0, 1) into the middles of covered parts of a side."""
    return tf.cast(uniforms * (side + 1 - _count_covered(side) % 2), tf.int32)


def _find_covered(middle: tf.Tensor, side: int) -> tf.Tensor:
    """Return whether each pixel of a side is covered, shape (num, side)."""
    first = middle[:, None] - _count_covered(side) // 2
    pixels = tf.range(side)
    return tf.logical_and(pixels >= first, pixels < first + _count_covered(side))


def _count_covered(side: int) -> int:
    return int(side * _CUTOUT + 0.5)

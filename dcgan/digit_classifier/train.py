"""Train the digit classifier: `python -m dcgan.digit_classifier.train`.

Cross-entropy on MNIST's 60,000 training images with random rotation, shift, scale and slant; Adam
with a learning rate that warms up and falls to zero along a cosine; the result is an exponential
moving average of the weights. The test images are used once, at the end. Takes about a quarter of
an hour on two cores.
"""

from __future__ import annotations

import io
import math
from pathlib import Path

import click
import numpy as np

from dcgan.backend import keras, tf
from dcgan.config.settings import DIGIT_SHAPE
from dcgan.data import datasets
from dcgan.digit_classifier.classifier import (
    CONVOLUTIONS,
    FEATURE_VARIANCE,
    NUM_DIGITS,
    WEIGHTS_FILE,
    DigitClassifier,
    build_digit_classifier,
)
from dcgan.files.whole_files import write_atomically

_BATCH = 128
_LEARNING_RATE = 2e-3
_EMA_DECAY = 0.998
# Largest rotation in radians, change of scale, slant, and shift in pixels.
_TURN, _SIZE, _SLANT, _SHIFT = 0.2, 0.1, 0.15, 2.0


@click.command()
@click.option("--epochs", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=WEIGHTS_FILE)
def main(epochs: int, seed: int, out: Path) -> None:
    """Train the digit classifier and write its weights."""
    keras.utils.set_random_seed(seed)
    model = build_digit_classifier(is_for_training=True)
    dataset = datasets.load_dataset("mnist")
    model.set_weights(_train(model, dataset, epochs, seed))
    weights = normalize(fold(model), dataset.pixels[:10_000])
    small = [array.astype(np.float16) for array in weights]
    test = datasets.load_mnist_test()
    prediction = DigitClassifier([array.astype(np.float32) for array in small]).predict(test.pixels)
    accuracy = float(np.mean(prediction.probabilities.argmax(1) == test.labels))
    arrays = {f"weight-{index:02d}": array for index, array in enumerate(small)}
    arrays["test_accuracy"] = np.array(accuracy)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    write_atomically(out, buffer.getvalue())
    click.echo(f"{accuracy:.2%} of the test pictures; {out.stat().st_size / 1e6:.2f} MB in {out}")


def _train(
    model: keras.Model, dataset: datasets.ImageDataset, epochs: int, seed: int
) -> list[np.ndarray]:
    """Train the model; return the moving average of its weights."""
    num_batches = len(dataset) // _BATCH
    total = epochs * num_batches
    optimizer = keras.optimizers.Adam(_LEARNING_RATE)
    optimizer.build(model.trainable_variables)
    images = tf.constant(dataset.pixels)
    targets = tf.one_hot(dataset.labels, NUM_DIGITS)
    average = [tf.Variable(weight) for weight in model.get_weights()]

    @tf.function
    def train_epoch(order: tf.Tensor, first: tf.Tensor) -> tf.Tensor:
        total_loss = tf.zeros(())
        for index in tf.range(num_batches):
            step = first + index
            progress = tf.cast(step, tf.float32) / total
            warm_up = tf.minimum(1.0, tf.cast(step + 1, tf.float32) / num_batches)
            optimizer.learning_rate.assign(
                _LEARNING_RATE * warm_up * 0.5 * (1.0 + tf.cos(math.pi * progress))
            )
            chosen = order[index * _BATCH : (index + 1) * _BATCH]
            batch = _distort(tf.cast(tf.gather(images, chosen), tf.float32), seed, step)
            with tf.GradientTape() as tape:
                _, logits = model(datasets.to_images(batch), training=True)
                loss = tf.reduce_mean(
                    tf.nn.softmax_cross_entropy_with_logits(tf.gather(targets, chosen), logits)
                )
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            for old, new in zip(average, model.weights, strict=True):
                old.assign(_EMA_DECAY * old + (1 - _EMA_DECAY) * new)
            total_loss += loss
        return total_loss / num_batches

    random = np.random.default_rng(seed)
    for epoch in range(epochs):
        order = tf.constant(random.permutation(len(dataset)).astype(np.int32))
        loss = train_epoch(order, tf.constant(epoch * num_batches))
        click.echo(f"epoch {epoch + 1} of {epochs}, loss {float(loss):.4f}", err=True)
    return [variable.numpy() for variable in average]


def _distort(images: tf.Tensor, seed: int, step: tf.Tensor) -> tf.Tensor:
    """Rotate, scale, slant and shift each image slightly and at random; float32 [0, 255]."""
    draws = tf.random.stateless_uniform((len(images), 6), (seed, step), -1.0, 1.0)
    turn, width, height, slant, right, down = tf.unstack(draws, axis=1)
    turn, slant = turn * _TURN, slant * _SLANT
    width, height = 1.0 + width * _SIZE, 1.0 + height * _SIZE
    a, b = tf.cos(turn) * width, (slant - tf.sin(turn)) * height
    c, d = tf.sin(turn) * width, tf.cos(turn) * height
    middle = (DIGIT_SHAPE[0] - 1) / 2
    x = middle - a * middle - b * middle + right * _SHIFT
    y = middle - c * middle - d * middle + down * _SHIFT
    zero = tf.zeros_like(a)
    transforms = tf.stack([a, b, x, c, d, y, zero, zero], axis=1)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=DIGIT_SHAPE[:2],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )


def fold(model: keras.Model) -> list[np.ndarray]:
    """Fold each BatchNorm into the layer before it; return the weights without it."""
    kinds = (keras.layers.Conv2D, keras.layers.Dense)
    layers = [layer for layer in model.layers if isinstance(layer, kinds)]
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(layers) == len(norms) + 1 == len(CONVOLUTIONS) + 2
    folded = []
    for layer, norm in zip(layers, norms, strict=False):
        gamma, beta, mean, variance = norm.get_weights()
        factor = gamma / np.sqrt(variance + norm.epsilon)
        folded += [layer.get_weights()[0] * factor, beta - mean * factor]
    return [*folded, *layers[-1].get_weights()]


def normalize(weights: list[np.ndarray], pixels: np.ndarray) -> list[np.ndarray]:
    """Scale the features such that their variances over real digits sum to `FEATURE_VARIANCE`.

    ReLU commutes with a positive factor, so the logits stay the same.
    """
    features = DigitClassifier(weights).predict(pixels).features
    factor = math.sqrt(FEATURE_VARIANCE / float(features.var(axis=0).sum()))
    *before, kernel, bias, last_kernel, last_bias = weights
    return [*before, kernel * factor, bias * factor, last_kernel / factor, last_bias]


if __name__ == "__main__":
    main()

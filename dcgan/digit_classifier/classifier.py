"""Digit classifier: the small network whose features and probabilities the metrics use.

The usual FID uses the features of Inception, which was trained on photographs and has never seen a
digit. A classifier of digits separates a good four from a bad one. It was trained by `train` on
MNIST's training images and comes with the package as plain arrays (weights.npz) with its measured
accuracy. It takes no part in training the DCGAN.
"""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dcgan.backend import building_layers, keras, tf
from dcgan.config.settings import DIGIT_SHAPE
from dcgan.data import datasets

WEIGHTS_FILE = Path(__file__).with_name("weights.npz")
NUM_DIGITS = 10
NUM_FEATURES = 64
# Sum of the features' variances over real digits, which gives distances a unit: a generator whose
# images are all the mean image has a Fréchet distance of about 100.
FEATURE_VARIANCE = 100.0

# Channels and strides of its 3×3 convolutions, from 28×28 down to 7×7.
CONVOLUTIONS = ((32, 1), (32, 2), (64, 1), (64, 2), (96, 1))
_BATCH = 250  # Larger batches are no faster on a CPU and need memory for their activations.


class Prediction(NamedTuple):
    """Output of the digit classifier for a batch of images.

    Attributes:
        features: Activations of the last hidden layer, float32, shape (num, NUM_FEATURES), ≥ 0.
        probabilities: Probability of each digit, float32, shape (num, NUM_DIGITS); rows sum to 1.
        logits: Log probabilities up to a constant for each row, float32, shape (num, NUM_DIGITS).
    """

    features: np.ndarray
    probabilities: np.ndarray
    logits: np.ndarray


class DigitClassifier:
    """The trained classifier; safe to call from any thread."""

    def __init__(self, weights: list[np.ndarray]) -> None:
        """Build the network without BatchNorm, with weights in the order of its variables."""
        model = build_digit_classifier(is_for_training=False)
        model.set_weights(weights)
        self._lock = threading.Lock()

        # Without AutoGraph, which would only take time: there is no Python control flow.
        @tf.function(
            input_signature=[tf.TensorSpec((None, *DIGIT_SHAPE), tf.float32)], autograph=False
        )
        def predict(pixels: tf.Tensor) -> Prediction:
            features, logits = model(datasets.to_images(pixels), training=False)
            return Prediction(features, tf.nn.softmax(logits), logits)

        self._predict = predict

    def predict(self, pixels: np.ndarray) -> Prediction:
        """Classify images.

        Args:
            pixels: uint8 [0, 255], shape (num, height, width, channels). Images other than grey
                28×28 are resized and converted to grey.
        """
        if len(pixels) == 0:  # A convolution refuses an empty batch.
            empty = np.zeros((0, NUM_DIGITS), np.float32)
            return Prediction(np.zeros((0, NUM_FEATURES), np.float32), empty, empty)
        parts = []
        for start in range(0, len(pixels), _BATCH):
            with self._lock:
                outputs = self._predict(_to_digit_shape(pixels[start : start + _BATCH]))
            parts.append([tensor.numpy() for tensor in outputs])
        return Prediction(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _to_digit_shape(pixels: np.ndarray) -> tf.Tensor:
    """Return images as grey 28×28, float32 [0, 255], shape (num, 28, 28, 1)."""
    images = tf.cast(pixels, tf.float32)
    if images.shape[3] == 3:
        images = tf.image.rgb_to_grayscale(images)
    if images.shape[1:] != DIGIT_SHAPE:
        images = tf.image.resize(images, DIGIT_SHAPE[:2], antialias=True)
    return images


def build_digit_classifier(*, is_for_training: bool) -> keras.Model:
    """Build the network: convolutions, a dense layer of features, a dense layer of logits.

    Args:
        is_for_training: Whether to include BatchNorm and Dropout, for training. Without them, the
            model takes the weights from `train.fold`.

    Returns:
        A model from (batch, 28, 28, 1) float32 in [-1, 1] to features and logits.
    """

    def activate(x: keras.KerasTensor) -> keras.KerasTensor:
        if is_for_training:
            x = keras.layers.BatchNormalization(momentum=0.95)(x)
        return keras.layers.ReLU()(x)

    with building_layers():
        inputs = x = keras.Input(DIGIT_SHAPE)
        for filters, stride in CONVOLUTIONS:
            x = keras.layers.Conv2D(
                filters, 3, stride, padding="same", use_bias=not is_for_training
            )(x)
            x = activate(x)
        x = keras.layers.Flatten()(x)
        if is_for_training:
            x = keras.layers.Dropout(0.4)(x)
        x = keras.layers.Dense(NUM_FEATURES, use_bias=not is_for_training)(x)
        features = activate(x)
        x = keras.layers.Dropout(0.2)(features) if is_for_training else features
        logits = keras.layers.Dense(NUM_DIGITS)(x)
        return keras.Model(inputs, [features, logits], name="digit_classifier")


@cache
def load_digit_classifier() -> DigitClassifier:
    """Return the classifier that comes with the package; later calls return the same one.

    Two threads that call it first at the same time may both load it.

    Raises:
        OSError, ValueError: If its file is missing or damaged; an intact installation has it.
    """
    with np.load(WEIGHTS_FILE, allow_pickle=False) as arrays:
        names = sorted(name for name in arrays.files if name.startswith("weight"))
        return DigitClassifier([arrays[name].astype(np.float32) for name in names])


@cache
def read_test_accuracy() -> float:
    """Return the share of MNIST's 10,000 test images that the classifier recognizes correctly."""
    with np.load(WEIGHTS_FILE, allow_pickle=False) as arrays:
        return float(arrays["test_accuracy"])


@cache
def hash_weights() -> str:
    """Return 8 hex digits of a hash of the weights.

    Metrics of classifiers with different weights are not comparable.
    """
    return hashlib.sha256(WEIGHTS_FILE.read_bytes()).hexdigest()[:8]

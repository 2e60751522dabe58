"""The judge: a small classifier of digits whose eyes the metrics borrow.

Inception, whose features the usual FID is made of, was trained on photographs and has never seen
a digit; a classifier of the very digits tells a good four from a bad one. It was trained by
`train_digit_classifier` on MNIST's training images, and comes with the package as plain arrays
(digit_classifier.npz), with its measured accuracy. It takes no part in the DCGAN's training.
"""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dcgan.backend import building_layers, keras, tf
from dcgan.config import DIGIT_SHAPE
from dcgan.data import datasets

JUDGE_FILE = Path(__file__).with_name("digit_classifier.npz")
NUM_DIGITS = 10
NUM_FEATURES = 64
# The features' variances over real digits sum to this, which gives their distances a unit: a
# generator that draws nothing but the mean is at a Fréchet distance of about 100.
FEATURE_VARIANCE = 100.0

# Channels and strides of its 3×3 convolutions, from 28×28 down to 7×7.
CONVOLUTIONS = ((32, 1), (32, 2), (64, 1), (64, 2), (96, 1))
_BATCH = 250  # Larger batches gain nothing on a CPU and would hold their activations all at once.


class Sight(NamedTuple):
    """What the judge sees in images.

    Attributes:
        features: Activations of its last layer but one, float32, shape (num, NUM_FEATURES), ≥ 0.
        probabilities: Of each digit, float32, shape (num, NUM_DIGITS); rows sum to 1.
        logits: Their logarithms but for a number that a row shares, float32, the same shape.
    """

    features: np.ndarray
    probabilities: np.ndarray
    logits: np.ndarray


class Judge:
    """The trained classifier. Safe to call from any thread."""

    def __init__(self, weights: list[np.ndarray]) -> None:
        """Take weights over, in the order of `build_judge(has_norm=False)`."""
        model = build_judge(has_norm=False)
        model.set_weights(weights)
        self._lock = threading.Lock()

        @tf.function(input_signature=[tf.TensorSpec((None, *DIGIT_SHAPE), tf.float32)])
        def look(pixels: tf.Tensor) -> Sight:
            features, logits = model(datasets.scale(pixels), training=False)
            return Sight(features, tf.nn.softmax(logits), logits)

        self._look = look

    def look(self, pixels: np.ndarray) -> Sight:
        """Look at images.

        It knows grey ones of 28×28: others it sees shrunk, and without their colours.

        Args:
            pixels: uint8 [0, 255], shape (num, height, width, channels).
        """
        if len(pixels) == 0:  # A convolution of none is refused.
            nothing = np.zeros((0, NUM_DIGITS), np.float32)
            return Sight(np.zeros((0, NUM_FEATURES), np.float32), nothing, nothing)
        parts = []
        for start in range(0, len(pixels), _BATCH):
            with self._lock:
                seen = self._look(_as_digits(pixels[start : start + _BATCH]))
            parts.append([tensor.numpy() for tensor in seen])
        return Sight(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _as_digits(pixels: np.ndarray) -> tf.Tensor:
    """Return images in the shape of digits, float32 [0, 255]."""
    images = tf.cast(pixels, tf.float32)
    if images.shape[3] == 3:
        images = tf.image.rgb_to_grayscale(images)
    if images.shape[1:] != DIGIT_SHAPE:
        images = tf.image.resize(images, DIGIT_SHAPE[:2], antialias=True)
    return images


def build_judge(*, has_norm: bool) -> keras.Model:
    """Build the network: convolutions, a dense layer of features, a dense layer of logits.

    Args:
        has_norm: Whether BatchNorm and Dropout stand in it, for training; without, what they
            learned is folded into the weights (`judge_training.fold`).

    Returns:
        A model from (batch, 28, 28, 1) float32 in [-1, 1] to features and logits.
    """

    def activate(x: keras.KerasTensor) -> keras.KerasTensor:
        if has_norm:
            x = keras.layers.BatchNormalization(momentum=0.95)(x)
        return keras.layers.ReLU()(x)

    with building_layers():
        inputs = x = keras.Input(DIGIT_SHAPE)
        for filters, stride in CONVOLUTIONS:
            x = keras.layers.Conv2D(filters, 3, stride, padding="same", use_bias=not has_norm)(x)
            x = activate(x)
        x = keras.layers.Flatten()(x)
        if has_norm:
            x = keras.layers.Dropout(0.4)(x)
        x = keras.layers.Dense(NUM_FEATURES, use_bias=not has_norm)(x)
        features = activate(x)
        x = keras.layers.Dropout(0.2)(features) if has_norm else features
        logits = keras.layers.Dense(NUM_DIGITS)(x)
        return keras.Model(inputs, [features, logits], name="judge")


@cache
def load_judge() -> Judge:
    """Return the judge that comes with the package; one for the whole process.

    Raises:
        OSError, ValueError: If its file is missing or damaged, as a package's files are not.
    """
    with np.load(JUDGE_FILE, allow_pickle=False) as arrays:
        names = sorted(name for name in arrays.files if name.startswith("weight"))
        return Judge([arrays[name].astype(np.float32) for name in names])


@cache
def judge_accuracy() -> float:
    """Return the share of MNIST's 10,000 test images that the judge names rightly."""
    with np.load(JUDGE_FILE, allow_pickle=False) as arrays:
        return float(arrays["test_accuracy"])


@cache
def judge_fingerprint() -> str:
    """Return 8 hex digits that tell one judge from another: figures of two do not compare."""
    return hashlib.sha256(JUDGE_FILE.read_bytes()).hexdigest()[:8]

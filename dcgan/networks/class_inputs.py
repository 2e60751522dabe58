"""Inputs of a class-conditional generator: z, and a weight for each class.

The weight is 1 for the class of the image and 0 for the others. Weights between 0 and 1 give images
between two classes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dcgan.config.training_config import TrainingConfig

# The classes to draw, as `make_generator_inputs` takes them.
ClassChoice = np.ndarray | Sequence[int] | None


def make_generator_inputs(
    z: np.ndarray, classes: ClassChoice, config: TrainingConfig
) -> np.ndarray:
    """Join latent vectors with the classes to draw.

    Args:
        z: Latent batch, shape (num, latent_dim), float32.
        classes: The class of each image: indices in `config.class_names`, shape (num,), integers;
            or a weight for each class, shape (num, num_classes), floating point. None for the
            classes in turn, or if the generator knows none.
        config: The generator's config.

    Returns:
        Shape (num, config.num_generator_inputs), float32; z itself if the generator knows no
        classes.

    Raises:
        ValueError: If the generator knows no classes, an index is out of bounds, or a shape does
            not fit.
    """
    num_classes = config.num_classes
    if num_classes == 0:
        if classes is not None:
            raise ValueError("classes: this generator knows none; it was trained without them.")
        return z
    if classes is None:
        classes = np.arange(len(z)) % num_classes
    weights = np.asarray(classes)
    if np.issubdtype(weights.dtype, np.integer):
        if weights.size and not 0 <= weights.min() <= weights.max() < num_classes:
            raise ValueError(f"classes: expected indices from 0 to {num_classes - 1}.")
        weights = np.eye(num_classes, dtype=np.float32)[weights]
    if weights.shape != (len(z), num_classes):
        raise ValueError(
            f"classes: got the shape {np.shape(classes)}; expected ({len(z)},) whole numbers or "
            f"({len(z)}, {num_classes}) weights."
        )
    return np.concatenate([z, weights.astype(np.float32)], axis=1)


def fix_class(
    weights: Sequence[np.ndarray], config: TrainingConfig, class_id: int | None
) -> tuple[list[np.ndarray], TrainingConfig]:
    """Turn a generator of several classes into one that draws a single class and takes z alone.

    Args:
        weights: Weights of the generator, in the model's order.
        config: The config that it was built with.
        class_id: The index of the class in `config.class_names`; None to change nothing.

    Returns:
        The weights and the config of the generator of this class.
    """
    if class_id is None:
        return list(weights), config
    kernel, scale, offset, mean, *others = weights
    # The class adds a constant to the outputs of the first layer. BatchNorm subtracts its mean from
    # them, so the constant can be subtracted from the mean instead.
    mean = mean - kernel[config.latent_dim + class_id]
    fixed = [kernel[: config.latent_dim], scale, offset, mean, *others]
    return fixed, config.replace(class_names=())

"""The classes of a class-conditional generator's images, as the numbers that it takes beside z.

A generator input is a latent vector followed by one weight for each class: 1 for the class of the
image and 0 for the others. Weights between 0 and 1 lead from one class to another.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dcgan.config.training_config import TrainingConfig

# With classes, training multiplies z by this: the averaged generator draws digits that are more
# alike than those of the generator of each step. See docs/levers.md, "Learning the classes".
TRAINING_SPREAD = 0.9

Classes = np.ndarray | Sequence[int] | None  # As `make_generator_inputs` takes them.


def make_generator_inputs(z: np.ndarray, classes: Classes, config: TrainingConfig) -> np.ndarray:
    """Join latent vectors with the classes that a generator shall draw.

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
        ValueError: If the generator knows no classes or not this one, or a shape does not fit.
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
    """Make a generator of one class from one of several, so that it takes z alone.

    Args:
        weights: Of the generator, in the model's order.
        config: The config that it was built with.
        class_id: The place of the class in `config.class_names`; None to change nothing.

    Returns:
        The weights and the config of the generator of this class.
    """
    if class_id is None:
        return list(weights), config
    kernel, scale, offset, mean, *others = weights
    # BatchNorm subtracts its mean, so what the class adds can be part of that.
    mean = mean - kernel[config.latent_dim + class_id]
    fixed = [kernel[: config.latent_dim], scale, offset, mean, *others]
    return fixed, config.replace(class_names=())

"""A run's sample grid: its z, the same throughout the run, and its shape as a picture."""

from __future__ import annotations

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.images.grids import choose_grid_shape
from dcgan.latent.sampling import sample_latent


def sample_fixed_latent(config: TrainingConfig) -> np.ndarray:
    """Return the z of a run's sample grid, shape (num_samples, latent_dim), float32.

    Where the networks know classes, each z comes once for each class, one after the other: beside
    each other they show what one z makes of every class.
    """
    num_classes = max(1, config.num_classes)
    num = -(-config.num_samples // num_classes)
    z = sample_latent(config.seed, num, config.latent_dim)
    return np.repeat(z, num_classes, axis=0)[: config.num_samples]


def describe_fixed_latent(config: TrainingConfig) -> str:
    """Return Python code for that z, which a picture's recipe holds."""
    if config.num_classes == 0:
        return f"sample_latent({config.seed}, {config.num_samples}, {config.latent_dim})"
    num = -(-config.num_samples // config.num_classes)
    return (
        f"np.repeat(sample_latent({config.seed}, {num}, {config.latent_dim}), "
        f"{config.num_classes}, axis=0)[:{config.num_samples}]"
    )


def choose_sample_shape(config: TrainingConfig, max_digits: int | None = None) -> tuple[int, int]:
    """Return rows and columns of a picture of a run's sample grid.

    Where the networks know classes, each column has one class if that fits.

    Args:
        config: The settings of the run.
        max_digits: About how many digits to show at most; None for all.
    """
    num = config.num_samples if max_digits is None else min(max_digits, config.num_samples)
    return choose_grid_shape(num, config.num_classes)

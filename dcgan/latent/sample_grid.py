"""A run's sample grid: its fixed z, and its rows and columns."""

from __future__ import annotations

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.images.grids import choose_grid_shape
from dcgan.latent.sampling import sample_latent


def sample_fixed_latent(config: TrainingConfig) -> np.ndarray:
    """Return the z of a run's sample grid, shape (num_samples, latent_dim), float32.

    If the networks know classes, each z is repeated once for each class, so that neighbouring
    images show the same z in every class.
    """
    num_classes = max(1, config.num_classes)
    num = -(-config.num_samples // num_classes)
    z = sample_latent(config.seed, num, config.latent_dim)
    return np.repeat(z, num_classes, axis=0)[: config.num_samples]


def describe_fixed_latent(config: TrainingConfig) -> str:
    """Return Python code that computes `sample_fixed_latent`, for the recipe of a picture."""
    if config.num_classes == 0:
        return f"sample_latent({config.seed}, {config.num_samples}, {config.latent_dim})"
    num = -(-config.num_samples // config.num_classes)
    return (
        f"np.repeat(sample_latent({config.seed}, {num}, {config.latent_dim}), "
        f"{config.num_classes}, axis=0)[:{config.num_samples}]"
    )


def choose_sample_shape(config: TrainingConfig, max_digits: int | None = None) -> tuple[int, int]:
    """Return the rows and columns of a picture of a run's sample grid.

    If the networks know classes, each column shows one class, as far as that fits.

    Args:
        config: The settings of the run.
        max_digits: About how many digits to show at most; None for all.
    """
    num = config.num_samples if max_digits is None else min(max_digits, config.num_samples)
    return choose_grid_shape(num, config.num_classes)

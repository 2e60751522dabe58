"""Latent vectors: seeded sampling of z, limits of its entries, fingerprints.

NumPy only, without networks.
"""

from __future__ import annotations

import hashlib

import numpy as np

from dcgan.arguments import check_whole_number

# Limit of each entry of z for sliders and searches; one in 2,000 normal samples is beyond it.
MAX_ENTRY = 3.5
# Limit of each entry of any z: arithmetic and many sliders can lead far beyond `MAX_ENTRY`, where
# a generator was never trained.
HARD_MAX_ENTRY = 10.0


def sample_latent(seed: int, num: int, latent_dim: int) -> np.ndarray:
    """Sample a latent batch from the standard normal distribution, as in training.

    The same seed gives the same numbers on every machine. PCG64 is named explicitly because the
    default of `np.random.default_rng` may change between NumPy versions, while the stream of a
    named bit generator may not (NEP 19). The normal distribution on top of it may change in
    principle, so a test compares its values. The first k rows of a larger batch equal a smaller
    batch.

    Args:
        seed: Whole number, at least 0. Neighbouring seeds give independent batches.
        num: Number of latent vectors, at least 1.
        latent_dim: Length of a latent vector, at least 1.

    Returns:
        Latent batch, shape (num, latent_dim), float32, each entry from N(0, 1).

    Raises:
        ValueError: If a number is not whole or too small.
    """
    shape = (check_whole_number("num", num, 1), check_whole_number("latent_dim", latent_dim, 1))
    generator = np.random.Generator(np.random.PCG64(check_whole_number("seed", seed, 0)))
    return generator.standard_normal(shape, dtype=np.float32)


def fingerprint(z: np.ndarray) -> str:
    """Hash a latent batch to 8 hex digits, so that a person can compare two batches.

    The same numbers in the same shape give the same digits on every machine. -0.0 counts as 0.0,
    because a slider that returns to the middle may give either.

    Args:
        z: Latent vector or batch, any shape; taken as float32.

    Returns:
        8 lower-case hexadecimal digits.
    """
    values = np.asarray(z, np.float32).astype("<f4") + np.float32(0.0)  # -0.0 + 0.0 is 0.0
    digest = hashlib.blake2s(repr(values.shape).encode(), digest_size=4)
    digest.update(values.astype("<f4").tobytes())
    return digest.hexdigest()


def check_vector(name: str, value: np.ndarray) -> np.ndarray:
    """Return a latent vector as float64, shape (latent_dim,).

    Args:
        name: Name of the argument in errors.
        value: The vector.

    Raises:
        ValueError: If the vector has another shape, or an entry is not finite.
    """
    vector = np.asarray(value, np.float64)
    if vector.ndim != 1 or vector.size == 0:
        raise ValueError(f"{name} must have the shape (latent_dim,), got the shape {vector.shape}.")
    if not np.isfinite(vector).all():
        raise ValueError(f"{name} must have finite entries only, got NaN or infinity.")
    return vector

"""Arithmetic with latent vectors: truncation, sums, single directions, planes.

NumPy only, without networks. Computes in float64 and returns float32, the type that the generator
takes.
"""

from __future__ import annotations

import numpy as np

from dcgan.arguments import check_whole_number
from dcgan.latent.sampling import check_vector

MAX_PSI = 1.5  # A larger factor makes z longer than any z of the training.


def truncate(z: np.ndarray, psi: float) -> np.ndarray:
    """Scale latent vectors towards the mean of the distribution, which is 0: psi * z.

    A small psi gives more typical and more similar digits; 0 always gives the same digit, 1
    changes nothing, more than 1 exaggerates. StyleGAN's truncation interpolates towards a mean in
    a learned latent space, which a DCGAN does not have; BigGAN's resamples large entries.

    Args:
        z: Latent vector or batch, any shape, float32.
        psi: Factor in [0, 1.5].

    Returns:
        The same shape, float32.

    Raises:
        ValueError: If psi is out of bounds.

    Source:
        Karras et al., "A Style-Based Generator Architecture for GANs", 2018, arXiv:1812.04948.
        Brock et al., "Large Scale GAN Training", 2018, arXiv:1809.11096.
    """
    if not 0 <= psi <= MAX_PSI:  # Written so that NaN is refused too.
        raise ValueError(f"psi must be in [0, {MAX_PSI}], got {psi!r}.")
    return (np.asarray(z, np.float64) * psi).astype(np.float32)


def combine(
    plus: np.ndarray, minus: np.ndarray | None = None, *, is_mean: bool = False
) -> np.ndarray:
    """Add and subtract latent vectors or their means, then restore a typical length.

    Sums of vectors are longer than any that the generator saw in training, and means shorter. So
    the result is scaled to the mean length of `plus`; a result of 0 stays 0.

    Args:
        plus: Latent batch, shape (num, latent_dim), at least one vector.
        minus: Latent batch to subtract, of the same latent_dim; None for nothing.
        is_mean: Whether to average each side first; in a sum, a side of two vectors counts twice.

    Returns:
        Latent vector, shape (latent_dim,), float32.

    Raises:
        ValueError: If the shapes do not fit.

    Source:
        Radford, Metz and Chintala, 2015, arXiv:1511.06434, section 6.3.2.
    """
    plus = np.asarray(plus, np.float64)
    minus = np.zeros_like(plus[:0]) if minus is None else np.asarray(minus, np.float64)
    if plus.ndim != 2 or len(plus) < 1 or minus.ndim != 2 or minus.shape[1] != plus.shape[1]:
        raise ValueError(
            f"plus and minus must be latent batches of one latent_dim, got the shapes {plus.shape} "
            f"and {minus.shape}."
        )
    result = plus.mean(axis=0) if is_mean else plus.sum(axis=0)
    if len(minus):
        result = result - (minus.mean(axis=0) if is_mean else minus.sum(axis=0))
    length = np.linalg.norm(result)
    if length > 0:
        result = result * np.linalg.norm(plus, axis=1).mean() / length
    return result.astype(np.float32)


def make_axis_direction(index: int, latent_dim: int) -> np.ndarray:
    """Return the unit vector along one entry of z: the direction of one slider.

    Args:
        index: Index of the entry, in [0, latent_dim - 1].
        latent_dim: Length of z, at least 1.

    Returns:
        Unit vector, shape (latent_dim,), float32.

    Raises:
        ValueError: If index or latent_dim is out of bounds.
    """
    latent_dim = check_whole_number("latent_dim", latent_dim, 1)
    index = check_whole_number("index", index, 0)
    if index >= latent_dim:
        raise ValueError(f"index must be in [0, {latent_dim - 1}], got {index}.")
    direction = np.zeros(latent_dim, np.float32)
    direction[index] = 1.0
    return direction


def sample_direction(seed: int, latent_dim: int) -> np.ndarray:
    """Sample a direction uniformly from the sphere.

    It uses its own random stream, independent of `sample_latent` with the same seed.

    Args:
        seed: Whole number, at least 0.
        latent_dim: Length of z, at least 1.

    Returns:
        Unit vector, shape (latent_dim,), float32.

    Raises:
        ValueError: If a number is not whole or too small.
    """
    latent_dim = check_whole_number("latent_dim", latent_dim, 1)
    stream = np.random.SeedSequence(check_whole_number("seed", seed, 0), spawn_key=(1,))
    direction = np.random.Generator(np.random.PCG64(stream)).standard_normal(latent_dim)
    return (direction / np.linalg.norm(direction)).astype(np.float32)


def make_plane_grid(
    center: np.ndarray,
    row_direction: np.ndarray,
    column_direction: np.ndarray,
    rows: int,
    columns: int,
    step: float,
) -> np.ndarray:
    """Return a grid of latent vectors on the plane through `center` that two directions span.

    Row r adds (r - rows // 2) * step * row_direction to `center`, and column c adds
    (c - columns // 2) * step * column_direction. `center` is the middle cell, so rows and columns
    must be odd.

    Args:
        center: Latent vector, shape (latent_dim,), float32.
        row_direction: Change from row to row, same shape.
        column_direction: Change from column to column, same shape.
        rows: Odd number of rows.
        columns: Odd number of columns.
        step: Distance between cells, as a multiple of the directions.

    Returns:
        Latent batch, shape (rows * columns, latent_dim), float32, row by row.

    Raises:
        ValueError: If rows or columns is even, a shape differs, or a number is not finite.
    """
    vectors = {
        name: check_vector(name, vector)
        for name, vector in (
            ("center", center),
            ("row_direction", row_direction),
            ("column_direction", column_direction),
        )
    }
    for name, vector in vectors.items():
        if vector.shape != vectors["center"].shape:
            raise ValueError(
                f"{name} must have center's shape {vectors['center'].shape}, got {vector.shape}."
            )
    rows, columns = check_whole_number("rows", rows, 1), check_whole_number("columns", columns, 1)
    for name, number in (("rows", rows), ("columns", columns)):
        if number % 2 == 0:
            raise ValueError(f"{name} must be odd, so that z has a middle cell, got {number}.")
    if not np.isfinite(step):
        raise ValueError(f"step must be a finite number, got {step!r}.")
    down = (np.arange(rows) - rows // 2)[:, None, None] * step  # (rows, 1, 1)
    across = (np.arange(columns) - columns // 2)[None, :, None] * step  # (1, columns, 1)
    grid = (
        vectors["center"] + down * vectors["row_direction"] + across * vectors["column_direction"]
    )
    return grid.reshape(rows * columns, -1).astype(np.float32)

"""z, the generator's input: seeded sampling, walks, truncation, directions, fingerprints.

Owns every way in which a latent vector is made or moved. NumPy only: it knows no network, so
it cannot say what a vector looks like, and no screen. All functions compute in float64 and give
float32, the type that the generator takes.
"""

from __future__ import annotations

import hashlib
from typing import Literal, get_args

import numpy as np

from dcgan.errors import check_whole_number

PathKind = Literal["slerp", "lerp", "spline"]

# Of each number of z, for whoever moves it; a standard normal one lies beyond once in 2,000 draws.
MAX_ENTRY = 3.5
# Beyond this no z is kept: arithmetic and many sliders can lead far from what a generator ever saw.
FURTHEST = 10.0
MAX_PSI = 1.5  # Beyond this, z is longer than any that the generator saw in training.

# Below this sine two float32 vectors cannot be told from parallel: their own rounding is 6e-8
# per component, and a great circle through them would be drawn by that rounding.
_PARALLEL = 1e-6


def sample_latent(seed: int, num: int, latent_dim: int) -> np.ndarray:
    """Draw a latent batch from the standard normal distribution that training uses.

    The same seed gives the same numbers on every machine. PCG64 is named, because the choice
    behind `np.random.default_rng` may change between NumPy versions while a named bit
    generator's stream may not (NEP 19); the normal distribution on top of it may in principle,
    so a test holds its values. Rows are filled in order: the first k rows of a larger batch
    are those of a smaller one.

    Args:
        seed: Whole number, at least 0. Neighbouring seeds give independent batches.
        num: How many latent vectors, at least 1.
        latent_dim: Length of each, at least 1.

    Returns:
        Latent batch, shape (num, latent_dim), float32, each entry from N(0, 1).

    Raises:
        ValueError: If a number is not whole or too small.
    """
    shape = (check_whole_number("num", num, 1), check_whole_number("latent_dim", latent_dim, 1))
    generator = np.random.Generator(np.random.PCG64(check_whole_number("seed", seed, 0)))
    return generator.standard_normal(shape, dtype=np.float32)


def truncate(z: np.ndarray, psi: float) -> np.ndarray:
    """Pull latent vectors towards the mean of the distribution, which is 0: psi * z.

    This is a scaling and nothing more. Small psi gives more typical, more similar digits;
    psi = 0 gives one and the same digit, 1 leaves z alone, above 1 exaggerates. It borrows the
    idea of StyleGAN's truncation, which interpolates towards a mean in a *learned* latent space
    that a DCGAN does not have, and of BigGAN's, which redraws the entries that are too large.

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


def slerp(start: np.ndarray, end: np.ndarray, num_frames: int) -> np.ndarray:
    """Walk from one latent vector to another along the sphere.

    Linear interpolation passes through short vectors that the generator never saw in
    training; the great circle keeps their length typical. Where the two lengths differ, the
    length goes linearly from one to the other.

    Vectors of one direction are joined by a straight line. Between opposite vectors every great
    circle is equally short: the walk takes the one through the axis that `start` leans on least
    (in one dimension there is none, and the walk is straight).

    Args:
        start: Latent vector, shape (latent_dim,), float32.
        end: Latent vector of the same shape.
        num_frames: How many points, both ends included; at least 2.

    Returns:
        Latent batch, shape (num_frames, latent_dim), float32; the ends are exact.

    Raises:
        ValueError: If the shapes differ, a vector is zero or not finite, or num_frames < 2.

    Source:
        White, "Sampling Generative Networks", 2016, arXiv:1609.04468.
    """
    first, last, num_frames = _ends(start, end, num_frames)
    first_length, last_length = np.linalg.norm(first), np.linalg.norm(last)
    for name, norm in (("start", first_length), ("end", last_length)):
        if norm == 0:
            raise ValueError(f"{name} is the zero vector, which has no direction; use lerp.")
    origin, target = first / first_length, last / last_length

    # `tangent` is the unit vector at a right angle to `origin` in which the walk sets out. Its
    # length before scaling is sin(angle): arctan2 is exact where arccos loses half the digits.
    cosine = float(origin @ target)
    tangent = target - cosine * origin
    sine = float(np.linalg.norm(tangent))
    if sine < _PARALLEL:
        if cosine > 0 or origin.size == 1:
            return lerp(start, end, num_frames)
        tangent = np.zeros_like(origin)
        axis = int(np.argmin(np.abs(origin)))
        tangent[axis] = 1.0
        tangent -= origin[axis] * origin
    tangent /= np.linalg.norm(tangent)

    fraction = np.linspace(0.0, 1.0, num_frames)[:, None]  # (num_frames, 1)
    angle = fraction * np.arctan2(sine, cosine)
    length = (1 - fraction) * first_length + fraction * last_length
    path = length * (np.cos(angle) * origin + np.sin(angle) * tangent)
    path[0], path[-1] = first, last  # Not a rounding away from what was asked for.
    return path.astype(np.float32)


def lerp(start: np.ndarray, end: np.ndarray, num_frames: int) -> np.ndarray:
    """Walk from one latent vector to another in a straight line.

    Halfway between two independent vectors the length falls to 1/√2 of the typical one, which
    shows as blurred, heavier or broken digits; `slerp` avoids it.

    Args:
        start: Latent vector, shape (latent_dim,), float32.
        end: Latent vector of the same shape.
        num_frames: How many points, both ends included; at least 2.

    Returns:
        Latent batch, shape (num_frames, latent_dim), float32; the ends are exact.

    Raises:
        ValueError: If the shapes differ, a number is not finite, or num_frames < 2.
    """
    first, last, num_frames = _ends(start, end, num_frames)
    fraction = np.linspace(0.0, 1.0, num_frames)[:, None]  # (num_frames, 1)
    return ((1 - fraction) * first + fraction * last).astype(np.float32)


def walk(
    stops: np.ndarray,
    frames_per_leg: int,
    *,
    kind: PathKind = "slerp",
    closed: bool = False,
) -> np.ndarray:
    """Walk through several latent vectors, giving each stop once.

    A leg is its first stop and the frames before the next stop. An open walk ends with the last
    stop; a closed one goes back to the first stop without giving it again, so that an animation
    of it loops without a stutter.

    Args:
        stops: Latent batch, shape (num_stops, latent_dim), at least 2 stops.
        frames_per_leg: Frames from one stop (included) to the next (not included), at least 1.
        kind: "slerp" along the sphere, "lerp" in straight lines, "spline" in one curve without a
            corner (Catmull-Rom), in direction and in length.
        closed: Whether to come back to the first stop.

    Returns:
        Latent batch, float32, shape (num_frames, latent_dim), where num_frames is
        num_stops * frames_per_leg if closed, otherwise (num_stops - 1) * frames_per_leg + 1.

    Raises:
        ValueError: If there are fewer than 2 stops, a number is out of bounds, kind is unknown,
            or two neighbouring stops cannot be joined (see `slerp`).
    """
    stops = np.asarray(stops, np.float32)
    if stops.ndim != 2 or len(stops) < 2:
        raise ValueError(
            f"stops must have the shape (at least 2, latent_dim), got the shape {stops.shape}."
        )
    frames_per_leg = check_whole_number("frames_per_leg", frames_per_leg, 1)
    if kind not in get_args(PathKind):
        raise ValueError(f"kind must be one of {', '.join(get_args(PathKind))}, got {kind!r}.")
    if kind == "spline":
        return _spline(stops, frames_per_leg, closed)
    interpolate = slerp if kind == "slerp" else lerp
    following = np.roll(stops, -1, axis=0)
    num_legs = len(stops) if closed else len(stops) - 1
    legs = [
        interpolate(start, end, frames_per_leg + 1)[:-1]
        for start, end in zip(stops[:num_legs], following[:num_legs], strict=True)
    ]
    return np.concatenate(legs if closed else [*legs, stops[-1:]])


def _spline(stops: np.ndarray, frames_per_leg: int, closed: bool) -> np.ndarray:
    points = np.stack([_vector("stops", stop) for stop in stops])
    path = _catmull_rom(points, frames_per_leg, closed)
    lengths = _catmull_rom(np.linalg.norm(points, axis=1, keepdims=True), frames_per_leg, closed)
    found = np.linalg.norm(path, axis=1, keepdims=True)
    # A curve through 0 has no direction there; it stays as it is.
    path *= np.divide(lengths.clip(0), found, out=np.ones_like(found), where=found > 0)
    path[::frames_per_leg] = points  # Not a rounding away from what was asked for.
    return path.astype(np.float32)


def _catmull_rom(points: np.ndarray, frames_per_leg: int, closed: bool) -> np.ndarray:
    """Lay a curve without a corner through points (num_stops, size), as `walk` counts frames."""
    num_legs = len(points) if closed else len(points) - 1
    # Each point's neighbours; before the first and after the last one the curve goes straight on.
    before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
    if not closed:
        before[0], after[-1] = 2 * points[0] - points[1], 2 * points[-1] - points[-2]
    tangents = (after - before) / 2
    starts, ends = points[:num_legs], np.roll(points, -1, axis=0)[:num_legs]
    start_tangents, end_tangents = tangents[:num_legs], np.roll(tangents, -1, axis=0)[:num_legs]
    t = (np.arange(frames_per_leg) / frames_per_leg)[None, :, None]  # (1, frames_per_leg, 1)
    legs = (  # Hermite's polynomials; shape (num_legs, frames_per_leg, size).
        (2 * t**3 - 3 * t**2 + 1) * starts[:, None]
        + (t**3 - 2 * t**2 + t) * start_tangents[:, None]
        + (3 * t**2 - 2 * t**3) * ends[:, None]
        + (t**3 - t**2) * end_tangents[:, None]
    )
    curve = legs.reshape(num_legs * frames_per_leg, -1)
    return curve if closed else np.concatenate([curve, points[-1:]])


def even_steps(path: np.ndarray, steps: np.ndarray, num_frames: int) -> np.ndarray:
    """Walk along a path so that all steps are equal in a measure of one's own.

    With how much the picture changes as the measure, the walk has a constant speed for the eye.

    Args:
        path: Latent batch, shape (num_points, latent_dim), finely spaced.
        steps: How far it is from each point to the next, shape (num_points - 1,), at least 0.
        num_frames: How many points to give, both ends included; at least 2.

    Returns:
        Latent batch, shape (num_frames, latent_dim), float32, between neighbouring points in a
        straight line; with steps of 0 throughout, spaced as the path is.

    Raises:
        ValueError: If the shapes do not fit or a step is negative or not finite.
    """
    path, steps = np.asarray(path, np.float64), np.asarray(steps, np.float64)
    num_frames = check_whole_number("num_frames", num_frames, 2)
    if path.ndim != 2 or len(path) < 2 or steps.shape != (len(path) - 1,):
        raise ValueError(
            "path must have the shape (num_points, latent_dim) and steps (num_points - 1,), got "
            f"{path.shape} and {steps.shape}."
        )
    if not (np.isfinite(steps).all() and (steps >= 0).all()):
        raise ValueError("steps must be finite and at least 0.")
    if steps.sum() == 0:
        steps = np.ones_like(steps)
    covered = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0, covered[-1], num_frames)
    places = np.interp(wanted, covered, np.arange(len(path)))
    first = np.minimum(places.astype(int), len(path) - 2)
    fraction = (places - first)[:, None]
    return ((1 - fraction) * path[first] + fraction * path[first + 1]).astype(np.float32)


def combine(
    plus: np.ndarray, minus: np.ndarray | None = None, *, is_mean: bool = False
) -> np.ndarray:
    """Add latent vectors up and take others away, or average; then restore the typical length.

    Sums of vectors are longer than any that the generator saw in training, and means shorter; the
    result has the mean length of `plus`, so that only its direction is arithmetic's. What comes to
    0 stays 0.

    Args:
        plus: Latent batch, shape (num, latent_dim), at least one.
        minus: What to take away, of the same latent_dim; None for nothing.
        is_mean: Whether each side is averaged before; a sum counts a side of two twice.

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


def axis_direction(index: int, latent_dim: int) -> np.ndarray:
    """Give the unit vector along one entry of z: the direction of one slider.

    Args:
        index: Which entry, in [0, latent_dim - 1].
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


def random_direction(seed: int, latent_dim: int) -> np.ndarray:
    """Draw a direction uniformly from the sphere.

    It comes from a stream of its own, so that the direction of a seed has nothing to do with
    the latent batch that `sample_latent` draws from the same seed.

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


def plane_grid(
    center: np.ndarray,
    row_direction: np.ndarray,
    column_direction: np.ndarray,
    rows: int,
    columns: int,
    step: float,
) -> np.ndarray:
    """Lay a grid of latent vectors on the plane through z that two directions span.

    Row r adds (r - rows // 2) * step * row_direction, a column likewise. `center` stands
    unchanged in the middle, which is why rows and columns must be odd.

    Args:
        center: Latent vector, shape (latent_dim,), float32.
        row_direction: Where the rows step along, same shape.
        column_direction: Where the columns step along, same shape.
        rows: Odd number of rows.
        columns: Odd number of columns.
        step: How far one cell goes, as a multiple of the directions.

    Returns:
        Latent batch, shape (rows * columns, latent_dim), float32, row by row.

    Raises:
        ValueError: If rows or columns is even, a shape differs, or a number is not finite.
    """
    vectors = {
        name: _vector(name, vector)
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


def fingerprint(z: np.ndarray) -> str:
    """Name a latent batch by 8 hex digits, so that two can be told apart at a glance.

    Equal numbers in an equal shape give equal digits on every machine; -0.0 counts as 0.0, as a
    slider that comes back to the middle may leave either.

    Args:
        z: Latent vector or batch, any shape; taken as float32.

    Returns:
        8 lower-case hexadecimal digits.
    """
    values = np.asarray(z, np.float32).astype("<f4") + np.float32(0.0)  # -0.0 + 0.0 is 0.0
    digest = hashlib.blake2s(repr(values.shape).encode(), digest_size=4)
    digest.update(values.astype("<f4").tobytes())
    return digest.hexdigest()


def _vector(name: str, value: np.ndarray) -> np.ndarray:
    """Take one finite latent vector as float64, or say what came instead."""
    vector = np.asarray(value, np.float64)
    if vector.ndim != 1 or vector.size == 0:
        raise ValueError(f"{name} must have the shape (latent_dim,), got the shape {vector.shape}.")
    if not np.isfinite(vector).all():
        raise ValueError(f"{name} must have finite entries only, got NaN or infinity.")
    return vector


def _ends(
    start: np.ndarray, end: np.ndarray, num_frames: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Take the arguments that slerp and lerp share."""
    first, last = _vector("start", start), _vector("end", end)
    if first.shape != last.shape:
        raise ValueError(
            f"start and end must have the same shape, got {first.shape} and {last.shape}."
        )
    return first, last, check_whole_number("num_frames", num_frames, 2)

"""Walks through latent space: straight, along the sphere, or in one smooth curve.

NumPy only, without networks. Computes in float64 and returns float32, the type that the generator
takes.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from dcgan.arguments import check_whole_number
from dcgan.latent.sampling import check_vector

PathKind = Literal["slerp", "lerp", "spline"]

# Two float32 vectors count as parallel if the sine of their angle is below this value. The rounding
# error of each entry is 6e-8, and would otherwise decide which great circle joins them.
_PARALLEL_SINE = 1e-6


def slerp(start: np.ndarray, end: np.ndarray, num_frames: int) -> np.ndarray:
    """Walk from one latent vector to another along the sphere.

    Linear interpolation passes through short vectors that the generator never saw in
    training; the great circle keeps their length typical. If the two lengths differ, the length
    is interpolated linearly.

    Parallel vectors are joined by a straight line. Between opposite vectors all great circles are
    equally short: the walk takes the one through the axis of the smallest entry of `start` (in one
    dimension there is none, and the walk is straight).

    Args:
        start: Latent vector, shape (latent_dim,), float32.
        end: Latent vector of the same shape.
        num_frames: Number of points, both ends included; at least 2.

    Returns:
        Latent batch, shape (num_frames, latent_dim), float32; the ends are exact.

    Raises:
        ValueError: If the shapes differ, a vector is zero or not finite, or num_frames < 2.

    Source:
        White, "Sampling Generative Networks", 2016, arXiv:1609.04468.
    """
    first, last, num_frames = _check_ends(start, end, num_frames)
    first_length, last_length = np.linalg.norm(first), np.linalg.norm(last)
    for name, norm in (("start", first_length), ("end", last_length)):
        if norm == 0:
            raise ValueError(f"{name} is the zero vector, which has no direction; use lerp.")
    origin, target = first / first_length, last / last_length

    # `tangent` is the direction at `origin`, at a right angle to it, in which the walk starts. Its
    # length before scaling is sin(angle); arctan2 is exact where arccos loses half the digits.
    cosine = float(origin @ target)
    tangent = target - cosine * origin
    sine = float(np.linalg.norm(tangent))
    if sine < _PARALLEL_SINE:
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
    path[0], path[-1] = first, last  # Exact, without rounding errors.
    return path.astype(np.float32)


def lerp(start: np.ndarray, end: np.ndarray, num_frames: int) -> np.ndarray:
    """Walk from one latent vector to another in a straight line.

    Halfway between two independent vectors the length falls to 1/√2 of the typical one, which
    gives blurred, heavier or broken digits; `slerp` avoids it.

    Args:
        start: Latent vector, shape (latent_dim,), float32.
        end: Latent vector of the same shape.
        num_frames: Number of points, both ends included; at least 2.

    Returns:
        Latent batch, shape (num_frames, latent_dim), float32; the ends are exact.

    Raises:
        ValueError: If the shapes differ, a number is not finite, or num_frames < 2.
    """
    first, last, num_frames = _check_ends(start, end, num_frames)
    fraction = np.linspace(0.0, 1.0, num_frames)[:, None]  # (num_frames, 1)
    return ((1 - fraction) * first + fraction * last).astype(np.float32)


def walk(
    stops: np.ndarray,
    frames_per_leg: int,
    *,
    kind: PathKind = "slerp",
    closed: bool = False,
) -> np.ndarray:
    """Walk through several latent vectors; each is one of the frames.

    A leg consists of a stop and the frames before the next stop. An open walk ends with the last
    stop. A closed walk returns towards the first stop without repeating it, so that its animation
    loops smoothly.

    Args:
        stops: Latent batch, shape (num_stops, latent_dim), at least 2 stops.
        frames_per_leg: Frames from one stop (included) to the next (not included), at least 1.
        kind: "slerp" along the sphere, "lerp" in straight lines, "spline" in one smooth curve
            (Catmull-Rom) of direction and length.
        closed: Whether to return to the first stop.

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
        return _make_spline(stops, frames_per_leg, closed)
    interpolate = slerp if kind == "slerp" else lerp
    following = np.roll(stops, -1, axis=0)
    num_legs = len(stops) if closed else len(stops) - 1
    legs = [
        interpolate(start, end, frames_per_leg + 1)[:-1]
        for start, end in zip(stops[:num_legs], following[:num_legs], strict=True)
    ]
    return np.concatenate(legs if closed else [*legs, stops[-1:]])


def _make_spline(stops: np.ndarray, frames_per_leg: int, closed: bool) -> np.ndarray:
    points = np.stack([check_vector("stops", stop) for stop in stops])
    path = _catmull_rom(points, frames_per_leg, closed)
    lengths = _catmull_rom(np.linalg.norm(points, axis=1, keepdims=True), frames_per_leg, closed)
    path_lengths = np.linalg.norm(path, axis=1, keepdims=True)
    # The zero vector has no direction, so it is not scaled.
    path *= np.divide(
        lengths.clip(0), path_lengths, out=np.ones_like(path_lengths), where=path_lengths > 0
    )
    path[::frames_per_leg] = points  # Exact, without rounding errors.
    return path.astype(np.float32)


def _catmull_rom(points: np.ndarray, frames_per_leg: int, closed: bool) -> np.ndarray:
    """Return a smooth curve through points (num_stops, size), with the frames of `walk`."""
    num_legs = len(points) if closed else len(points) - 1
    # Each point's neighbours; before the first and after the last point the curve is straight.
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


def space_evenly(path: np.ndarray, steps: np.ndarray, num_frames: int) -> np.ndarray:
    """Resample a path so that all steps are equal by a given measure.

    Measured by how much the images change, the walk has a constant speed for the eye.

    Args:
        path: Latent batch, shape (num_points, latent_dim), finely spaced.
        steps: Measure of the step from each point to the next, shape (num_points - 1,), at least 0.
        num_frames: Number of points to return, both ends included; at least 2.

    Returns:
        Latent batch, shape (num_frames, latent_dim), float32, interpolated linearly between the
        points. If all steps are 0, the points of the path count as evenly spaced.

    Raises:
        ValueError: If the shapes do not fit, a step is negative or not finite, or num_frames < 2.
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
    distances = np.linspace(0, covered[-1], num_frames)
    positions = np.interp(distances, covered, np.arange(len(path)))
    first = np.minimum(positions.astype(int), len(path) - 2)
    fraction = (positions - first)[:, None]
    return ((1 - fraction) * path[first] + fraction * path[first + 1]).astype(np.float32)


def _check_ends(
    start: np.ndarray, end: np.ndarray, num_frames: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Check the arguments of slerp and lerp."""
    first, last = check_vector("start", start), check_vector("end", end)
    if first.shape != last.shape:
        raise ValueError(
            f"start and end must have the same shape, got {first.shape} and {last.shape}."
        )
    return first, last, check_whole_number("num_frames", num_frames, 2)

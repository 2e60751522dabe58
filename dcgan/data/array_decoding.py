"""Arrays of pictures made into pixels of the wanted shape, with one scale for all of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dcgan.data.fitting import Pixels, convert, fit, image_mode, stored_shape
from dcgan.data.picture_limits import max_images
from dcgan.data.tally import Tally, quote
from dcgan.data.value_range import BYTES, Scale, UnknownRangeError, choose_value_scale, storage_of
from dcgan.errors import DatasetError
from dcgan.reports import ProgressCallback
from dcgan.settings import DIGIT_SHAPE, ImageShape


def measure_array(
    images: NDArray[Any], name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest and the highest value of each picture; arguments as in `decode_array`.

    Raises:
        DatasetError: If a value is no finite number.
    """
    inks = images[..., :3] if images.ndim == 4 else images
    axes = tuple(range(1, inks.ndim))
    lows = inks.min(axis=axes).astype(np.float64)
    highs = inks.max(axis=axes).astype(np.float64)
    is_bad = ~(np.isfinite(lows) & np.isfinite(highs))
    if is_bad.any():
        raise DatasetError(
            f"dataset: the pictures in {name} contain NaN or infinite values; expected numbers in "
            "[0, 1] or [-1, 1]: find where they come from, replace them, or leave those "
            f"{np.count_nonzero(is_bad):,} of {len(images):,} pictures out."
        )
    return lows, highs


def choose_scale(
    lows: NDArray[np.float64], highs: NDArray[np.float64], dtype: np.dtype[Any], name: str
) -> tuple[Scale, str]:
    """Choose the scale of arrays of pictures with `value_range.choose_value_scale`.

    Raises:
        DatasetError: If the values are in no range that pictures come in.
    """
    try:
        return choose_value_scale(lows, highs, storage_of(dtype))
    except UnknownRangeError as error:
        wrapped = ", or with images.view('uint8') if they were bytes once" if dtype == "i1" else ""
        raise DatasetError(
            f"dataset: the pictures in {name} are {dtype} {error}; expected 0 to 255, 0 to 65535, "
            "[0, 1] or [-1, 1]: map the whole set to bytes first, with "
            f"np.interp(images, (images.min(), images.max()), (0, 255)).astype('uint8'){wrapped}."
        ) from None


def decode_array(
    images: NDArray[Any], name: str, shape: ImageShape = DIGIT_SHAPE, scale: Scale | None = None
) -> Pixels:
    """Make an array of pictures of any size into pixels.

    Args:
        images: Numbers or bools; at least one picture, shape (num_images, height, width), or with
            1, 3 or 4 channels after it. Whether it is that, and not beyond a bound, is for the
            caller to check by its header.
        name: What an error calls the file that it came from.
        shape: As each is wanted, square.
        scale: How values become [0, 255]; None for what `choose_scale` chooses for this array.

    Returns:
        uint8 in [0, 255], shape (num_images, height, width), of colours (…, 3).

    Raises:
        DatasetError: If the values are in no range that pictures come in.
    """
    if scale is None:
        scale, _ = choose_scale(*measure_array(images, name), images.dtype, name)
    wanted = stored_shape(shape)
    pixels = np.empty((len(images), *wanted), np.uint8)
    num_at_once = max(1, 2**24 // math.prod(images.shape[1:]))  # Temporaries of some 100 MB.
    for start in range(0, len(images), num_at_once):
        part = images[start : start + num_at_once]
        if part.dtype != np.uint8 or scale != BYTES:
            part = _scaled(part, scale)
        if part.ndim == 4 and part.shape[3] == 1:
            part = part[..., 0]
        if part.shape[1:] == wanted:
            pixels[start : start + len(part)] = part
            continue
        for index, image in enumerate(part, start):
            picture = Image.fromarray(np.ascontiguousarray(image))
            pixels[index] = fit(convert(picture, image_mode(shape), BYTES), shape)
    return pixels


def _scaled(images: NDArray[Any], scale: Scale) -> Pixels:
    """Scale the colours of an array, and its opacity by the range that this has itself."""
    if images.ndim < 4 or images.shape[3] < 4:
        return scale.apply(images)
    opacity = images[..., 3:]
    highest = float(opacity.max())
    if opacity.min() < 0:
        alpha = scale
    else:
        alpha = Scale(0, 1 if highest <= 1 else 255 if highest <= 255 else 65535)
    return np.concatenate([scale.apply(images[..., :3]), alpha.apply(opacity)], axis=3)


def too_large(name: str) -> DatasetError:
    """Return the refusal of an array for which there is no memory."""
    return DatasetError(
        f"dataset: {quote(name)} is too large for this machine's free memory; give "
        "fewer or smaller pictures, or uint8 instead of floating point."
    )


def scale_together(
    loads: Sequence[Callable[[], NDArray[Any]]],
    name: str,
    tally: Tally,
    progress: ProgressCallback,
    wanted: ImageShape,
) -> Pixels:
    """Make pixels of one array or several of the same dtype, with one scale for all."""
    images = loads[0]()
    extents = [measure_array(images, quote(name))]
    for load in loads[1:]:
        images = load()
        extents.append(measure_array(images, quote(name)))
    lows, highs = (np.concatenate(each) for each in zip(*extents, strict=True))
    if len(lows) > max_images(wanted):
        raise DatasetError(
            f"dataset: {quote(name)} holds {len(lows):,} pictures; expected at most "
            f"{max_images(wanted):,}: give fewer."
        )
    if not len(lows):
        return np.empty((0, *stored_shape(wanted)), np.uint8)
    scale, words = choose_scale(lows, highs, images.dtype, quote(name))
    if words:
        tally.remarks.append(words)
    if len(loads) == 1:
        return decode_array(images, quote(name), wanted, scale)
    pixels = np.empty((len(lows), *stored_shape(wanted)), np.uint8)
    start = 0
    for load in progress(loads, "Reading the pictures", len(loads)):
        part = decode_array(load(), quote(name), wanted, scale)
        pixels[start : start + len(part)] = part
        start += len(part)
    return pixels

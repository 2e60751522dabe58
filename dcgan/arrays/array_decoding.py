"""Arrays of pictures, scaled and resized to pixels of one shape, with one scale for all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dcgan.config.config_text import quote_name
from dcgan.config.settings import DIGIT_SHAPE, ImageShape
from dcgan.errors import DatasetError
from dcgan.pictures.picture_fitting import Pixels, convert, fit, get_image_mode, get_stored_shape
from dcgan.pictures.picture_labels import name_stack
from dcgan.pictures.tally import Tally
from dcgan.pictures.value_range import (
    BYTES,
    Scale,
    UnknownRangeError,
    choose_opacity_scale,
    choose_value_scale,
    classify_storage,
)
from dcgan.progress import ProgressCallback


def measure_array(
    images: NDArray[Any], quoted_name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest and the highest value of each picture, without its opacity.

    Args:
        images: Pictures, with the shapes and types that `decode_array` takes.
        quoted_name: Name of the file in errors.

    Returns:
        Two arrays of shape (num_images,).

    Raises:
        DatasetError: If a value is NaN or infinite.
    """
    colors, opacity = _separate_opacity(images)
    axes = tuple(range(1, colors.ndim))
    lows = colors.min(axis=axes).astype(np.float64)
    highs = colors.max(axis=axes).astype(np.float64)
    is_bad = ~(np.isfinite(lows) & np.isfinite(highs))
    if opacity is not None:
        is_bad |= ~np.isfinite(opacity).all(axis=axes)
    if is_bad.any():
        raise DatasetError(
            f"the pictures in {quoted_name} contain NaN or infinite values; expected numbers in "
            "[0, 1] or [-1, 1]: find where they come from, replace them, or leave those "
            f"{np.count_nonzero(is_bad):,} of {len(images):,} pictures out."
        )
    return lows, highs


def choose_scale(
    lows: NDArray[np.float64], highs: NDArray[np.float64], dtype: np.dtype[Any], quoted_name: str
) -> tuple[Scale, str]:
    """Choose the scale of arrays of pictures, and a remark, with `choose_value_scale`.

    Args:
        lows, highs: The lowest and the highest value of each picture, shape (num_images,).
        dtype: dtype of the arrays.
        quoted_name: Name of the file in errors.

    Raises:
        DatasetError: If the values have no known range.
    """
    try:
        return choose_value_scale(lows, highs, classify_storage(dtype))
    except UnknownRangeError as error:
        hint = ", or with images.view('uint8') if they were bytes once" if dtype == "i1" else ""
        raise DatasetError(
            f"the pictures in {quoted_name} are {dtype} from {error.low:g} to {error.high:g}; "
            "expected 0 to 255, 0 to 65535, [0, 1] or [-1, 1]: map the whole set to bytes first, "
            "with "
            f"np.interp(images, (images.min(), images.max()), (0, 255)).astype('uint8'){hint}."
        ) from None


def _separate_opacity(images: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return the colours of pictures, and their opacity, (…, 1); None if they have none."""
    if images.ndim < 4 or images.shape[3] < 4:
        return images, None
    return images[..., :3], images[..., 3:]


def measure_opacity(images: NDArray[Any]) -> tuple[float, float]:
    """Return the lowest and the highest opacity of all pictures; (0, 0) if they have none."""
    _, opacity = _separate_opacity(images)
    if opacity is None or not opacity.size:
        return 0.0, 0.0
    return float(opacity.min()), float(opacity.max())


def decode_array(
    images: NDArray[Any],
    quoted_name: str,
    shape: ImageShape = DIGIT_SHAPE,
    scale: Scale | None = None,
    opacity: Scale | None = None,
) -> Pixels:
    """Scale and resize an array of pictures of any size.

    Args:
        images: Numbers or bools, at least one picture, shape (num_images, height, width) or
            (num_images, height, width, 1, 3 or 4). The caller has checked dtype, shape and size.
        quoted_name: Name of the file in errors.
        shape: Shape of each resulting picture, square.
        scale: Map of colours to [0, 255]; None to choose it with `choose_scale`.
        opacity: Map of opacity to [0, 255]; None to choose it with `choose_opacity_scale`.

    Returns:
        uint8 in [0, 255], shape (num_images, height, width), or (…, 3) in colour.

    Raises:
        DatasetError: If the values have no known range.
    """
    if scale is None:
        scale, _ = choose_scale(*measure_array(images, quoted_name), images.dtype, quoted_name)
    if opacity is None:
        opacity = choose_opacity_scale(*measure_opacity(images), scale)
    target_shape = get_stored_shape(shape)
    pixels = np.empty((len(images), *target_shape), np.uint8)
    num_at_once = max(1, 2**24 // math.prod(images.shape[1:]))  # Temporaries of some 100 MB.
    for start in range(0, len(images), num_at_once):
        part = images[start : start + num_at_once]
        if part.dtype != np.uint8 or not scale == opacity == BYTES:
            part = _scale_images(part, scale, opacity)
        if part.ndim == 4 and part.shape[3] == 1:
            part = part[..., 0]
        if part.shape[1:] == target_shape:
            pixels[start : start + len(part)] = part
            continue
        for index, image in enumerate(part, start):
            picture = Image.fromarray(np.ascontiguousarray(image))
            pixels[index] = fit(convert(picture, get_image_mode(shape), BYTES), shape)
    return pixels


def _scale_images(images: NDArray[Any], scale: Scale, opacity_scale: Scale) -> Pixels:
    colors, opacity = _separate_opacity(images)
    if opacity is None:
        return scale.apply(colors)
    return np.concatenate([scale.apply(colors), opacity_scale.apply(opacity)], axis=3)


def make_too_large_error(source_name: str) -> DatasetError:
    """Return the error for an array that does not fit into memory."""
    return DatasetError(
        f"{quote_name(source_name)} is too large for this machine's free memory; give "
        "fewer or smaller pictures, or uint8 instead of floating point."
    )


def decode_arrays(
    loaders: Sequence[Callable[[], NDArray[Any]]],
    source_name: str,
    tally: Tally,
    progress: ProgressCallback,
    image_shape: ImageShape,
) -> Pixels:
    """Decode one array, or several of the same dtype, with one scale for all.

    Args:
        loaders: Functions that return an array each; several are called twice, to limit memory.
        source_name: Name of the file, folder or archive in errors.
        tally: Receives remarks; if it is about a sample, only the sample is decoded.
        progress: Reports how many arrays have been read.
        image_shape: Shape of each resulting picture, square.

    Returns:
        uint8 in [0, 255], shape (num_images, height, width), or (…, 3) in colour.

    Raises:
        DatasetError: If the values have no known range, or there are too many pictures.
    """
    extents, opacities = [], []
    for load in loaders:
        images = load()
        tally.count_sizes(images)
        extents.append(measure_array(images, quote_name(source_name)))
        opacities.append(measure_opacity(images))
    lows, highs = (np.concatenate(ends) for ends in zip(*extents, strict=True))
    if len(lows) > (max_images := tally.get_max_images(image_shape)):
        raise DatasetError(
            f"{quote_name(source_name)} holds {len(lows):,} pictures; expected at most "
            f"{max_images:,}: give fewer."
        )
    if not len(lows):
        return np.empty((0, *get_stored_shape(image_shape)), np.uint8)
    scale, remark = choose_scale(lows, highs, images.dtype, quote_name(source_name))
    if remark:
        tally.remarks.append(remark)
    lowest, highest = zip(*opacities, strict=True)
    opacity = choose_opacity_scale(min(lowest), max(highest), scale)
    is_chosen = np.ones(len(lows), bool)
    if tally.only is not None:
        is_chosen[:] = tally.choose(name_stack(len(lows)))

    def decode(images: NDArray[Any], first: int) -> Pixels:
        is_part = is_chosen[first : first + len(images)]
        part = images if is_part.all() else images[is_part]
        return decode_array(part, quote_name(source_name), image_shape, scale, opacity)

    if len(loaders) == 1:
        return decode(images, 0)
    pixels = np.empty((np.count_nonzero(is_chosen), *get_stored_shape(image_shape)), np.uint8)
    num_read = start = 0
    for load in progress(loaders, "Reading the pictures", len(loaders)):
        images = load()
        part = decode(images, num_read)
        num_read += len(images)
        pixels[start : start + len(part)] = part
        start += len(part)
    return pixels

"""Picture files of a set, decoded one by one with one scale for the whole set.

The size of each file is checked before it is decoded.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dcgan.config.settings import ImageShape
from dcgan.errors import DatasetError
from dcgan.files.zip_files import ARCHIVE_ERRORS
from dcgan.pictures import picture_limits
from dcgan.pictures.decoding import DAMAGED, TOO_LARGE, Decoded, Unusable, decode
from dcgan.pictures.members import Member
from dcgan.pictures.picture_fitting import Pixels, get_stored_shape
from dcgan.pictures.tally import NOT_READABLE, Tally, format_mebibytes
from dcgan.pictures.value_range import (
    FIRST_GUESS,
    Scale,
    Storage,
    UnknownRangeError,
    choose_value_scale,
)
from dcgan.progress import ProgressCallback


class PictureSource(NamedTuple):
    """A picture that can be decoded more than once.

    Attributes:
        name: Path of its file, or its place in a file.
        decode: Decodes it to a shape, with the scale for each way of storing values.
    """

    name: str
    decode: Callable[[ImageShape, Mapping[Storage, Scale]], Decoded]


def make_source(member: Member) -> PictureSource:
    """Make a source of a picture file; only its first frame is decoded."""

    def decode_member(shape: ImageShape, scales: Mapping[Storage, Scale]) -> Decoded:
        if member.size() > picture_limits.MAX_FILE_BYTES:
            raise Unusable(TOO_LARGE, format_mebibytes(member.size()))
        try:
            with member.open() as file:
                data = file.read(picture_limits.MAX_FILE_BYTES)
        except OSError as error:
            raise Unusable(NOT_READABLE, error.strerror or "") from None
        except ARCHIVE_ERRORS as error:
            raise Unusable(DAMAGED, str(error)) from None
        return decode(io.BytesIO(data), shape, scales)

    return PictureSource(member.name, decode_member)


def read_all(
    sources: Sequence[PictureSource], tally: Tally, progress: ProgressCallback, shape: ImageShape
) -> tuple[Pixels, list[str]]:
    """Decode pictures one by one, with one scale for each way of storing values.

    The first pass assumes the usual range. If the values of the whole set show another range, the
    pictures are decoded again. Unusable pictures are left out and counted in the tally.

    Args:
        sources: The pictures; pictures that the settings exclude are not decoded.
        tally: Counts the pictures left out and the sizes, and receives remarks.
        progress: Reports how many pictures have been read.
        shape: Shape of each resulting picture, square.

    Returns:
        uint8 in [0, 255], shape (num_images, height, width), or (…, 3) in colour; and the names of
        these pictures.

    Raises:
        DatasetError: If the values of the set have no known range.
    """
    is_chosen = tally.choose([source.name for source in sources])
    sources = [source for source, chosen in zip(sources, is_chosen, strict=True) if chosen]
    pixels = np.empty((len(sources), *get_stored_shape(shape)), np.uint8)
    used: list[PictureSource] = []
    storages: list[Storage] = []
    extents: list[tuple[float, float]] = []
    num_with_frames = 0
    for source in progress(sources, "Reading the pictures", len(sources)):
        try:
            decoded = source.decode(shape, FIRST_GUESS)
        except Unusable as unusable:
            tally.leave_out(source.name, str(unusable), unusable.detail)
            continue
        pixels[len(used)] = decoded.pixels
        used.append(source)
        storages.append(decoded.storage)
        extents.append((decoded.low, decoded.high))
        tally.sizes[decoded.size] += 1
        num_with_frames += decoded.has_frames
    if num_with_frames:
        tally.remarks.append(f"only the first frame or page of {num_with_frames:,} of them")
    is_unusable = np.zeros(len(used), bool)  # Found by the second pass.
    for storage in dict.fromkeys(storages):
        rows = [row for row, other in enumerate(storages) if other == storage]
        lows, highs = np.array([extents[row] for row in rows], np.float64).T
        try:
            scale, remark = choose_value_scale(lows, highs, storage)
        except UnknownRangeError as error:
            raise DatasetError(
                f"the values of the pictures go from {error.low:g} to {error.high:g}; "
                "expected one scale for all: 0 to 255, 0 to 65535, [0, 1] or [-1, 1]. Save them in "
                "one of these ranges."
            ) from None
        if remark:
            tally.remarks.append(remark)
        if scale == FIRST_GUESS[storage]:
            continue
        for row in progress(rows, "Scaling the pictures", len(rows)):
            try:
                pixels[row] = used[row].decode(shape, {storage: scale}).pixels
            except Unusable as unusable:  # Changed or deleted since the first pass.
                tally.leave_out(used[row].name, str(unusable), unusable.detail)
                is_unusable[row] = True
    pixels = pixels[: len(used)]
    names = [source.name for index, source in enumerate(used) if not is_unusable[index]]
    return (pixels[~is_unusable] if is_unusable.any() else pixels), names

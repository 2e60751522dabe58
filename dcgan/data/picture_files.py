"""Pictures of a set, decoded one by one with one scale for the whole set.

Each file is bounded before it is decoded.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dcgan.data import picture_limits
from dcgan.data.decoding import DAMAGED, TOO_LARGE, Decoded, Unusable, decode
from dcgan.data.fitting import Pixels, stored_shape
from dcgan.data.members import Member
from dcgan.data.tally import NOT_READABLE, Tally, format_mebibytes
from dcgan.data.value_range import (
    FIRST_GUESS,
    Scale,
    Storage,
    UnknownRangeError,
    choose_value_scale,
)
from dcgan.errors import DatasetError
from dcgan.reports import ProgressCallback
from dcgan.settings import ImageShape
from dcgan.zip_files import ARCHIVE_ERRORS


class Source(NamedTuple):
    """A picture that can be decoded, more than once: its name, and the decoding."""

    name: str
    decode: Callable[[ImageShape, Mapping[Storage, Scale]], Decoded]


def source_of(member: Member) -> Source:
    """Return the picture of a file; of several frames the first."""

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

    return Source(member.name, decode_member)


def read_all(
    sources: Sequence[Source], tally: Tally, progress: ProgressCallback, shape: ImageShape
) -> Pixels:
    """Read pictures one by one, all with one scale for each way of storing values.

    The first pass takes the usual range of each; where the values of the whole set show another,
    those pictures are read again. What cannot be used is counted.

    Returns:
        uint8 in [0, 255], shape (num_images, height, width), of colours (…, 3).
    """
    pixels = np.empty((len(sources), *stored_shape(shape)), np.uint8)
    used: list[Source] = []
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
        num_with_frames += decoded.has_frames
    if num_with_frames:
        tally.remarks.append(f"only the first frame or page of {num_with_frames:,} of them")
    is_lost = np.zeros(len(used), bool)
    for storage in dict.fromkeys(storages):
        rows = [row for row, each in enumerate(storages) if each == storage]
        lows, highs = np.array([extents[row] for row in rows], np.float64).T
        try:
            scale, words = choose_value_scale(lows, highs, storage)
        except UnknownRangeError as error:
            raise DatasetError(
                f"dataset: the values of the pictures go {error}; expected one scale for all: 0 to "
                "255, 0 to 65535, [0, 1] or [-1, 1]. Save them in one of these ranges."
            ) from None
        if words:
            tally.remarks.append(words)
        if scale == FIRST_GUESS[storage]:
            continue
        for row in progress(rows, "Scaling the pictures", len(rows)):
            try:
                pixels[row] = used[row].decode(shape, {storage: scale}).pixels
            except Unusable as unusable:  # Changed or gone since the first pass.
                tally.leave_out(used[row].name, str(unusable), unusable.detail)
                is_lost[row] = True
    return pixels[: len(used)][~is_lost] if is_lost.any() else pixels[: len(used)]

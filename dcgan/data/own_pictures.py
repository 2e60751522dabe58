"""Own pictures: a person's file or folder, read as pixels of one shape.

This module chooses the reader for a path, by the kind of its file or folder, and decides whether to
invert the pictures. `picture_files` reads picture files, `picture_arrays` and `numpy_archives` read
arrays. `datasets.load_dataset` makes a data set of the result.
"""

from __future__ import annotations

import stat
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcgan.arrays import array_headers, numpy_archives, picture_arrays
from dcgan.config.config_text import quote_name
from dcgan.config.setting_types import Polarity
from dcgan.config.settings import DIGIT_SHAPE, ImageShape
from dcgan.data.near_duplicates import find_near_duplicates, find_originals
from dcgan.data.picture_paths import locate_pictures
from dcgan.errors import DatasetError
from dcgan.pictures import file_kinds, picture_limits
from dcgan.pictures.decoding import TOO_LARGE, Frames, Unusable
from dcgan.pictures.file_kinds import CSV, GZIP, IDX, NPY, NPZ, PICTURE, ZIP, UnsupportedKind
from dcgan.pictures.members import (
    FileMember,
    Member,
    check_zip_limits,
    list_folder,
    list_zip,
    open_archive,
    open_file,
    separate_by_kind,
)
from dcgan.pictures.picture_files import PictureSource, make_source, read_all
from dcgan.pictures.picture_fitting import Pixels, find_light_borders
from dcgan.pictures.picture_labels import LabelledPixels, label_by_folder, make_classes
from dcgan.pictures.picture_limits import MIN_IMAGES
from dcgan.pictures.tally import ARRAY, NEAR_DUPLICATE, Tally
from dcgan.progress import ProgressCallback, no_progress

_LITTLE_CONTRAST = 64  # Levels of 255; a set that spans fewer gets a remark.
_FOLDER_ADVICE = (
    f"put your pictures into a folder (at least {MIN_IMAGES} of them) and give its path"
)


class StoredPictures(NamedTuple):
    """Facts about the files of the user's pictures, before the pictures are resized and inverted.

    Attributes:
        sizes: Number of pictures by width and height in pixels, the most frequent first.
        num_light: Number of pictures with light borders; None in colour.
        is_inverted: Whether the pictures were inverted.
        missing: Codes of excluded pictures that belong to no picture of the set.
        no_classes_reason: The reason why there are no classes, as the end of a sentence; "" with
            classes.
    """

    sizes: Mapping[tuple[int, int], int]
    num_light: int | None
    is_inverted: bool
    missing: tuple[str, ...] = ()
    no_classes_reason: str = ""


class OwnPictures(NamedTuple):
    """Own pictures, read and ready for a data set.

    Attributes:
        name: The name of the file or folder, without its path.
        pixels: uint8 in [0, 255], shape (num_images, height, width), or (…, 3) in colour.
        summary: One sentence for people: what was read, left out, stretched and inverted.
        left_out: Number of files left out, by reason.
        examples: A few of the files left out, each with its reason.
        labels: Class of each image as an index in `class_names`, uint8, shape (num_images,); None
            without classes.
        class_names: The name of each class; empty without classes.
        names: The path of each picture below the folder or in the archive, or its number.
        stored: Facts about the files.
    """

    name: str
    pixels: Pixels
    summary: str
    left_out: Mapping[str, int]
    examples: tuple[str, ...]
    labels: NDArray[np.uint8] | None
    class_names: tuple[str, ...]
    names: tuple[str, ...]
    stored: StoredPictures


class Selection(NamedTuple):
    """The usable pictures of a set that are left out nevertheless.

    Attributes:
        excluded: Codes of pictures (`dcgan.config.picture_codes`).
        near_duplicates: Whether to "keep" near-duplicates or to "leave_out" all but the first.
    """

    excluded: Collection[str] = ()
    near_duplicates: Literal["keep", "leave_out"] = "keep"


EVERYTHING = Selection()


def read_pictures(
    path_text: str,
    polarity: Polarity,
    progress: ProgressCallback = no_progress,
    shape: ImageShape = DIGIT_SHAPE,
    selection: Selection = EVERYTHING,
) -> OwnPictures:
    """Read own pictures, scale them to [0, 255] and invert them if needed; see `load_dataset`.

    Args:
        path_text: The path of a folder or a file; `~` is your home.
        polarity: "as_is", "inverted", or "auto", which inverts grey pictures if most of them have
            light borders.
        progress: Reports how many pictures have been read.
        shape: Shape of each picture, square.
        selection: The pictures to leave out.

    Raises:
        DatasetError: If the path does not exist, fewer than 64 pictures are usable, all pixels
            have one value, or a file is damaged, encrypted, of an unsupported kind or over a limit.
    """
    path, mode = locate_pictures(path_text)
    tally = Tally(excluded=frozenset(selection.excluded))
    read = _read(path, mode, path_text, tally, progress, shape)
    pixels = read.pixels
    _check_number(len(pixels), path_text, tally)
    low, high = int(pixels.min()), int(pixels.max())
    if low == high:
        raise DatasetError(
            f"all pixels of the {len(pixels):,} pictures in {quote_name(path_text)} have the "
            "same value, so there is nothing to learn; expected pictures that differ: look at how "
            "they were saved."
        )
    if high - low < _LITTLE_CONTRAST:
        tally.remarks.append(f"little contrast: values from {low} to {high} of 255")
    num_light = int(np.count_nonzero(find_light_borders(pixels))) if shape[2] == 1 else None
    if polarity == "inverted":
        tally.remarks.append("inverted")
    # Not for pictures in colour: inverted colours would be other colours.
    elif polarity == "auto" and num_light is not None and 2 * num_light > len(pixels):
        polarity = "inverted"
        tally.remarks.append("inverted: light borders")
    if polarity == "inverted":
        np.subtract(255, pixels, out=pixels)
    if selection.near_duplicates == "leave_out":
        read = _leave_out_near_duplicates(read, tally, progress)
        pixels = read.pixels
        _check_number(len(pixels), path_text, tally)
    summary = ", ".join([f"{len(pixels):,} pictures read{tally.describe()}", *tally.remarks])
    classes = make_classes(read.labels)
    return OwnPictures(
        path.name or path.resolve().name or str(path),
        pixels,
        f"{summary}. {classes.summary}",
        dict(sorted(tally.left_out.items())),
        tuple(tally.examples),
        classes.labels,
        classes.names,
        tuple(read.names),
        StoredPictures(
            dict(tally.sizes.most_common()),
            num_light,
            is_inverted=polarity == "inverted",
            missing=tuple(sorted(tally.excluded - tally.found)),
            no_classes_reason=classes.no_classes_reason,
        ),
    )


def read_sample(
    path_text: str, codes: Collection[str], shape: ImageShape, progress: ProgressCallback
) -> Pixels:
    """Read some of the pictures of a set that was read before, uninverted.

    Args:
        path_text: The path of a folder or a file; `~` is your home.
        codes: Codes of the pictures (`dcgan.config.picture_codes`).
        shape: Shape of each picture, square.
        progress: Reports how many pictures have been read.

    Returns:
        Their pixels in the order of the set, as in `OwnPictures`.

    Raises:
        DatasetError: If the files have changed and cannot be read any more.
    """
    path, mode = locate_pictures(path_text)
    return _read(path, mode, path_text, Tally(only=frozenset(codes)), progress, shape).pixels


def _read(
    path: Path,
    mode: int,
    path_text: str,
    tally: Tally,
    progress: ProgressCallback,
    shape: ImageShape,
) -> LabelledPixels:
    """Read the pictures of a folder or a file that the tally chooses."""
    if stat.S_ISDIR(mode):
        members = list_folder(path, tally, tally.get_max_images(shape))
        read = _read_members(*separate_by_kind(members, tally), path_text, tally, progress, shape)
    elif stat.S_ISREG(mode):
        read = _read_file(path, path_text, tally, progress, shape)
    else:
        raise DatasetError(
            f"{quote_name(path_text)} is neither a folder nor a file; {_FOLDER_ADVICE}."
        )
    is_sample = tally.only is not None  # Of arrays it was chosen before it was decoded.
    if read.is_stack and not is_sample and not all(is_chosen := tally.choose(read.names)):
        return read.select(np.array(is_chosen, bool))
    return read


def _check_number(num_images: int, path_text: str, tally: Tally) -> None:
    if num_images < MIN_IMAGES:
        raise DatasetError(
            f"{quote_name(path_text)} holds {num_images or 'no'} usable picture"
            f"{'' if num_images == 1 else 's'}{tally.describe()}; expected at least "
            f"{MIN_IMAGES}: {tally.suggest_fix()}."
        )


def _leave_out_near_duplicates(
    read: LabelledPixels, tally: Tally, progress: ProgressCallback
) -> LabelledPixels:
    """Leave out all pictures that are nearly the same as an earlier one, and count them."""
    originals = find_originals(find_near_duplicates(read.pixels, progress), len(read.pixels))
    is_original = originals == np.arange(len(originals))
    for index in np.flatnonzero(~is_original).tolist():
        tally.leave_out(read.names[index], NEAR_DUPLICATE, read.names[originals[index]])
    return read if is_original.all() else read.select(is_original)


def _read_members(
    pictures: Sequence[Member],
    arrays: Sequence[Member],
    path_text: str,
    tally: Tally,
    progress: ProgressCallback,
    shape: ImageShape,
) -> LabelledPixels:
    """Read the picture files of a folder or archive, or its arrays if the pictures are too few."""
    array_files = picture_arrays.find_arrays(arrays) if len(pictures) < MIN_IMAGES else []
    # Beside pictures, arrays other than stacks are probably labels.
    has_stacks = any(file.is_stack or file.is_misshapen_stack for file in array_files)
    if array_files and (has_stacks or not pictures):
        for member in pictures:
            tally.leave_out(member.name, "pictures beside the arrays")
        return picture_arrays.read_arrays(array_files, arrays, path_text, tally, progress, shape)
    for member in arrays:
        tally.leave_out(member.name, ARRAY)
    sources = [make_source(member) for member in pictures]
    pixels, names = read_all(sources, tally, progress, shape)
    labels = label_by_folder(names)
    if arrays and isinstance(labels, str):
        labels += "; a table or array beside picture files is not read"
    return LabelledPixels(pixels, labels, names)


def _read_file(
    path: Path, path_text: str, tally: Tally, progress: ProgressCallback, shape: ImageShape
) -> LabelledPixels:
    """Read one file that holds all pictures: an archive, an array, a table or frames."""
    with open_file(path) as file:
        head = file.read(file_kinds.HEAD_BYTES)
        file.seek(0)
        kind = file_kinds.find_kind_by_suffix(path.name) or file_kinds.find_kind_by_head(
            head, path.name
        )
        if kind == NPZ:
            return numpy_archives.read_npz(file, path_text, tally, progress, shape)
        if kind == ZIP:
            with open_archive(file, path_text) as archive:
                pictures, arrays = separate_by_kind(list_zip(archive, tally), tally)
                max_files = tally.get_max_images(shape)
                check_zip_limits([*pictures, *arrays], path_text, max_files)
                return _read_members(pictures, arrays, path_text, tally, progress, shape)
    if kind in (NPY, IDX, CSV, GZIP):
        member = FileMember(str(path), path.name)
        return picture_arrays.read_array_file(member, path_text, tally, progress, shape)
    if kind == PICTURE:
        return _read_frames(path, path_text, tally, progress, shape)
    if isinstance(kind, UnsupportedKind):
        raise DatasetError(kind.explain_refusal(quote_name(path_text)))
    problem = "is of an unsupported kind" if head else "is empty"
    raise DatasetError(
        f"{quote_name(path_text)} {problem}; expected a folder, .zip, .npz, .npy, IDX or .csv "
        f"file: {_FOLDER_ADVICE}."
    )


def _read_frames(
    path: Path, path_text: str, tally: Tally, progress: ProgressCallback, shape: ImageShape
) -> LabelledPixels:
    """Read the frames or pages of one picture file, such as a TIFF stack."""
    advice = f"{_FOLDER_ADVICE}, or pack them into a .zip."
    member = FileMember(str(path), path.name)
    try:
        with member.open() as file:
            if member.size() > array_headers.MAX_ARRAY_BYTES:
                raise Unusable(TOO_LARGE)
            frames = Frames(file)
            finding = f"has {len(frames)} frames" if len(frames) > 1 else "is one picture"
            if len(frames) < MIN_IMAGES:
                raise DatasetError(
                    f"{quote_name(path_text)} {finding}; expected at least {MIN_IMAGES} "
                    f"pictures: {advice}"
                )
            max_images = tally.get_max_images(shape)
            if len(frames) > max_images or frames.num_pixels > picture_limits.MAX_UNPACKED_BYTES:
                raise DatasetError(
                    f"{quote_name(path_text)} {finding}, {frames.num_pixels:,} pixels in all; "
                    f"expected at most {max_images:,} frames and "
                    f"{picture_limits.MAX_UNPACKED_BYTES:,} pixels: give fewer or smaller ones."
                )
            tally.remarks.append("the frames or pages of one file")
            sources = [
                PictureSource(f"frame {index + 1}", partial(frames.decode, index))
                for index in range(len(frames))
            ]
            pixels, names = read_all(sources, tally, progress, shape)
            return LabelledPixels(pixels, "frames and pages have no labels", names)
    except Unusable as unusable:
        raise DatasetError(f"{quote_name(path_text)} is {unusable}; {advice}") from None

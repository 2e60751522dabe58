"""Labels of own pictures: classes from the names of folders, or from values beside the pictures.

This module opens no file. A set whose labels cannot be learned is still read, but without classes,
and a sentence explains why.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dcgan.config.setting_types import MAX_CLASSES
from dcgan.pictures.picture_fitting import Pixels

MAX_LABEL_BYTES = 2**28  # Size of one array of labels: a million texts of 64 characters.

_MAX_NAME_LENGTH = 40  # Characters.
_MAX_SHOWN = 10  # Classes that a summary names.
_FEW_PICTURES = 8  # With fewer, networks memorize the pictures of a class.
# Folders with these names are parts of a set; the folders inside them are its classes.
_PART_NAMES = frozenset(("train", "training", "test", "testing", "val", "valid", "validation"))
# Invisible characters that change how their neighbours look: joiners between letters of some
# scripts or between parts of an emoji, and the tags of flags.
_VISIBLE_FORMAT = re.compile(
    r"(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])|[\U000e0020-\U000e007f]"
)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?|[+-]?(nan|inf|infinity)", re.I)

# Reasons why there are no classes, as the end of a sentence.
UNREADABLE = "the labels beside the pictures cannot be read"
NO_LABELS = "there are no labels beside the pictures"
_ONE_CLASS = "all pictures have the same label"


class Labels(NamedTuple):
    """The class of each picture of a set, before the classes are sorted by `make_classes`.

    Attributes:
        names: The name of each class, in any order.
        indices: The class of each picture as an index in `names`, shape (num_images,).
    """

    names: Sequence[str]
    indices: NDArray[np.intp]


# The labels, or the reason why there are none, as the end of a sentence.
LabelsOrReason: TypeAlias = Labels | str


class LabelledPixels(NamedTuple):
    """Pictures that were read, with their labels.

    Attributes:
        pixels: uint8 in [0, 255], shape (num_images, height, width), or (…, 3) in colour.
        labels: Labels of the pictures, in the same order, or the reason why there are none.
        names: Path of each picture below the folder or in the archive, or its number in an array.
        is_stack: Whether the pictures are from arrays of many pictures.
    """

    pixels: Pixels
    labels: LabelsOrReason
    names: Sequence[str]
    is_stack: bool = False

    def select(self, is_selected: NDArray[np.bool_]) -> Self:
        """Return the selected pictures, without the classes that have no picture among them."""
        labels = self.labels
        if isinstance(labels, Labels):
            kept, indices = np.unique(labels.indices[is_selected], return_inverse=True)
            labels = Labels([labels.names[index] for index in kept], indices)
        names = [name for name, kept in zip(self.names, is_selected, strict=True) if kept]
        return self._replace(pixels=self.pixels[is_selected], labels=labels, names=names)


def make_stack(pixels: Pixels, labels: LabelsOrReason) -> LabelledPixels:
    """Return the pictures of arrays with their labels; their names are their numbers from 1."""
    return LabelledPixels(pixels, labels, name_stack(len(pixels)), is_stack=True)


def name_stack(num_images: int) -> list[str]:
    """Return the names of the pictures of arrays: their numbers from 1."""
    return [f"picture {index + 1}" for index in range(num_images)]


class PictureClasses(NamedTuple):
    """The classes of a set, ready to be learned.

    Attributes:
        names: The name of each class, in natural order; empty without classes.
        labels: The class of each picture as an index in `names`, uint8, shape (num_images,); None
            without classes.
        summary: Sentences for people: the classes, and which of them have few pictures; or the
            reason why there are no classes.
        no_classes_reason: The reason why there are no classes, as the end of a sentence; "" with
            classes.
    """

    names: tuple[str, ...]
    labels: NDArray[np.uint8] | None
    summary: str
    no_classes_reason: str = ""


def label_by_folder(names: Sequence[str]) -> LabelsOrReason:
    """Label pictures by their folders.

    Folders that contain all pictures are ignored, and so are parts of a set, such as `train` and
    `test`. The outermost of the other folders is the class.

    Args:
        names: The path of each picture below the folder or in the archive.
    """
    folders = [
        [part for part in re.split(r"[/\\]", name)[:-1] if part not in ("", ".", "..")]
        for name in names
    ]
    first, last = min(folders, default=[]), max(folders, default=[])
    num_shared = next(
        (index for index, part in enumerate(first) if last[index : index + 1] != [part]),
        len(first),
    )
    folders = [parts[num_shared:] for parts in folders]
    if all(parts and parts[0].lower() in _PART_NAMES for parts in folders):
        folders = [parts[1:] for parts in folders]
        if not any(folders):
            return "the folders are parts of the set"
    if not any(folders):
        return "all pictures are in one folder"
    if not all(folders):
        return "some pictures lie beside the folders"
    return _index_names([_clean_text(parts[0]) for parts in folders])


def name_label_array(name: str) -> str:
    """Return the usual name of the labels of an array, such as `y_train` for `x_train`.

    Args:
        name: Name of an array or a file of pictures, without folders.
    """
    name = name.replace("images", "labels").replace("idx3", "idx1")
    return re.sub(r"^x(?=_|\.|$)", "y", name)


def check_label_header(shape: tuple[int, ...], dtype: np.dtype[Any], num_images: int) -> str:
    """Check by its header that an array holds a label for each picture.

    Args:
        shape, dtype: From the array's header.
        num_images: Number of pictures.

    Returns:
        The reason why it does not, as the end of a sentence; "" if it does.
    """
    if dtype.hasobject:
        return "the labels are Python objects (pickle), which are never opened"
    if dtype.kind not in "buifUS":
        return "the labels are neither whole numbers nor words"
    if len(shape) not in (1, 2) or shape[1:] not in ((), (1,)):
        return f"the labels have the shape {shape} instead of one for each picture"
    if shape[0] != num_images:
        return f"there are {shape[0]:,} labels for {num_images:,} pictures"
    if num_images * dtype.itemsize > MAX_LABEL_BYTES:
        return "the labels are too large"
    return ""


def label_by_values(values: NDArray[Any]) -> LabelsOrReason:
    """Label pictures by an array of numbers or texts.

    Args:
        values: A label for each picture, as `check_label_header` allows.
    """
    if not _has_valid_characters(values):
        return UNREADABLE
    different, indices = np.unique(values.reshape(-1), return_inverse=True)
    if different.dtype.kind == "S":
        names = [name.decode("utf-8", "replace") for name in different.tolist()]
    elif different.dtype.kind == "U":
        names = different.tolist()
    elif problem := _find_problem(different.astype(np.float64)):
        return problem
    else:
        names = [str(int(value)) for value in different.tolist()]
    return merge_equal_names(Labels(names, indices))


def _has_valid_characters(values: NDArray[Any]) -> bool:
    """Return whether all codes in an array of texts stand for characters.

    A damaged file may have other codes, which NumPy cannot convert to `str`.
    """
    if values.dtype.kind != "U" or values.dtype.itemsize == 0:
        return True
    codes = np.ascontiguousarray(values).view(
        np.dtype(np.uint32).newbyteorder(values.dtype.byteorder)
    )
    return int(codes.max()) <= sys.maxunicode


def merge_equal_names(labels: Labels) -> LabelsOrReason:
    """Merge classes whose names look the same.

    If all names are plain numbers, equal ones such as "1", "01" and "1.0" become one class, and
    negative or fractional numbers are refused. Otherwise "1e3", "nan" and "1.0" are ordinary texts.
    """
    if not all(map(str.strip, labels.names)):
        return "some labels are missing"
    names = [_clean_text(name) for name in labels.names]
    if all(map(_NUMBER.fullmatch, names)):
        if problem := _find_problem(np.array(names, np.float64)):
            return problem
        names = [str(int(name.partition(".")[0])) for name in names]
    merged = _index_names(names)
    return Labels(merged.names, merged.indices[labels.indices])


def _find_problem(numbers: NDArray[np.float64]) -> str:
    """Return why numbers cannot be labels, as the end of a sentence; "" if they can."""
    if not np.isfinite(numbers).all():
        return "some labels are NaN or infinite"
    if (numbers < 0).any():
        return "some labels are negative"
    return "some labels are not whole numbers" if (numbers != np.floor(numbers)).any() else ""


def _clean_text(text: str) -> str:
    """Return a text in one line, in one form of Unicode (NFC) and without invisible characters."""
    if text.isprintable():  # 15 times quicker: a set may have a million texts.
        return " ".join(unicodedata.normalize("NFC", text).split())
    visible_formats = {match.start() for match in _VISIBLE_FORMAT.finditer(text)}
    spaced = "".join(" " if c.isspace() else c for c in text)
    visible = "".join(
        c
        for index, c in enumerate(spaced)
        if index in visible_formats or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    return " ".join(unicodedata.normalize("NFC", visible).split())


def join_labels(parts: Sequence[LabelsOrReason]) -> LabelsOrReason:
    """Join the labels of several files, at least one.

    If a file has no labels, the result is the reason why.
    """
    names: list[str] = []
    indices = []
    for part in parts:
        if isinstance(part, str):
            return part
        indices.append(part.indices + len(names))
        names += part.names
    return merge_equal_names(Labels(names, np.concatenate(indices)))


def make_classes(labels: LabelsOrReason) -> PictureClasses:
    """Sort and name the classes of a set.

    Long names are shortened; names that are then equal get a number.
    """
    if isinstance(labels, str):
        return PictureClasses((), None, f"No classes: {labels}.", labels)
    num_classes = len(labels.names)
    if num_classes < 2:
        return PictureClasses((), None, f"No classes: {_ONE_CLASS}.", _ONE_CLASS)
    if num_classes > MAX_CLASSES:
        return PictureClasses(
            (),
            None,
            f"{num_classes:,} classes found; at most {MAX_CLASSES} can be learned, so the run "
            "learns none.",
            f"there are {num_classes:,}, and at most {MAX_CLASSES} can be learned",
        )
    order = sorted(range(num_classes), key=lambda index: _make_natural_key(labels.names[index]))
    names: list[str] = []
    for index in order:
        names.append(_make_distinct(_make_short_name(labels.names[index]), names))
    ranks = np.empty(num_classes, np.uint8)
    ranks[order] = np.arange(num_classes)
    ordered = ranks[labels.indices]
    counts = np.bincount(ordered, minlength=num_classes).tolist()
    few = [
        f"{name} ({count})"
        for name, count in zip(names, counts, strict=True)
        if count < _FEW_PICTURES
    ]
    summary = f"{num_classes} classes: {_join_some(names)}."
    if few:
        summary += f" Few pictures of: {_join_some(few)}."
    return PictureClasses(tuple(names), ordered, summary)


def _index_names(names: Sequence[str]) -> Labels:
    """Make labels from the name of each picture's class; classes are in order of appearance."""
    indices: dict[str, int] = {}
    picture_indices = [indices.setdefault(name, len(indices)) for name in names]
    return Labels(list(indices), np.array(picture_indices, np.intp))


def _make_natural_key(name: str) -> tuple[list[str | tuple[int, str]], str]:
    """Return a sort key that puts "2" before "10", and "02" before "2"."""
    parts = re.split("([0-9]+)", name)  # Texts and numbers in turn, a text first.
    return [
        (len(part.lstrip("0")), part.lstrip("0")) if index % 2 else part.casefold()
        for index, part in enumerate(parts)
    ], name


# Letters and symbols that look empty: fillers of Hangul, and the empty Braille pattern.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def _make_short_name(text: str) -> str:
    """Return a name of at most 40 characters that can be shown in one line and saved as UTF-8."""
    name = _clean_text(text)
    if all(c in _BLANKS or unicodedata.category(c) in ("Cf", "Mn", "Zs") for c in name):
        name = "unnamed"
    return name if len(name) <= _MAX_NAME_LENGTH else f"{name[: _MAX_NAME_LENGTH - 1].rstrip()}…"


def _make_distinct(name: str, taken_names: Sequence[str]) -> str:
    """Return the name, followed by a number if it is taken."""
    number, distinct = 1, name
    while distinct in taken_names:
        number += 1
        ending = f" ({number})"
        distinct = f"{name[: _MAX_NAME_LENGTH - len(ending)].rstrip()}{ending}"
    return distinct


def _join_some(names: Sequence[str]) -> str:
    return ", ".join(names[:_MAX_SHOWN]) + (", …" if len(names) > _MAX_SHOWN else "")

"""Labels of own pictures: classes from the names of folders, or from values beside the pictures.

This module opens no file. Labels that cannot be learned never fail a set of pictures: it is then
without classes, and a sentence explains why.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dcgan.config.setting_types import MAX_CLASSES
from dcgan.pictures.picture_fitting import Pixels

MAX_LABEL_BYTES = 2**28  # Size of one array of labels: a million words of 64 characters.

_MAX_NAME = 40  # Characters.
_MAX_SHOWN = 10  # Classes that a note names.
_FEW_PICTURES = 8  # Networks learn a class of fewer by heart.
# Folders of this name are parts of a set, whose classes are the folders inside.
_PARTS = frozenset(("train", "training", "test", "testing", "val", "valid", "validation"))
# Invisible characters that are part of what is seen: joiners between letters of scripts that need
# them or between parts of an emoji, and the tags of flags.
_VISIBLE_FORMAT = re.compile(
    r"(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])|[\U000e0020-\U000e007f]"
)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?|[+-]?(nan|inf|infinity)", re.I)

# Reasons why there are no classes, as the end of a sentence.
UNREADABLE = "the labels beside the pictures cannot be read"
NO_LABELS = "there are no labels beside the pictures"
_ONE_CLASS = "all pictures have the same label"


class Labels(NamedTuple):
    """The class of each picture of a set, as it was found.

    Attributes:
        words: The word for each class, in any order.
        indices: The class of each picture as an index in `words`, shape (num_images,).
    """

    words: Sequence[str]
    indices: NDArray[np.intp]


# The labels, or the reason why there are none, as the end of a sentence.
LabelsOrReason: TypeAlias = Labels | str


class LabelledPixels(NamedTuple):
    """Pictures that were read, with their labels.

    Attributes:
        pixels: uint8 in [0, 255], shape (num_images, height, width), or (…, 3) in colour.
        labels: Their labels, in the same order, or the reason why there are none.
    """

    pixels: Pixels
    labels: LabelsOrReason


class Classes(NamedTuple):
    """The classes of a set, ready to be learned.

    Attributes:
        names: The word for each class, in natural order; empty without classes.
        labels: The class of each picture as an index in `names`, uint8, shape (num_images,); None
            without classes.
        note: Sentences for people: the classes and those with few pictures, or why there are none.
    """

    names: tuple[str, ...]
    labels: NDArray[np.uint8] | None
    note: str


def label_by_folder(names: Sequence[str]) -> LabelsOrReason:
    """Label pictures by the folders that they lie in.

    Folders that all pictures share are no classes, nor are parts of a set such as `train` and
    `test`. Of the other folders, the outermost is the class.

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
    if all(parts and parts[0].lower() in _PARTS for parts in folders):
        folders = [parts[1:] for parts in folders]
        if not any(folders):
            return "the folders are parts of the set"
    if not any(folders):
        return "all pictures are in one folder"
    if not all(folders):
        return "some pictures lie beside the folders"
    return _number_words([_clean_word(parts[0]) for parts in folders])


def name_label_array(name: str) -> str:
    """Return the usual name of the labels of an array: `y_train` of `x_train`, and so on.

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
        Why it does not, as the end of a sentence; "" if it does.
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
    """Label pictures by an array of numbers or words.

    Args:
        values: A label for each picture, as `check_label_header` allows.
    """
    if not _has_real_characters(values):
        return UNREADABLE
    different, indices = np.unique(values.reshape(-1), return_inverse=True)
    if different.dtype.kind == "S":
        words = [word.decode("utf-8", "replace") for word in different.tolist()]
    elif different.dtype.kind == "U":
        words = different.tolist()
    elif problem := _find_problem(different.astype(np.float64)):
        return problem
    else:
        words = [str(int(value)) for value in different.tolist()]
    return read_words(Labels(words, indices))


def _has_real_characters(values: NDArray[Any]) -> bool:
    """Return whether an array's words can become text; damaged ones have codes of no character."""
    if values.dtype.kind != "U" or values.dtype.itemsize == 0:
        return True
    codes = np.ascontiguousarray(values).view(
        np.dtype(np.uint32).newbyteorder(values.dtype.byteorder)
    )
    return int(codes.max()) <= sys.maxunicode


def read_words(labels: Labels) -> LabelsOrReason:
    """Give words that look the same one class.

    If all words are plain numbers, equal ones such as "1", "01" and "1.0" are one class, and
    numbers that are no labels are refused. Otherwise "1e3", "nan" and "1.0" are words like others.
    """
    if not all(map(str.strip, labels.words)):
        return "some labels are missing"
    words = [_clean_word(word) for word in labels.words]
    if all(map(_NUMBER.fullmatch, words)):
        if problem := _find_problem(np.array(words, np.float64)):
            return problem
        words = [str(int(word.partition(".")[0])) for word in words]
    merged = _number_words(words)
    return Labels(merged.words, merged.indices[labels.indices])


def _find_problem(numbers: NDArray[np.float64]) -> str:
    """Return why some numbers are no labels, as the end of a sentence; "" if they are."""
    if not np.isfinite(numbers).all():
        return "some labels are NaN or infinite"
    if (numbers < 0).any():
        return "some labels are negative"
    return "some labels are not whole numbers" if (numbers != np.floor(numbers)).any() else ""


def _clean_word(word: str) -> str:
    """Return a word in one line, in one form of Unicode (NFC) and without invisible characters."""
    if word.isprintable():  # 15 times quicker: a set may have a million words.
        return " ".join(unicodedata.normalize("NFC", word).split())
    kept = {match.start() for match in _VISIBLE_FORMAT.finditer(word)}
    spaced = "".join(" " if c.isspace() else c for c in word)
    visible = "".join(
        c
        for index, c in enumerate(spaced)
        if index in kept or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    return " ".join(unicodedata.normalize("NFC", visible).split())


def join_labels(parts: Sequence[LabelsOrReason]) -> LabelsOrReason:
    """Join the labels of several files, at least one; without those of one there are none."""
    words: list[str] = []
    indices = []
    for part in parts:
        if isinstance(part, str):
            return part
        indices.append(part.indices + len(words))
        words += part.words
    return read_words(Labels(words, np.concatenate(indices)))


def make_classes(labels: LabelsOrReason) -> Classes:
    """Sort and name the classes of a set.

    Long names are shortened, and equal ones numbered.
    """
    if isinstance(labels, str):
        return Classes((), None, f"No classes: {labels}.")
    num_classes = len(labels.words)
    if num_classes < 2:
        return Classes((), None, f"No classes: {_ONE_CLASS}.")
    if num_classes > MAX_CLASSES:
        return Classes(
            (),
            None,
            f"{num_classes:,} classes found; at most {MAX_CLASSES} can be learned, so the run "
            "learns none.",
        )
    order = sorted(range(num_classes), key=lambda index: _make_natural_key(labels.words[index]))
    names: list[str] = []
    for index in order:
        names.append(_make_distinct(_clean_name(labels.words[index]), names))
    ranks = np.empty(num_classes, np.uint8)
    ranks[order] = np.arange(num_classes)
    ordered = ranks[labels.indices]
    counts = np.bincount(ordered, minlength=num_classes).tolist()
    few = [
        f"{name} ({count})"
        for name, count in zip(names, counts, strict=True)
        if count < _FEW_PICTURES
    ]
    note = f"{num_classes} classes: {_join_some(names)}."
    if few:
        note += f" Few pictures of: {_join_some(few)}."
    return Classes(tuple(names), ordered, note)


def _number_words(words: Sequence[str]) -> Labels:
    """Number the words of all pictures in the order of their first appearance."""
    numbers: dict[str, int] = {}
    indices = [numbers.setdefault(word, len(numbers)) for word in words]
    return Labels(list(numbers), np.array(indices, np.intp))


def _make_natural_key(word: str) -> tuple[list[str | tuple[int, str]], str]:
    """Return a key that sorts "2" before "10"; of two equal numbers the one without zeros first."""
    parts = re.split("([0-9]+)", word)  # Texts and numbers in turn, a text first.
    return [
        (len(part.lstrip("0")), part.lstrip("0")) if index % 2 else part.casefold()
        for index, part in enumerate(parts)
    ], word


# Letters and symbols without a picture: fillers of Hangul, and the empty Braille pattern.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def _clean_name(word: str) -> str:
    """Return a name that can be shown in one line and saved as UTF-8."""
    name = _clean_word(word)
    if all(c in _BLANKS or unicodedata.category(c) in ("Cf", "Mn", "Zs") for c in name):
        name = "unnamed"
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1].rstrip()}…"


def _make_distinct(name: str, taken: Sequence[str]) -> str:
    """Return the name with a number behind it if it is taken."""
    number, distinct = 1, name
    while distinct in taken:
        number += 1
        ending = f" ({number})"
        distinct = f"{name[: _MAX_NAME - len(ending)].rstrip()}{ending}"
    return distinct


def _join_some(names: Sequence[str]) -> str:
    return ", ".join(names[:_MAX_SHOWN]) + (", …" if len(names) > _MAX_SHOWN else "")

"""Tables of pictures: text files with a row for each picture, such as Kaggle's MNIST.

A row holds the picture's pixels, row by row, and may hold its label in the first or the last
column. Files are read line by line, and the length of a line is limited.
"""

from __future__ import annotations

import io
import itertools
import math
import re
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcgan.errors import DatasetError
from dcgan.pictures.picture_labels import Labels, LabelsOrReason

_MIN_SIDE = 5  # Side of a picture; a row of 16 numbers is usually something else.
_MAX_LINE_LENGTH = 2**20  # Characters: 500 × 500 pixels.
_ROWS_AT_ONCE = 1000
_NOT_PIXELS = re.compile(r"label|class|target|digit|letter|y|id|index|split|usage|unnamed.*|", re.I)
_LABEL = re.compile(r"label|class|target|digit|letter|y", re.I)
_MAX_LABEL_LENGTH = 100  # Characters.


class Layout(NamedTuple):
    """Layout of a table of pictures.

    Attributes:
        delimiter: Character between two values.
        has_header: Whether the first line names the columns.
        num_columns: Number of columns in each row.
        first_pixel: Index of the column of the first pixel.
        side: Height and width of a picture.
        label: Index of the column of the label; None without one.
    """

    delimiter: str
    has_header: bool
    num_columns: int
    first_pixel: int
    side: int
    label: int | None


class Table(NamedTuple):
    """The pictures of a table.

    Attributes:
        images: uint8 if all values are whole numbers in [0, 255], otherwise float32; shape
            (num_images, side, side).
        labels: Labels of the images, or the reason why there are none.
    """

    images: NDArray[Any]
    labels: LabelsOrReason


def read_layout(file: IO[bytes], quoted_name: str) -> Layout:
    """Find the layout of a table from its first lines.

    Args:
        file: The table, from its beginning.
        quoted_name: Name of the table in errors.

    Raises:
        DatasetError: If its rows are not square pictures.
    """
    lines = list(itertools.islice(_read_lines(file, quoted_name), 2))
    if not lines:
        raise DatasetError(f"{quoted_name} is empty; expected a row for each picture.")
    # If a line has semicolons or tabs, its commas are decimal commas.
    delimiter = next((mark for mark in ";\t" if mark in lines[0]), ",")
    cells = _split(lines[0], delimiter)
    has_header = _is_header(cells)
    num_columns = len(cells)
    if has_header:
        pixels = [index for index, cell in enumerate(cells) if not _NOT_PIXELS.fullmatch(cell)]
        first, num_pixels = (pixels[0], len(pixels)) if pixels else (0, 0)
        is_block = bool(pixels) and pixels[-1] - first + 1 == num_pixels
        label = next((index for index, cell in enumerate(cells) if _LABEL.fullmatch(cell)), None)
    else:
        has_label = not _is_square(num_columns)
        first, num_pixels, is_block = int(has_label), num_columns - has_label, True
        values = _split(lines[-1], delimiter)
        # Text is a label. The corner of a picture is usually 0, a label usually not.
        ends_in_text = not all(_is_number(_split(line, delimiter)[-1]) for line in lines)
        if has_label and (ends_in_text or (_is_zero(values[0]) and not _is_zero(values[-1]))):
            first = 0
        label = (num_columns - 1 if first == 0 else 0) if has_label else None
    if not is_block or not _is_square(num_pixels):
        raise DatasetError(
            f"{quoted_name} is a table of {num_columns:,} columns; expected a row for each "
            "picture, a square number of pixels row by row, such as 784 columns for "
            "28×28, and at most a label before or behind them. Where the table names files, give "
            "the folder of these; else save the pictures with np.save('pictures.npy', pictures)."
        )
    return Layout(delimiter, has_header, num_columns, first, math.isqrt(num_pixels), label)


def read_table(file: IO[bytes], quoted_name: str, max_images: int, max_bytes: int) -> Table:
    """Read the pictures of a table, and their labels.

    Args:
        file: The table, seekable.
        quoted_name: Name of the table in errors.
        max_images: Largest number of pictures.
        max_bytes: Largest size of all pictures in memory.

    Raises:
        DatasetError: If its rows are not square pictures, it is damaged, or it is over a limit.
    """
    layout = read_layout(file, quoted_name)
    file.seek(0)
    lines = _read_lines(file, quoted_name)
    if layout.has_header:
        next(lines)
    columns = slice(layout.first_pixel, layout.first_pixel + layout.side**2)
    other_columns = {*range(layout.num_columns)} - {*range(layout.num_columns)[columns]}
    parts: list[NDArray[Any]] = []
    label_parts: list[NDArray[np.intp]] = []
    label_indices: dict[str, int] = {}

    def index_label(label: str) -> int:
        return label_indices.setdefault(label.strip()[:_MAX_LABEL_LENGTH], len(label_indices))

    # The other columns may hold text, such as "train", so they become 0. NumPy's `usecols` would
    # skip them, but also accept rows with too many columns.
    converters = {
        column: index_label if column == layout.label else lambda _: 0 for column in other_columns
    }
    num_rows = num_bytes = 0
    while chunk := list(itertools.islice(lines, _ROWS_AT_ONCE)):
        try:
            values = np.loadtxt(
                chunk,
                np.float32,
                comments=None,
                delimiter=layout.delimiter,
                converters=converters,
                ndmin=2,
                quotechar='"',
            )
            if values.shape[1] != layout.num_columns:
                raise ValueError(f"{values.shape[1]} columns instead of {layout.num_columns}")
        except ValueError as error:
            raise DatasetError(
                f"{quoted_name} is damaged between its rows {num_rows + 1:,} and "
                f"{num_rows + len(chunk):,} ({error}); expected {layout.num_columns} numbers in "
                "each row: correct or remove those that have others."
            ) from None
        num_rows += len(values)
        if layout.label is not None:
            label_parts.append(values[:, layout.label].astype(np.intp))
        pixels = values[:, columns]
        with np.errstate(invalid="ignore"):
            rounded = pixels.astype(np.uint8)
        parts.append(rounded if (rounded == pixels).all() else pixels.copy())
        num_bytes += parts[-1].nbytes
        if num_rows > max_images or num_bytes > max_bytes:
            raise DatasetError(
                f"{quoted_name} holds too many pictures; expected at most {max_images:,}, of "
                f"{max_bytes / 2**20:,.0f} MiB in all: give fewer rows."
            )
    images = np.concatenate(parts) if parts else np.empty((0, layout.side**2), np.uint8)
    images = images.reshape(-1, layout.side, layout.side)
    if not label_parts:
        return Table(images, "the table has no column of labels")
    return Table(images, Labels(list(label_indices), np.concatenate(label_parts)))


def _read_lines(file: IO[bytes], quoted_name: str) -> Iterator[str]:
    """Yield the non-empty lines without line ends."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace")
    try:
        while line := text.readline(_MAX_LINE_LENGTH):
            if len(line) == _MAX_LINE_LENGTH:
                raise DatasetError(
                    f"{quoted_name} has a line of more than {_MAX_LINE_LENGTH:,} characters; "
                    "expected a row for each picture, with line ends."
                )
            if line.strip():
                yield line.rstrip("\r\n")
    finally:
        text.detach()  # Otherwise it would close the file.


def _split(line: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(delimiter)]


def _is_header(cells: list[str]) -> bool:
    """Return whether a table's first line names its columns: with text, or by counting them."""
    names = [cell for cell in cells if not _NOT_PIXELS.fullmatch(cell)]
    names = names[1:-1]  # The first or the last cell may be the label of a picture, as text.
    if not any(map(_is_number, names)):
        return True
    if not all(map(_is_number, names)):
        return False
    return all(second - first == 1 for first, second in itertools.pairwise(map(float, names)))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_zero(text: str) -> bool:
    return _is_number(text) and float(text) == 0


def _is_square(number: int) -> bool:
    side = math.isqrt(number)
    return side >= _MIN_SIDE and side * side == number

"""Tables of pictures: their headers, and columns that hold words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.encoding import encode_table
from tests.picture_files import list_picture_classes, write_and_load
from tests.picture_kinds import IMAGES


@pytest.mark.parametrize("letters", ["ABC", "yxz", "n1i"])
@pytest.mark.parametrize("order", [("label", "pixel"), ("pixel", "label")])
def test_the_labels_of_a_table_without_a_header_may_be_letters(
    tmp_path: Path, letters: str, order: tuple[str, str]
) -> None:
    labels = np.array(list(letters))[np.arange(70) % 3]
    columns = {"pixel": np.maximum(IMAGES, 1), "label": labels}
    data = encode_table({name: columns[name] for name in order}, header=False)
    dataset = write_and_load(tmp_path / "a.csv", data)
    np.testing.assert_array_equal(dataset.pixels[..., 0], columns["pixel"])
    assert list_picture_classes(dataset) == labels.tolist()


@pytest.mark.parametrize("header", ["label,{},split", "{},label", ",label,{}", "{}", "id,{},usage"])
@pytest.mark.parametrize("first", [0, 1])
def test_a_header_may_count_the_pixels_and_the_columns_beside_them_may_hold_words(
    tmp_path: Path, header: str, first: int
) -> None:
    words = {"label": "seven", "split": "train", "": "row 1", "id": '"a, b"', "usage": "Public"}
    lines = [header.format(",".join(map(str, range(first, first + 784))))]
    for image in IMAGES:
        cells = words | {"{}": ",".join(map(str, image.flat))}
        lines.append(",".join(cells[name] for name in header.split(",")))
    dataset = write_and_load(tmp_path / "a.csv", "\n".join(lines).encode())
    np.testing.assert_array_equal(dataset.pixels[..., 0], IMAGES)

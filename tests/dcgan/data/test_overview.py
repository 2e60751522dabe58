"""The overview of a data set: mean pictures, counts, and the most similar pictures."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.data import overview
from dcgan.data.datasets import ImageDataset, load_dataset
from dcgan.data.overview import find_similar, summarize_classes


def make_dataset(levels: list[int], labels: list[int] | None, name: str = "mnist") -> ImageDataset:
    """Return pictures of 2 × 2 pixels, each of one grey level."""
    pixels = np.repeat(np.array(levels, np.uint8), 4).reshape(-1, 2, 2, 1)
    if labels is None:
        return ImageDataset(name, pixels, None, "")
    names = tuple(map(str, range(10)))
    return ImageDataset(name, pixels, np.array(labels, np.uint8), "", class_names=names)


def test_each_class_has_its_count_and_mean_picture() -> None:
    found = summarize_classes(make_dataset([10, 20, 200], [1, 1, 7]))
    assert [(summary.name, summary.count) for summary in found] == [("1", 2), ("7", 1)]
    assert found[0].mean.tolist() == [[[15], [15]], [[15], [15]]]
    assert (found[1].mean == 200).all()


def test_pictures_without_labels_have_one_mean() -> None:
    (found,) = summarize_classes(make_dataset([10, 20, 201], None, "own"))
    assert (found.name, found.count, found.mean.shape) == ("", 3, (2, 2, 1))
    assert (found.mean == 77).all()


def test_the_mean_of_many_white_pictures_is_white() -> None:
    (found,) = summarize_classes(make_dataset([255] * 140_000, None))
    assert (found.mean == 255).all()


# In one block, and in blocks of a picture each.
@pytest.mark.parametrize("block_bytes", [2**26, 1])
def test_the_most_similar_pictures_come_first_without_the_picture_itself(
    block_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_BLOCK_BYTES", block_bytes)
    dataset = make_dataset([0, 255, 51, 0, 102], None)
    indices, distances = find_similar(dataset, 0, 3)
    assert indices.tolist() == [3, 2, 4]
    np.testing.assert_allclose(distances, [0, 0.2, 0.4], atol=1e-6)
    assert len(find_similar(dataset, 0, 100)[0]) == 4


def test_mnist_has_the_known_counts() -> None:
    counts = [summary.count for summary in summarize_classes(load_dataset("mnist"))]
    assert counts == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]

"""Names, number and sizes of the classes of own pictures."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from dcgan.data.datasets import load_dataset
from dcgan.pictures.picture_labels import Labels, label_by_values, make_classes
from tests.encoding import encode_npz, encode_picture
from tests.picture_files import list_picture_classes, write_and_load, write_files
from tests.picture_kinds import IMAGES, sort_into


def test_at_most_100_classes_are_learned(tmp_path: Path) -> None:
    images, numbers = np.tile(IMAGES, (5, 1, 1))[:300], np.arange(300)
    most = write_and_load(tmp_path / "a.npz", encode_npz(images=images, labels=numbers % 100))
    assert most.class_names == tuple(map(str, range(100)))
    assert most.summary.startswith(
        "300 pictures read. 100 classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …. "
    )
    more = write_and_load(tmp_path / "b.npz", encode_npz(images=images, labels=numbers))
    assert more.labels is None
    assert more.summary == (
        "300 pictures read. 300 classes found; at most 100 can be learned, so the run learns none."
    )


def test_many_thousand_words_are_refused_without_a_look_at_each_character(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(unicodedata, "category")
    words = np.array([f"{index} e\u0301" for index in range(20_000)])
    labels = label_by_values(words)
    assert isinstance(labels, Labels)
    assert "0 \xe9" in labels.names
    assert make_classes(labels).summary == (
        "20,000 classes found; at most 100 can be learned, so the run learns none."
    )


def test_classes_with_few_pictures_are_named_before_training(tmp_path: Path) -> None:
    words = np.array(["A"] * 54 + ["Q"] * 3 + ["R"] * 8 + ["X"] * 5)
    dataset = write_and_load(tmp_path / "a.npz", encode_npz(images=IMAGES, labels=words))
    assert dataset.summary.endswith("4 classes: A, Q, R, X. Few pictures of: Q (3), X (5).")


def test_names_are_cleaned_and_shortened_and_those_cut_alike_stay_distinct(tmp_path: Path) -> None:
    words = [
        "a\x07b",
        "ab",
        "tab\tand  space",
        "\u202eevil",
        "x" * 50 + "1",
        "x" * 50 + "2",
        "\x01",
    ]
    labels = np.array(words)[np.arange(70) % 7]
    dataset = write_and_load(tmp_path / "a.npz", encode_npz(images=IMAGES, labels=labels))
    assert set(dataset.class_names) == {
        "ab", "tab and space", "evil", "x" * 39 + "…", "x" * 36 + " (2)", "unnamed",
    }  # fmt: skip
    assert dataset.labels is not None
    assert len(set(zip(labels.tolist(), list_picture_classes(dataset), strict=True))) == 7


def test_a_class_folder_with_undecodable_bytes_gets_a_name(tmp_path: Path) -> None:
    for name in (b"caf\xe9", b"\xff"):
        folder = tmp_path / "set" / name.decode("utf-8", "surrogateescape")
        write_files(
            folder, {f"{index}.png": encode_picture(image) for index, image in enumerate(IMAGES)}
        )
    assert set(load_dataset(str(tmp_path / "set")).class_names) == {"caf", "unnamed"}


def test_own_pictures_in_a_folder_called_mnist_are_not_taken_for_the_named_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "mnist", sort_into(["cat/", "dog/"]))
    monkeypatch.chdir(tmp_path)
    assert load_dataset("./mnist").name == "./mnist"


def test_names_without_a_visible_character_are_numbered() -> None:
    labels = Labels(["\u3164", "\u2800\u2800", "\u0301", "a\u0301"], np.array([0, 1, 2, 3]))
    assert sorted(make_classes(labels).names) == ["unnamed", "unnamed (2)", "unnamed (3)", "á"]

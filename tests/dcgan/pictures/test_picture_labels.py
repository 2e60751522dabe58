"""Labels of own pictures: classes by folder or by value, their names, and sets without classes."""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from dcgan.data.datasets import ImageDataset, load_dataset
from dcgan.pictures.picture_labels import label_by_folder, label_by_values, make_classes
from tests.encoding import Array, encode_idx, encode_npy, encode_npz, encode_table
from tests.picture_files import list_picture_classes, write_and_load, write_files
from tests.picture_kinds import GZIPPED_MNIST, IMAGES, KAGGLE_COLUMNS, LABELS, MNIST, sort_into

FAMILY = "\U0001f468\u200d\U0001f467"  # One emoji.
WORDS = np.array(["ä b", "10", "2"])[np.arange(70) % 3]


def load(place: Path, files: Mapping[str, bytes]) -> ImageDataset:
    return load_dataset(str(write_files(place, files)), "as_is")


# Folders.


@pytest.mark.parametrize("place", ["folder", "a.zip"])
@pytest.mark.parametrize("outside", ["", "train/", "a/b/"])
def test_sub_folders_are_classes_in_natural_order(tmp_path: Path, place: str, outside: str) -> None:
    files = sort_into([f"{outside}{name}/" for name in ("10", "2", "Ärger", "猫/deep/deeper")])
    dataset = load(tmp_path / place, files)
    assert dataset.class_names == ("2", "10", "Ärger", "猫")
    assert dataset.summary == "70 pictures read. 4 classes: 2, 10, Ärger, 猫."
    words = [name.removeprefix(outside).split("/")[0] for name in sorted(files)]
    assert list_picture_classes(dataset) == words


def test_labels_change_neither_pixels_nor_fingerprint(tmp_path: Path) -> None:
    files = sort_into(["a/"]) | sort_into(["b/"])
    classes = load(tmp_path / "classes", files)
    one = load(tmp_path / "one", {name.replace("/", ""): data for name, data in files.items()})
    assert classes.fingerprint == one.fingerprint
    assert one.labels is None


@pytest.mark.parametrize("parts", [("train", "test"), ("Training", "VALIDATION")])
def test_parts_of_a_set_are_not_classes(tmp_path: Path, parts: tuple[str, str]) -> None:
    files = sort_into([f"{part}/{name}/" for part in parts for name in ("cat", "dog")])
    assert load(tmp_path / "set", files).class_names == ("cat", "dog")
    flat = load(tmp_path / "flat", sort_into([f"{part}/" for part in parts]))
    assert flat.summary.endswith("No classes: the folders are parts of the set.")


@pytest.mark.parametrize(
    ("folders", "reason"),
    [
        ([""], "all pictures are in one folder"),
        (["cats/"], "all pictures are in one folder"),
        (["train/cats/", "test/cats/"], "all pictures have the same label"),
        (["cats/", "dogs/", ""], "some pictures lie beside the folders"),
        (["cats/", "cats/deep/"], "some pictures lie beside the folders"),
        (["../", "../../"], "all pictures are in one folder"),
    ],
)
def test_a_set_without_class_folders_is_unlabelled(
    tmp_path: Path, folders: list[str], reason: str
) -> None:
    dataset = load(tmp_path / "a.zip", sort_into(folders))
    assert (dataset.labels, dataset.class_names) == (None, ())
    assert dataset.summary == f"70 pictures read. No classes: {reason}."


def test_the_label_of_a_damaged_picture_is_left_out_too(tmp_path: Path) -> None:
    files = sort_into(["a/", "b/", "c/"])
    damaged = sorted(files)[30]
    files[damaged] = files[damaged][:60]
    files["beside.png"] = b"no picture"  # It is left out, so it does not lie beside the folders.
    dataset = load(tmp_path / "set", files)
    assert len(dataset) == 69
    kept = [name for name in sorted(files) if name not in (damaged, "beside.png")]
    assert list_picture_classes(dataset) == [name[0] for name in kept]
    for name, pixels in zip(kept, dataset.pixels, strict=True):
        np.testing.assert_array_equal(pixels[..., 0], IMAGES[int(name[2:4])])


def test_a_folder_without_a_usable_picture_is_not_a_class(tmp_path: Path) -> None:
    files = {**sort_into(["a/", "b/"]), "c/1.png": b"no picture"}
    assert load(tmp_path / "set", files).class_names == ("a", "b")


def test_pictures_in_arrays_of_their_own_have_classes_by_folder(tmp_path: Path) -> None:
    files = {
        f"{'ab'[index % 2]}/{index}.npy": encode_npy(image) for index, image in enumerate(IMAGES)
    }
    assert load(tmp_path / "set", files).class_names == ("a", "b")


# Values.


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("x_train", "y_train"),
        ("images", "labels"),
        ("x", "y"),
        ("train_images", "train_labels"),
        ("pics", "y_train"),
        ("arr_0", "labels"),
        ("arr_0", "arr_1"),
        ("images", "targets"),
        ("images", "class_ids"),
    ],
)
def test_an_npz_has_labels_beside_its_images(tmp_path: Path, images: str, labels: str) -> None:
    dataset = write_and_load(tmp_path / "a.npz", encode_npz(**{images: IMAGES, labels: LABELS * 5}))
    assert dataset.class_names == tuple(str(5 * digit) for digit in range(1, 10))
    assert list_picture_classes(dataset) == [str(5 * label) for label in LABELS]


def test_the_labels_that_fit_the_name_of_the_images_come_first(tmp_path: Path) -> None:
    data = encode_npz(x_train=IMAGES, labels=LABELS[:9], y_train=LABELS)
    assert list_picture_classes(write_and_load(tmp_path / "a.npz", data)) == list(map(str, LABELS))


def test_the_note_says_which_names_an_array_of_labels_may_have(tmp_path: Path) -> None:
    note = write_and_load(tmp_path / "a.npz", encode_npz(images=IMAGES, foo=LABELS)).summary
    assert note.endswith(
        "No classes: there are no labels beside the pictures by a name such as labels or y."
    )


def test_the_note_says_that_a_table_beside_picture_files_is_not_read(tmp_path: Path) -> None:
    beside = {"labels.csv": b"file,label\n0.png,cat\n"}
    assert load(tmp_path / "flat", sort_into([""]) | beside).summary.endswith(
        "No classes: all pictures are in one folder; a table or array beside picture files is not "
        "read."
    )
    classes = load(tmp_path / "classes", sort_into(["a/", "b/"]) | beside)
    assert classes.summary.endswith("2 classes: a, b.")


@pytest.mark.parametrize(
    "labels",
    [
        WORDS,
        WORDS[:, np.newaxis],
        np.array([word.encode() for word in WORDS]),
    ],
)
def test_labels_may_be_words(tmp_path: Path, labels: Array) -> None:
    dataset = write_and_load(tmp_path / "a.npz", encode_npz(images=IMAGES, labels=labels))
    assert dataset.class_names == ("2", "10", "ä b")
    assert list_picture_classes(dataset) == list(WORDS)


@pytest.mark.parametrize("kind", [np.int8, ">i4", np.uint64, np.float16, np.float64])
def test_labels_may_be_whole_numbers_of_any_type(tmp_path: Path, kind: str) -> None:
    dataset = write_and_load(
        tmp_path / "a.npz", encode_npz(images=IMAGES, labels=LABELS.astype(kind))
    )
    assert list_picture_classes(dataset) == list(map(str, LABELS))


@pytest.mark.parametrize("place", ["folder", "a.zip"])
@pytest.mark.parametrize(
    "files",
    [
        MNIST,
        GZIPPED_MNIST,
        {**MNIST, **GZIPPED_MNIST},
        {f"deep/{name}": data for name, data in MNIST.items()},
        {
            "train-images.idx3-ubyte": encode_idx(IMAGES),
            "train-labels.idx1-ubyte.gz": gzip.compress(encode_idx(LABELS)),
        },
        {
            "x_train.npy": encode_npy(IMAGES),
            "y_train.npy": encode_npy(LABELS),
            "y_test.npy": encode_npy(LABELS),
        },
        {
            name: data
            for part in (0, 1)
            for name, data in (
                (f"images-{part}.npy", encode_npy(IMAGES[35 * part : 35 * part + 35])),
                (f"labels-{part}.npy", encode_npy(LABELS[35 * part : 35 * part + 35])),
            )
        },
    ],
)
def test_labels_are_read_from_the_file_beside_the_images_in_a_folder_or_zip(
    tmp_path: Path, place: str, files: Mapping[str, bytes]
) -> None:
    assert list_picture_classes(load(tmp_path / place, files)) == list(map(str, LABELS))


@pytest.mark.parametrize("files", [MNIST, GZIPPED_MNIST])
def test_the_labels_beside_a_single_idx_file_are_read(
    tmp_path: Path, files: Mapping[str, bytes]
) -> None:
    folder = write_files(tmp_path / "mnist", files)
    name = next(name for name in files if "train-images" in name)
    assert list_picture_classes(load_dataset(str(folder / name))) == list(map(str, LABELS))


@pytest.mark.parametrize(
    "data",
    [
        encode_table(KAGGLE_COLUMNS),
        encode_table(KAGGLE_COLUMNS, header=False),
        encode_table({"pixel": IMAGES, "class": LABELS}),
        encode_table({"pixel": IMAGES, "class": LABELS}, header=False),
        encode_table({"id": np.arange(70), "letter": LABELS, "pixel": IMAGES}, separator=";"),
        encode_table({"label": LABELS.astype(float), "pixel": IMAGES}),
    ],
)
def test_the_label_of_a_table_is_its_first_or_last_column(tmp_path: Path, data: bytes) -> None:
    assert list_picture_classes(write_and_load(tmp_path / "a.csv", data)) == list(map(str, LABELS))


def test_the_labels_of_a_table_may_be_words(tmp_path: Path) -> None:
    dataset = write_and_load(tmp_path / "a.csv", encode_table({"label": WORDS, "pixel": IMAGES}))
    np.testing.assert_array_equal(dataset.pixels[..., 0], IMAGES)
    assert list_picture_classes(dataset) == list(WORDS)


def test_the_parts_of_a_table_have_one_set_of_classes(tmp_path: Path) -> None:
    lines = encode_table(KAGGLE_COLUMNS).split(b"\r\n")
    files = {f"{part}.csv": b"\n".join([lines[0], *lines[1 + part :: 2]]) for part in (0, 1)}
    assert list_picture_classes(load(tmp_path / "set", files)) == [
        str(label) for part in (0, 1) for label in LABELS[part::2]
    ]


# Labels that cannot be learned.


def test_pictures_are_read_without_labels_if_the_array_of_labels_is_damaged(
    tmp_path: Path,
) -> None:
    file = write_files(
        tmp_path / "a.zip", {"images.npy": encode_npy(IMAGES), "labels.npy": encode_npy(LABELS)}
    )
    file = file.rename(tmp_path / "a.npz")
    with zipfile.ZipFile(file) as archive:
        offset = archive.getinfo("labels.npy").header_offset
    data = bytearray(file.read_bytes())
    data[offset + 60] ^= 0xFF
    dataset = write_and_load(tmp_path / "b.npz", bytes(data))
    assert dataset.labels is None
    assert dataset.summary.endswith("No classes: the labels beside the pictures cannot be read.")
    np.testing.assert_array_equal(dataset.pixels[..., 0], IMAGES)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (LABELS[:60], "there are 60 labels for 70 pictures"),
        (np.eye(10)[LABELS], r"the shape \(70, 10\) instead of one for each picture"),
        (np.where(LABELS > 3, np.nan, 1), "some labels are NaN or infinite"),
        (LABELS.astype(float) * np.inf, "some labels are NaN or infinite"),
        (LABELS.astype(np.int8) - 2, "some labels are negative"),
        (LABELS / 2, "some labels are not whole numbers"),
        (np.where(LABELS > 3, "a", ""), "some labels are missing"),
        (np.ones(70), "all pictures have the same label"),
        (np.array([None] * 70), r"Python objects \(pickle\), which are never opened"),
        (LABELS.astype(complex), "neither whole numbers nor words"),
        (np.zeros(70, "U1000000"), "the labels are too large"),
        (np.full(70, 0x110000, "<u4").view("<U1"), "cannot be read"),
        (np.full(70, 0x110000, ">u4").view(">U1"), "cannot be read"),
        (np.zeros(70, "U0"), "some labels are missing"),
        (np.uint8(3), "instead of one for each picture"),
    ],
)
def test_labels_that_cannot_be_learned_are_explained_in_the_note(
    tmp_path: Path, labels: Array, reason: str
) -> None:
    np.savez_compressed(tmp_path / "a.npz", images=IMAGES, labels=labels)
    dataset = load_dataset(str(tmp_path / "a.npz"), "as_is")
    assert (dataset.labels, dataset.class_names) == (None, ())
    assert dataset.summary.startswith("70 pictures read. No classes: ")
    assert re.search(reason, dataset.summary)


@pytest.mark.parametrize(
    "labels", [encode_idx(LABELS)[:40], encode_idx(LABELS[:50]), b"", b"\0\0\x08\x01"]
)
def test_pictures_are_read_without_labels_if_the_file_of_labels_is_wrong(
    tmp_path: Path, labels: bytes
) -> None:
    files = {"train-images-idx3-ubyte": encode_idx(IMAGES), "train-labels-idx1-ubyte": labels}
    dataset = load(tmp_path / "set", files)
    assert (dataset.labels, len(dataset)) == (None, 70)
    assert "No classes: the" in dataset.summary


@pytest.mark.parametrize(
    ("word", "reason"),
    [("", "missing"), ("nan", "NaN or infinite"), ("-3", "negative"), ("2.5", "not whole numbers")],
)
def test_a_table_with_a_wrong_label_has_no_classes(tmp_path: Path, word: str, reason: str) -> None:
    words = np.where(np.arange(70) == 30, word, np.array(["1", "2"])[np.arange(70) % 2])
    dataset = write_and_load(tmp_path / "a.csv", encode_table({"label": words, "pixel": IMAGES}))
    assert dataset.summary == f"70 pictures read. No classes: some labels are {reason}."


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["1000", "1e3", "2"], ("1e3", "2", "1000")),
        (["1", "01", "1.0", "2"], ("1", "2")),
        (["nan", "cat"], ("cat", "nan")),
        (["inf", "-1", "0.5", "x"], ("-1", "0.5", "inf", "x")),
        (["cat\u200b", "\ufeffcat", "\xa0cat ", "\u200fdog", "d\x07og"], ("cat", "dog")),
        (["e\u0301", "\xe9", "e"], ("e", "\xe9")),
        (
            ["\U0001f468\u200d\U0001f467", "\U0001f468"],
            ("\U0001f468", "\U0001f468\u200d\U0001f467"),
        ),
    ],
)
def test_words_that_look_the_same_are_one_class(
    words: list[str], expected: tuple[str, ...]
) -> None:
    classes = make_classes(label_by_values(np.array(words)))
    assert sorted(classes.names) == sorted(expected)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["1", "nan"], "NaN or infinite"),
        (["1", "-1"], "negative"),
        (["1", "1.5"], "not whole numbers"),
        (["cat", "\xa0"], "missing"),
    ],
)
def test_words_that_cannot_be_labels_are_refused(words: list[str], reason: str) -> None:
    assert reason in str(label_by_values(np.array(words)))


def test_folders_that_look_the_same_are_one_class() -> None:
    labels = label_by_folder(["a/1.png", "a\u200b/2.png", "b/3.png"])
    assert make_classes(labels).names == ("a", "b")

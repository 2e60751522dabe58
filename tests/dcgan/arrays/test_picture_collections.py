"""Folders and ZIP archives of mixed files: the choice of the pictures, and advice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dcgan.arrays import picture_arrays
from dcgan.arrays.array_files import ArrayFile
from dcgan.data.datasets import load_dataset
from dcgan.errors import DatasetError
from dcgan.pictures.members import FileMember
from tests.encoding import encode_npy, encode_npz, encode_picture, encode_table
from tests.picture_files import load_pixels, write_files
from tests.picture_kinds import GZIPPED_MNIST, IMAGES, KAGGLE_COLUMNS, LABELS, MNIST, encode_images

CHANNELS_FIRST = np.stack([IMAGES] * 3, axis=1)


@pytest.mark.parametrize("place", ["folder", "a.zip"])
@pytest.mark.parametrize(
    ("files", "note"),
    [
        (encode_images("", encode_picture), ""),
        (encode_images(".jpg_large", lambda image: encode_picture(image, "BMP")), ""),
        (MNIST, ", 2 left out (2 other arrays or tables), from train-images-idx3-ubyte"),
        (GZIPPED_MNIST, ", 2 left out (2 other arrays or tables), from train-images-idx3-ubyte.gz"),
        (
            {**MNIST, **GZIPPED_MNIST},
            ", 2 left out (2 other arrays or tables), from train-images-idx3-ubyte",
        ),
        (
            {
                "train.csv": encode_table(KAGGLE_COLUMNS),
                "test.csv": encode_table({"pixel": IMAGES}),
                "sample.csv": b"a",
            },
            ", 2 left out (2 other arrays or tables), from train.csv",
        ),
        (
            {
                "x_train.npy": encode_npy(IMAGES),
                "y_train.npy": encode_npy(LABELS),
                "x_test.npy": encode_npy(IMAGES),
            },
            ", 1 left out (1 other arrays or tables), from x_train.npy",
        ),
        (encode_images(".npy", encode_npy), ""),
        (encode_images(".npy", lambda image: encode_npy(np.stack([image] * 3))), ""),
        (
            {
                **encode_images(".npy", encode_npy),
                "kernels.npy": encode_npy(np.zeros((5, 5, 1, 64))),
            },
            ", 1 left out (1 other arrays or tables)",
        ),
        (
            encode_images(
                ".npy", lambda image: encode_npy(image[..., None].astype(np.float32) / 255)
            ),
            "",
        ),
        ({f"{row}/part.npy": encode_npy(IMAGES[7 * row : 7 * row + 7]) for row in range(10)}, ""),
        (
            {"x.npy": encode_npy(IMAGES), "preview.png": encode_picture(IMAGES[0])},
            ", 1 left out (1 pictures beside the arrays)",
        ),
        (
            {
                **encode_images(".png", encode_picture),
                "labels.csv": b"a,b",
                "x.npy": encode_npy(IMAGES),
            },
            ", 2 left out (2 other arrays or tables)",
        ),
        (
            {
                **encode_images(".png", encode_picture),
                **encode_images(".svg", lambda _: b"<svg>"),
                "a.heic": b"",
                "b": b"\0\0\0\x18ftypheic",
                "readme.md": b"# Pictures",
            },
            ", 73 left out (2 HEIC, 70 SVG, 1 not a picture)",
        ),
        (
            {
                **encode_images(".png", encode_picture),
                **{
                    f"{place}/a.png": encode_picture(IMAGES[0])
                    for place in (".git", "__MACOSX", "@eaDir")
                },
                ".ipynb_checkpoints/a-checkpoint.png": encode_picture(IMAGES[0]),
                "._00.png": b"twin",
                "Thumbs.db": b"",
            },
            "",
        ),
    ],
)
def test_a_folder_and_a_zip_give_the_same_pictures(
    tmp_path: Path, place: str, files: Mapping[str, bytes], note: str
) -> None:
    path = write_files(tmp_path / place, files)
    np.testing.assert_array_equal(load_pixels(path), IMAGES)
    assert load_dataset(str(path)).summary.startswith(f"70 pictures read{note}. ")


def test_avif_is_read(tmp_path: Path) -> None:
    flat = [np.full((32, 32), 3 * row, np.uint8) for row in range(64)]
    files = {f"{row:02}.avif": encode_picture(image, "AVIF") for row, image in enumerate(flat)}
    shades = load_pixels(write_files(tmp_path, files))[:, 5, 5].astype(int)
    np.testing.assert_allclose(shades, 3 * np.arange(64), atol=3)


def test_only_the_first_frame_of_each_file_is_read_and_the_note_says_so(tmp_path: Path) -> None:
    frames = [Image.fromarray(image) for image in IMAGES]
    for index, frame in enumerate(frames):
        others = [] if index > 9 else frames[:2]
        frame.save(tmp_path / f"{index:02}.gif", save_all=True, append_images=others)
    np.testing.assert_array_equal(load_pixels(tmp_path), IMAGES)
    note = load_dataset(str(tmp_path)).summary
    assert note.startswith("70 pictures read, only the first frame or page of 10 of them.")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({f"{row}.heic": b"" for row in range(70)}, r"\(70 HEIC\).*convert the pictures to JPEG"),
        ({f"{row}.svg": b"" for row in range(70)}, r"\(70 SVG\).*export the drawings as PNG"),
        ({"a.tfrecord": b""}, r"\(1 TFRecord\).*as PNG files"),
        ({".cache/a.png": encode_picture(IMAGES[0])}, "hidden files and folders .* are skipped"),
        ({"inner.npz": encode_npz(images=IMAGES)}, "or the path of one .zip or .npz itself"),
        (
            {f"{row}.png": encode_picture(IMAGES[row, 9:10, 9:10]) for row in range(70)},
            r"\(70 smaller than 4 pixels\).*add pictures of at least 4 × 4 pixels",
        ),
        (
            {
                **{f"{row}.png": encode_picture(IMAGES[row]) for row in range(10)},
                "labels.csv": b"file,label\na,b",
                "labels.npy": encode_npy(np.eye(10)),
            },
            r"holds 10 usable pictures, 2 left out .*: add more pictures",
        ),
        ({"cat.npy": encode_npy(IMAGES.reshape(70, 784))}, r"images\.reshape\(-1, 28, 28\)"),
        (
            {
                "cat.npy": encode_npy(IMAGES.reshape(70, 784)),
                "dog.npy": encode_npy(IMAGES[1:].reshape(69, 784)),
            },
            r"images\.reshape\(-1, 28, 28\)",
        ),
        (
            {
                "x.npy": encode_npy(CHANNELS_FIRST),
                "labels.npy": encode_npy(np.eye(70)),
                "a.png": encode_picture(IMAGES[0]),
            },
            r"'x\.npy' in '.*folder' is uint8 of shape \(70, 3, 28, 28\); .*np\.moveaxis",
        ),
        (
            {f"{row}.npy": encode_npy(CHANNELS_FIRST[row : row + 7]) for row in range(0, 70, 7)},
            r"np\.moveaxis\(images, 1, -1\)",
        ),
        (
            {"films.npy": encode_npy(IMAGES.reshape(7, 10, 28, 28, 1))},
            r"\(7, 10, 28, 28, 1\); expected",
        ),
        (
            {"a.npy": encode_npy(IMAGES), "b.npy": encode_npy(IMAGES[:, :20])},
            r"holds 2 arrays that could be pictures \(a\.npy: \(70, 28, 28\); b\.npy",
        ),
    ],
)
def test_a_folder_without_enough_pictures_is_refused_with_advice(
    tmp_path: Path, files: Mapping[str, bytes], message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        load_dataset(str(write_files(tmp_path / "folder", files)))


def test_the_time_for_many_arrays_grows_with_their_number_and_not_its_square() -> None:
    num = 20_000
    members = [FileMember(f"{place}.npy", f"{place}.npy") for place in range(num)]
    found = [ArrayFile(each, each.name, "npy", (28, 28), np.dtype(np.uint8)) for each in members]
    started = time.process_time()
    assert len(picture_arrays._drop_gzipped_copies(members)) == num
    named = picture_arrays._map_by_name(members)
    assert not any(picture_arrays._find_labels(each, named) for each in found)
    # It takes 0.2 s. With a loop over all files for each file, it takes a minute.
    assert time.process_time() - started < 5

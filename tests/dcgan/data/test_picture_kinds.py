"""The kinds of files that people keep pictures in: read, or named with the way out."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dcgan.data import picture_arrays
from dcgan.data.datasets import load_dataset
from dcgan.data.own_pictures import stamp
from dcgan.errors import DatasetError

Array = np.ndarray[Any, Any]

IMAGES = np.random.default_rng(0).integers(0, 256, (70, 28, 28)).astype(np.uint8)
IMAGES[:, 0, 0] = 0  # A corner, as MNIST has it.
LABELS = np.arange(70).astype(np.uint8) % 9 + 1


def as_is(path: Path) -> Array:
    """Load own pictures uninverted, as (num_images, 28, 28)."""
    return load_dataset(str(path), "as_is").pixels[..., 0]


def npy(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def npz(**arrays: Array) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def idx(array: Array, code: int = 8) -> bytes:
    """Write an array as an IDX file: its mark, its axes, then numbers with the high byte first."""
    return struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape) + array.tobytes()


def table(columns: Mapping[str, Array], header: bool = True, separator: str = ",") -> bytes:
    """Write flat arrays beside each other as a table."""
    values = np.concatenate([np.reshape(each, (70, -1)) for each in columns.values()], axis=1)
    names = [
        name if np.ndim(each) == 1 else f"{name}{index}"
        for name, each in columns.items()
        for index in range(np.reshape(each, (70, -1)).shape[1])
    ]
    lines = [separator.join(names)] if header else []
    lines += [separator.join(map(str, row)) for row in values]
    return "\r\n".join(lines).encode()


def picture(image: Array, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind)
    return buffer.getvalue()


def pictures(suffix: str, make: Callable[[Array], bytes]) -> dict[str, bytes]:
    return {f"{index:02}{suffix}": make(image) for index, image in enumerate(IMAGES)}


def put(place: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a folder, or, where its name ends so, into a .zip."""
    if place.suffix == ".zip":
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return place
    for name, data in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    return place


MNIST = {
    "train-images-idx3-ubyte": idx(IMAGES),
    "train-labels-idx1-ubyte": idx(LABELS),
    "t10k-images-idx3-ubyte": idx(IMAGES[:66]),
    "t10k-labels-idx1-ubyte": idx(LABELS[:66]),
}
PACKED_MNIST = {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in MNIST.items()}
KAGGLE = {"label": LABELS, "pixel": IMAGES}


# One file.


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.npy", npy(IMAGES)),
        ("a.npy", npy(np.asfortranarray(IMAGES))),
        ("a.npy", npy(IMAGES[..., None])),
        ("without", npy(IMAGES)),
        ("a.npy.gz", gzip.compress(npy(IMAGES), mtime=0)),
        ("train-images-idx3-ubyte", MNIST["train-images-idx3-ubyte"]),
        ("train-images.idx3-ubyte", MNIST["train-images-idx3-ubyte"]),
        ("train-images-idx3-ubyte.gz", PACKED_MNIST["train-images-idx3-ubyte.gz"]),
        ("a.idx", idx((IMAGES / 255).astype(">f4"), 13)),
        ("a.idx", idx(IMAGES.astype(">i4"), 12)),
        ("train.csv", table(KAGGLE)),
        ("test.csv", table({"pixel": IMAGES})),
        ("mnist_train.csv", table(KAGGLE, header=False)),
        ("mnist_784.csv", table({"pixel": IMAGES, "class": LABELS})),
        ("last.csv", table({"pixel": IMAGES, "class": LABELS}, header=False)),
        ("indexed.csv", table({"": LABELS, "label": LABELS, "x": IMAGES})),
        ("a.csv", table(KAGGLE, separator=";")),
        ("a.tsv", b"\xef\xbb\xbf" + table(KAGGLE, separator="\t")),
        ("a.csv.gz", gzip.compress(table(KAGGLE), mtime=0)),
        ("a.npz", npz(train_images=IMAGES, train_labels=LABELS, test_images=IMAGES[:66])),
        ("a.npz", npz(arr_0=LABELS, arr_1=IMAGES)),
        ("a.npz", npz(pics=IMAGES, turns=np.zeros((70, 3, 3)), z=np.zeros((70, 64)))),
        ("a.npz", npz(my_train=IMAGES, my_test=IMAGES[:66])),
        ("a.npz", npz(pics=IMAGES, names=np.array([None] * 70))),
    ],
)
def test_a_file_of_pictures_comes_back_pixel_for_pixel(
    tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    np.testing.assert_array_equal(as_is(tmp_path / name), IMAGES)


@pytest.mark.parametrize("kind", ["gif", "tiff", "webp", "png"])
def test_a_single_file_gives_all_its_frames(tmp_path: Path, kind: str) -> None:
    frames = [Image.fromarray(image) for image in IMAGES]
    file = tmp_path / f"stack.{kind}"
    frames[0].save(file, save_all=True, append_images=frames[1:], lossless=True)
    np.testing.assert_array_equal(as_is(file), IMAGES)
    assert load_dataset(str(file)).note == "70 pictures read, the frames or pages of one file."


def test_pages_of_12_bits_get_one_scale(tmp_path: Path) -> None:
    pages = [Image.fromarray(image.astype(np.uint16) * 16 + 15) for image in IMAGES]
    pages[0].save(tmp_path / "stack.tif", save_all=True, append_images=pages[1:])
    expected = np.rint((IMAGES * 16.0 + 15) * 255 / 4095)
    np.testing.assert_array_equal(as_is(tmp_path / "stack.tif"), expected)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.npy", npy(np.array([None] * 70)), r"holds Python objects \(pickle\), which are never"),
        ("a.npy", npy(IMAGES)[:9000], "cut short .*its header promises more than it holds"),
        ("a.npy", b"", "is empty"),
        ("a.npy", npy(IMAGES.reshape(70, 784)), r"use reshape for flat .*reshape\(-1, 28, 28\)"),
        ("labels-idx1-ubyte", idx(LABELS), "one number for each picture, such as their labels"),
        ("a.idx", idx(IMAGES)[:9000], "its header promises more than it holds"),
        ("a.idx", b"\0\0\x08\x03\0\0", "damaged or cut short"),
        ("a.idx", struct.pack(">HBB3I", 0, 8, 3, 900_000, 28, 28), "promises more than it holds"),
        ("a.idx", struct.pack(">HBB3I", 0, 14, 3, 2**31, 2**31, 2**31), "give fewer"),
        ("a.gz", PACKED_MNIST["train-images-idx3-ubyte.gz"][:-90], "damaged or cut short"),
        (
            "a.gz",
            gzip.compress(MNIST["train-images-idx3-ubyte"][:900], mtime=0),
            "promises more than",
        ),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"file,label\na.png,1\n", "Where the table names files, give the folder"),
        ("a.csv", table(KAGGLE) + b"\n1,2,3\n", "damaged between its rows 1 and 71"),
        ("a.csv", table(KAGGLE).replace(b",7,", b",x,"), "expected 785 numbers in each row"),
        ("a.csv", b"1," * 2**20, "a line of more than 1,048,576 characters"),
        ("a.csv", table({"pixel": IMAGES}).split(b"\r\n", 9)[0], "holds no usable pictures"),
        ("a.csv.gz", gzip.compress(bytes(2**24), mtime=0), "a line of more than"),
        ("few.gif", picture(IMAGES[0], "GIF"), "is one picture; .* pack them into a .zip"),
        ("a.bmp", picture(IMAGES[0], "BMP"), "is one picture"),
        ("a.tif", b"II*\0", "is not a picture"),
        ("a.mat", b"MATLAB 5.0 MAT-file", r"a MATLAB file.*scipy\.io\.loadmat"),
        ("a.mat", b"\0\0\0\0", "a MATLAB file"),
        ("a.pkl", pickle.dumps(IMAGES), "never opened, as it can run code"),
        ("data_batch_1", pickle.dumps({"data": [0]}, 2), "never opened, as it can run code"),
        ("a.pt", b"PK\3\4", r"a PyTorch file.*\.numpy\(\)"),
        ("a.h5", b"\x89HDF\r\n\x1a\n", "an HDF5 file.*h5py"),
        ("a.parquet", b"PAR1", "a Parquet file"),
        ("a.tfrecord", b"", "a TFRecord file"),
        ("a.tar.gz", gzip.compress(b"", mtime=0), "unpack it and give the folder"),
        (
            "a",
            gzip.compress(bytes(257) + b"ustar" + bytes(250), mtime=0),
            "unpack it and give the folder",
        ),
        ("a.rar", b"Rar!\x1a\x07\0", "an archive other than .zip"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "an archive other than .zip"),
        ("a.pdf", b"%PDF-1.7", "a PDF file.*pdftoppm"),
        ("a.psd", b"8BPS", "a design file"),
        ("a.ico", b"\0\0\1\0\1\0", "a picture of a rare format.*convert the pictures to PNG"),
        ("a.raw", b"bytes", r"bare bytes.*np\.fromfile"),
        ("a.nef", b"II*\0", "a raw camera file"),
        ("a.heic", b"", "a HEIC picture.*to JPEG"),
        ("photo", b"\0\0\0\x18ftypheic", "a HEIC picture"),
        ("a.svg", b"", "an SVG drawing.*PNG"),
        ("drawing", b'<?xml version="1.0"?>\n<svg xmlns="">', "an SVG drawing"),
        ("a.mp4", b"", "a film.*frames"),
        ("a.xlsx", b"PK\3\4", r"a spreadsheet.*\.csv"),
        ("a.dcm", b"", "a medical image"),
        ("a.zzz", b"zzz", "of no kind that is read"),
    ],
)
def test_a_file_that_is_not_read_is_named_with_the_way_out(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DatasetError, match=f"^dataset: .*{message}"):
        load_dataset(str(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("MNIST", "did you mean mnist?"),
        ("fashion-mnist", "did you mean fashion_mnist?"),
        ("https://example.org/a.zip", "not an address: download them first"),
        ("'pictures'", "without quotes around it"),
    ],
)
def test_a_name_that_is_nearly_right_gets_a_hint(name: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        load_dataset(name)


def test_tables_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_arrays, "MAX_ARRAY_BYTES", 2 * 69 * 784)
    (tmp_path / "a.csv").write_bytes(table(KAGGLE))
    with pytest.raises(DatasetError, match="holds too many pictures"):
        load_dataset(str(tmp_path / "a.csv"))


# Folders and archives.


@pytest.mark.parametrize("place", ["folder", "a.zip"])
@pytest.mark.parametrize(
    ("files", "note"),
    [
        (pictures("", picture), ""),
        (pictures(".jpg_large", lambda image: picture(image, "BMP")), ""),
        (MNIST, ", 3 left out (3 other arrays or tables), from train-images-idx3-ubyte"),
        (PACKED_MNIST, ", 3 left out (3 other arrays or tables), from train-images-idx3-ubyte.gz"),
        (
            {**MNIST, **PACKED_MNIST},
            ", 3 left out (3 other arrays or tables), from train-images-idx3-ubyte",
        ),
        (
            {"train.csv": table(KAGGLE), "test.csv": table({"pixel": IMAGES}), "sample.csv": b"a"},
            ", 2 left out (2 other arrays or tables), from train.csv",
        ),
        (
            {"x_train.npy": npy(IMAGES), "y_train.npy": npy(LABELS), "x_test.npy": npy(IMAGES)},
            ", 2 left out (2 other arrays or tables), from x_train.npy",
        ),
        (pictures(".npy", npy), ""),
        (pictures(".npy", lambda image: npy(np.stack([image] * 3))), ""),
        (pictures(".npy", lambda image: npy(image[..., None].astype(np.float32) / 255)), ""),
        ({f"{row}/part.npy": npy(IMAGES[7 * row : 7 * row + 7]) for row in range(10)}, ""),
        (
            {"x.npy": npy(IMAGES), "preview.png": picture(IMAGES[0])},
            ", 1 left out (1 pictures beside the arrays)",
        ),
        (
            {**pictures(".png", picture), "labels.csv": b"a,b", "x.npy": npy(IMAGES)},
            ", 2 left out (2 other arrays or tables)",
        ),
        (
            {
                **pictures(".png", picture),
                **pictures(".svg", lambda _: b"<svg>"),
                "a.heic": b"",
                "b": b"\0\0\0\x18ftypheic",
                "readme.md": b"# Pictures",
            },
            ", 73 left out (2 HEIC, 70 SVG, 1 not a picture)",
        ),
        (
            {
                **pictures(".png", picture),
                **{
                    f"{place}/a.png": picture(IMAGES[0]) for place in (".git", "__MACOSX", "@eaDir")
                },
                ".ipynb_checkpoints/a-checkpoint.png": picture(IMAGES[0]),
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
    path = put(tmp_path / place, files)
    np.testing.assert_array_equal(as_is(path), IMAGES)
    assert load_dataset(str(path)).note == f"70 pictures read{note}."


def test_avif_is_read(tmp_path: Path) -> None:
    flat = [np.full((32, 32), 3 * row, np.uint8) for row in range(64)]
    files = {f"{row:02}.avif": picture(image, "AVIF") for row, image in enumerate(flat)}
    shades = as_is(put(tmp_path, files))[:, 5, 5].astype(int)
    np.testing.assert_allclose(shades, 3 * np.arange(64), atol=3)


def test_of_files_with_frames_the_first_is_read_and_that_is_reported(tmp_path: Path) -> None:
    frames = [Image.fromarray(image) for image in IMAGES]
    for index, frame in enumerate(frames):
        others = [] if index > 9 else frames[:2]
        frame.save(tmp_path / f"{index:02}.gif", save_all=True, append_images=others)
    np.testing.assert_array_equal(as_is(tmp_path), IMAGES)
    note = load_dataset(str(tmp_path)).note
    assert note == "70 pictures read, only the first frame or page of 10 of them."


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({f"{row}.heic": b"" for row in range(70)}, r"\(70 HEIC\).*convert the pictures to JPEG"),
        ({f"{row}.svg": b"" for row in range(70)}, r"\(70 SVG\).*export the drawings as PNG"),
        ({"a.tfrecord": b""}, r"\(1 TFRecord\).*as PNG files"),
        ({".cache/a.png": picture(IMAGES[0])}, "hidden files and folders .* are skipped"),
        ({"inner.npz": npz(images=IMAGES)}, "or the path of one .zip or .npz itself"),
        (
            {
                **{f"{row}.png": picture(IMAGES[row]) for row in range(10)},
                "labels.csv": b"file,label\na,b",
                "labels.npy": npy(np.eye(10)),
            },
            r"holds 10 usable pictures, 2 left out .*: add more pictures",
        ),
        ({"cat.npy": npy(IMAGES.reshape(70, 784))}, r"images\.reshape\(-1, 28, 28\)"),
        (
            {"cat.npy": npy(IMAGES.reshape(70, 784)), "dog.npy": npy(IMAGES[1:].reshape(69, 784))},
            r"images\.reshape\(-1, 28, 28\)",
        ),
        (
            {"a.npy": npy(IMAGES), "b.npy": npy(IMAGES[:, :20])},
            r"holds 2 arrays that could be pictures \(a\.npy: \(70, 28, 28\); b\.npy",
        ),
    ],
)
def test_a_folder_without_enough_pictures_is_told_the_way_out(
    tmp_path: Path, files: Mapping[str, bytes], message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        load_dataset(str(put(tmp_path / "folder", files)))


# What was read, and whether it has changed.


def alter_unseen(file: Path) -> None:
    """Change a file but neither its size nor its age."""
    before = file.stat()
    file.write_bytes(bytes(before.st_size))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "in" / "3.png").write_bytes(b"other"),
        lambda folder: alter_unseen(folder / "in" / "3.png"),
        lambda folder: (folder / "in" / "3.png").unlink(),
        lambda folder: (folder / "in" / "3.png").rename(folder / "in" / "4.png"),
        lambda folder: (folder / "in" / "3.png").rename(folder / "3.png"),
        lambda folder: (folder / "in" / "deep" / "x.txt").write_bytes(b""),
        lambda folder: (folder / "in").rename(folder / "out"),
        lambda folder: (folder / "other.png").replace(folder / "in" / "3.png"),
    ],
)
def test_the_stamp_changes_with_any_file_below_a_folder(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    put(tmp_path, {"in/3.png": b"png", "in/deep/5.png": b"png", "other.png": b"png"})
    first = stamp(str(tmp_path))
    assert stamp(str(tmp_path)) == first != ""
    change(tmp_path)
    assert stamp(str(tmp_path)) != first


def test_the_stamp_of_a_file_changes_with_it_and_nothing_has_none(tmp_path: Path) -> None:
    put(tmp_path, {"a.npz": b"npz"})
    first = stamp(str(tmp_path / "a.npz"))
    alter_unseen(tmp_path / "a.npz")
    assert stamp(str(tmp_path / "a.npz")) != first
    assert [stamp(name) for name in ("/not/there", "no\0path", "x" * 5000)] == [""] * 3


def test_a_few_of_the_files_left_out_are_named(tmp_path: Path) -> None:
    files = pictures(".jpg", lambda image: picture(image, "JPEG"))
    cut = {f"{row}-cut.jpg": picture(IMAGES[row], "JPEG")[:-300] for row in range(8)}
    dataset = load_dataset(
        str(put(tmp_path, {**files, **cut, "in/read\nme.txt": b"", "b.pdf": b""}))
    )
    assert dataset.left_out == {"PDF": 1, "damaged": 8, "not a picture": 1}
    assert dataset.note == "70 pictures read, 10 left out (1 PDF, 8 damaged, 1 not a picture)."
    assert len(dataset.examples) == 3
    assert "b.pdf (PDF)" in dataset.describe()
    assert "0-cut.jpg (damaged: image file is truncated" in dataset.describe()
    assert dataset.describe().endswith(" and 7 more.")
    assert "\n" not in dataset.describe()

"""Files of each kind are read, or refused with their kind and advice."""

from __future__ import annotations

import gzip
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dcgan.arrays import array_files
from dcgan.data.datasets import load_dataset
from dcgan.errors import DatasetError
from tests.encoding import encode_idx, encode_npy, encode_npz, encode_picture, encode_table
from tests.picture_files import load_pixels
from tests.picture_kinds import GZIPPED_MNIST, IMAGES, KAGGLE_COLUMNS, LABELS, MNIST


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.npy", encode_npy(IMAGES)),
        ("a.npy", encode_npy(np.asfortranarray(IMAGES))),
        ("a.npy", encode_npy(IMAGES[..., None])),
        ("without", encode_npy(IMAGES)),
        ("a.npy.gz", gzip.compress(encode_npy(IMAGES), mtime=0)),
        ("train-images-idx3-ubyte", MNIST["train-images-idx3-ubyte"]),
        ("train-images.idx3-ubyte", MNIST["train-images-idx3-ubyte"]),
        ("train-images-idx3-ubyte.gz", GZIPPED_MNIST["train-images-idx3-ubyte.gz"]),
        ("a.idx", encode_idx((IMAGES / 255).astype(">f4"), 13)),
        ("a.idx", encode_idx(IMAGES.astype(">i4"), 12)),
        ("train.csv", encode_table(KAGGLE_COLUMNS)),
        ("test.csv", encode_table({"pixel": IMAGES})),
        ("mnist_train.csv", encode_table(KAGGLE_COLUMNS, header=False)),
        ("mnist_784.csv", encode_table({"pixel": IMAGES, "class": LABELS})),
        ("last.csv", encode_table({"pixel": IMAGES, "class": LABELS}, header=False)),
        ("indexed.csv", encode_table({"": LABELS, "label": LABELS, "x": IMAGES})),
        ("a.csv", encode_table(KAGGLE_COLUMNS, separator=";")),
        ("a.tsv", b"\xef\xbb\xbf" + encode_table(KAGGLE_COLUMNS, separator="\t")),
        ("a.csv.gz", gzip.compress(encode_table(KAGGLE_COLUMNS), mtime=0)),
        ("a.npz", encode_npz(train_images=IMAGES, train_labels=LABELS, test_images=IMAGES[:66])),
        ("a.npz", encode_npz(arr_0=LABELS, arr_1=IMAGES)),
        ("a.npz", encode_npz(pics=IMAGES, turns=np.zeros((70, 3, 3)), z=np.zeros((70, 64)))),
        ("a.npz", encode_npz(my_train=IMAGES, my_test=IMAGES[:66])),
        ("a.npz", encode_npz(pics=IMAGES, names=np.array([None] * 70))),
    ],
)
def test_a_file_of_pictures_is_read_pixel_for_pixel(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    np.testing.assert_array_equal(load_pixels(tmp_path / name), IMAGES)


@pytest.mark.parametrize("kind", ["gif", "tiff", "webp", "png"])
def test_a_single_file_gives_all_its_frames(tmp_path: Path, kind: str) -> None:
    frames = [Image.fromarray(image) for image in IMAGES]
    file = tmp_path / f"stack.{kind}"
    frames[0].save(file, save_all=True, append_images=frames[1:], lossless=True)
    np.testing.assert_array_equal(load_pixels(file), IMAGES)
    assert load_dataset(str(file)).summary == (
        "70 pictures read, the frames or pages of one file. No classes: frames and pages have no "
        "labels."
    )


def test_pages_of_12_bits_get_one_scale(tmp_path: Path) -> None:
    pages = [Image.fromarray(image.astype(np.uint16) * 16 + 15) for image in IMAGES]
    pages[0].save(tmp_path / "stack.tif", save_all=True, append_images=pages[1:])
    expected = np.rint((IMAGES * 16.0 + 15) * 255 / 4095)
    np.testing.assert_array_equal(load_pixels(tmp_path / "stack.tif"), expected)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (
            "a.npy",
            encode_npy(np.array([None] * 70)),
            r"holds Python objects \(pickle\), which are never",
        ),
        ("a.npy", encode_npy(IMAGES)[:9000], "cut short .*its header promises more than it holds"),
        ("a.npy", b"", "is empty"),
        (
            "a.npy",
            encode_npy(IMAGES.reshape(70, 784)),
            r"use reshape for flat .*reshape\(-1, 28, 28\)",
        ),
        (
            "labels-idx1-ubyte",
            encode_idx(LABELS),
            "one number for each picture, such as their labels",
        ),
        ("a.idx", encode_idx(IMAGES)[:9000], "its header promises more than it holds"),
        ("a.idx", b"\0\0\x08\x03\0\0", "damaged or cut short"),
        ("a.idx", struct.pack(">HBB3I", 0, 8, 3, 900_000, 28, 28), "promises more than it holds"),
        ("a.idx", struct.pack(">HBB3I", 0, 14, 3, 2**31, 2**31, 2**31), "give fewer"),
        ("a.gz", GZIPPED_MNIST["train-images-idx3-ubyte.gz"][:-90], "damaged or cut short"),
        (
            "a.gz",
            gzip.compress(MNIST["train-images-idx3-ubyte"][:900], mtime=0),
            "promises more than",
        ),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"file,label\na.png,1\n", "Where the table names files, give the folder"),
        ("a.csv", encode_table(KAGGLE_COLUMNS) + b"\n1,2,3\n", "damaged between its rows 1 and 71"),
        (
            "a.csv",
            encode_table(KAGGLE_COLUMNS).replace(b",7,", b",x,"),
            "expected 785 numbers in each row",
        ),
        ("a.csv", b"7,x" + b",0" * 783 + b"\n" + b"7" + b",0" * 784, "damaged between its rows 1 "),
        ("a.csv", b"1," * 2**20, "a line of more than 1,048,576 characters"),
        ("a.csv", encode_table({"pixel": IMAGES}).split(b"\r\n", 9)[0], "holds no usable pictures"),
        ("a.csv.gz", gzip.compress(bytes(2**24), mtime=0), "a line of more than"),
        ("few.gif", encode_picture(IMAGES[0], "GIF"), "is one picture; .* pack them into a .zip"),
        ("a.bmp", encode_picture(IMAGES[0], "BMP"), "is one picture"),
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
        ("a.zzz", b"zzz", "is of an unsupported kind"),
    ],
)
def test_a_file_of_an_unsupported_kind_is_named_with_advice(
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
def test_a_misspelled_name_gets_a_hint(name: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        load_dataset(name)


def test_tables_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_files, "MAX_ARRAY_BYTES", 2 * 69 * 784)
    (tmp_path / "a.csv").write_bytes(encode_table(KAGGLE_COLUMNS))
    with pytest.raises(DatasetError, match="holds too many pictures"):
        load_dataset(str(tmp_path / "a.csv"))

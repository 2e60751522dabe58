""".npz files of own pictures: the choice of the array, and files that are refused."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dcgan.arrays import numpy_archives
from dcgan.data.datasets import load_dataset
from dcgan.errors import DatasetError
from tests.encoding import encode_npy, encode_picture, write_zip
from tests.picture_files import draw_square, load_pixels, write_pictures


def encode_npy_header(header: str, data: bytes = b"") -> bytes:
    """Make a .npy file of version 1 with any header, padded to the 118 bytes of a usual one."""
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def write_npz(file: Path, **arrays: np.ndarray[Any, Any]) -> Path:
    """Write named arrays as a compressed .npz and return its path."""
    return write_zip(file, {f"{name}.npy": encode_npy(array) for name, array in arrays.items()})


def draw_squares(shade: int) -> np.ndarray[Any, Any]:
    """Draw 70 squares of one shade, uint8 (70, 28, 28)."""
    return np.tile(draw_square(shade), (70, 1, 1))


def test_an_npz_is_read_pixel_for_pixel(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 100, (70, 28, 28)).astype(np.uint8)
    dataset = load_dataset(str(write_npz(tmp_path / "own.npz", images=images)))
    np.testing.assert_array_equal(dataset.pixels[..., 0], images)
    assert dataset.name == "own.npz"
    assert dataset.labels is None
    assert (
        dataset.summary == "70 pictures read. No classes: there are no labels beside the pictures."
    )


@pytest.mark.parametrize(
    "names", [("x_train", "images"), ("images", "x"), ("x", "arr_0"), ("arr_0", "train_images")]
)
def test_the_known_array_names_have_a_priority(tmp_path: Path, names: tuple[str, str]) -> None:
    first, second = draw_squares(100), draw_squares(200)
    file = write_npz(tmp_path / "a.npz", **{names[1]: second, names[0]: first})
    np.testing.assert_array_equal(load_pixels(file), first)


def test_a_single_array_of_images_needs_no_known_name(tmp_path: Path) -> None:
    digits = draw_squares(100)
    file = write_npz(tmp_path / "a.npz", digits=digits, z=np.zeros((70, 64)), labels=np.zeros(70))
    np.testing.assert_array_equal(load_pixels(file), digits)


def test_other_sizes_of_arrays_are_resized_like_files(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 100, (70, 40, 50)).astype(np.uint8)
    from_files = load_pixels(write_pictures(tmp_path / "files", map(encode_picture, images)))
    np.testing.assert_array_equal(load_pixels(write_npz(tmp_path / "a.npz", x=images)), from_files)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((70, 28, 28), complex), "is complex128 of shape .* expected uint8 in"),
        (np.zeros((70, 28, 28), "U3"), "is <U3"),
        (np.zeros((70, 28, 28), [("r", "u1")]), "expected uint8 in"),
        (np.array([[[None]]] * 70), r"holds Python objects \(pickle\), which are never opened"),
        (np.zeros((70, 784), np.uint8), r"shape \(70, 784\); expected .* use reshape for flat"),
        (np.zeros((70, 3, 28, 28), np.uint8), r"np\.moveaxis\(images, 1, -1\)"),
        (np.zeros((70, 28, 28, 2), np.uint8), "1, 3 or 4 channels"),
        (np.uint8(7), r"shape \(\)"),
        (np.zeros((63, 28, 28), np.uint8), "expected 64 to 1,000,000 pictures: give more"),
        (np.zeros((0, 28, 28), np.uint8), "give more"),
        (np.zeros((70, 1, 1), np.uint8), "at least 4 pixels wide and high"),
        (np.zeros((70, 28, 0), np.uint8), "at least 4 pixels wide and high"),
        (np.full((70, 28, 28), np.nan), r"the pictures in '.*a\.npz' contain NaN"),
    ],
)
def test_an_array_that_cannot_be_pictures_is_refused(
    tmp_path: Path, array: np.ndarray[Any, Any], message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        load_dataset(str(write_npz(tmp_path / "a.npz", images=array)))


@pytest.mark.parametrize(
    "arrays",
    [{}, {"z": np.zeros((70, 64))}, {"a": np.zeros((70, 8, 8)), "b": np.zeros((70, 8, 8))}],
    ids=["none", "latents only", "two"],
)
def test_an_npz_without_one_clear_array_is_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray[Any, Any]]
) -> None:
    with pytest.raises(DatasetError, match=r"expected one called x_train, .* or a"):
        load_dataset(str(write_npz(tmp_path / "a.npz", **arrays)))


def test_the_error_names_the_arrays_that_it_counts(tmp_path: Path) -> None:
    stack, latents = np.zeros((70, 8, 8)), np.zeros((70, 64))
    file = write_npz(tmp_path / "two.npz", z=latents, a=stack, b=stack)
    with pytest.raises(
        DatasetError, match=r"holds 2 arrays .* pictures \('a' \(70, 8, 8\), 'b' \(70, 8, 8\)\);"
    ):
        load_dataset(str(file))
    file = write_npz(tmp_path / "none.npz", z=latents)
    with pytest.raises(DatasetError, match=r"holds no arrays .* pictures \('z' \(70, 64\)\);"):
        load_dataset(str(file))


def test_an_npz_with_an_array_for_each_picture_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numpy_archives, "MAX_ARRAYS", 10)
    file = write_zip(tmp_path / "a.npz", {f"{index}.npy": b"" for index in range(11)})
    with pytest.raises(DatasetError, match="holds 11 arrays; expected one array with all"):
        load_dataset(str(file))


@pytest.mark.parametrize(
    ("shape", "descr", "message"),
    [
        ((70, 1000, 1000, 4), "<f8", "promises more than it holds"),
        ((1000, 1000, 1000), "<f8", "7,629 MiB; expected at most 4,096 MiB"),
        ((10**9, 28, 28), "|u1", "expected 64 to 1,000,000 pictures: give fewer"),
        ((10**40, 28, 28), "|u1", "give fewer"),
        ((70, 20_000, 20_000), "|u1", "of at most 50 megapixels"),
        ((70, 28, 28), "|u1", "damaged or cut short"),
        ((-70, 28, 28), "|u1", r"\(-70, 28, 28\); expected"),
        ((70, 28, True), "|u1", "expected"),
    ],
)
def test_a_header_that_claims_more_than_there_is_allocates_nothing(
    tmp_path: Path, shape: tuple[int, ...], descr: str, message: str
) -> None:
    header = repr({"descr": descr, "fortran_order": False, "shape": shape})
    file = write_zip(tmp_path / "a.npz", {"images.npy": encode_npy_header(header, b"few bytes")})
    with pytest.raises(DatasetError, match=message):
        load_dataset(str(file))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no array",
        encode_npy_header("{" * 100),
        encode_npy_header("1L L"),
        encode_npy_header("(" * 100),
        encode_npy_header("{'descr': [], 'fortran_order': False, 'shape': (70, 28, 28)}"),
        encode_npy_header(
            "{'descr': ('a', 'b', 'c'), 'fortran_order': False, 'shape': (70, 28, 28)}"
        ),
        b"\x93NUMPY\x03\x00" + encode_npy_header("{}")[8:],
        b"\x93NUMPY\x09\x00",
    ],
)
def test_a_damaged_header_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DatasetError):
        load_dataset(str(write_zip(tmp_path / "a.npz", {"images.npy": content})))


def test_a_flat_array_of_a_negative_size_is_refused(tmp_path: Path) -> None:
    header = repr({"descr": "|u1", "fortran_order": False, "shape": (70, -784)})
    file = write_zip(tmp_path / "a.npz", {"features.npy": encode_npy_header(header)})
    with pytest.raises(DatasetError, match=r"'features' \(70, -784\)\); expected one called"):
        load_dataset(str(file))


def test_a_truncated_npz_is_refused(tmp_path: Path) -> None:
    file = write_npz(tmp_path / "a.npz", x=np.zeros((70, 28, 28), np.uint8))
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(DatasetError, match=r"not a complete \.npz file"):
        load_dataset(str(file))


def test_a_flipped_byte_in_an_npz_is_noticed(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (70, 28, 28)).astype(np.uint8)
    np.savez(tmp_path / "a.npz", x=images)
    data = bytearray((tmp_path / "a.npz").read_bytes())
    data[5000] ^= 1
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(DatasetError, match="damaged or cut short"):
        load_dataset(str(tmp_path / "a.npz"))

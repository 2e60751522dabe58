"""What comes in as own pictures, what is left out, and what is refused in words."""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from dcgan.data import numpy_archives, picture_limits
from dcgan.data.datasets import load_dataset
from dcgan.errors import DatasetError

ENOUGH = picture_limits.MIN_IMAGES


def png(image: np.ndarray[Any, Any] | Image.Image) -> bytes:
    """Encode an array or a picture as PNG."""
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Make a PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(100)))
        + chunk(b"IEND", b"")
    )


def stroke(shade: int = 255, background: int = 0, size: int = 28) -> np.ndarray[Any, Any]:
    """Draw a square of one shade in the middle of a background."""
    image = np.full((size, size), background, np.uint8)
    image[size // 4 : size * 3 // 4, size // 4 : size * 3 // 4] = shade
    return image


def squares(shade: int, num: int = 70) -> np.ndarray[Any, Any]:
    """Draw the same square so many times, uint8 (num, 28, 28)."""
    return np.tile(stroke(shade), (num, 1, 1))


def fill(folder: Path, pictures: Iterable[bytes], suffix: str = ".png") -> Path:
    """Write pictures into a folder as 0000.png, 0001.png and so on."""
    folder.mkdir(exist_ok=True)
    for index, data in enumerate(pictures):
        (folder / f"{index:04}{suffix}").write_bytes(data)
    return folder


def pack(file: Path, members: Iterable[tuple[str, bytes]]) -> Path:
    """Write named members into a .zip."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file


def npy(header: str, data: bytes = b"") -> bytes:
    """Make a .npy file with any header."""
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def as_is(path: Path) -> np.ndarray[Any, Any]:
    """Load own pictures uninverted, as (num_images, 28, 28)."""
    return load_dataset(str(path), "as_is").pixels[..., 0]


# Folders.


def test_a_folder_of_mnist_pngs_comes_back_pixel_for_pixel(tmp_path: Path) -> None:
    digits = load_dataset("mnist").pixels[:ENOUGH]
    folder = fill(tmp_path / "digits", (png(digit[..., 0]) for digit in digits))
    dataset = load_dataset(str(folder))
    np.testing.assert_array_equal(dataset.pixels, digits)
    assert dataset.name == "digits"
    assert dataset.labels is None
    assert dataset.note == "64 pictures read."
    assert not dataset.pixels.flags.writeable


def test_pictures_come_in_the_order_of_their_names_through_all_folders(tmp_path: Path) -> None:
    shades = np.random.default_rng(0).permutation(ENOUGH)
    for shade in shades:  # Written in a shuffled order, so that the disk's order is another.
        folder = tmp_path / f"{shade // 10}"
        folder.mkdir(exist_ok=True)
        (folder / f"{shade % 10}.png").write_bytes(png(np.full((28, 28), shade, np.uint8)))
    assert as_is(tmp_path)[:, 0, 0].tolist() == list(range(ENOUGH))


def test_what_is_left_out_is_counted_by_its_reason(tmp_path: Path) -> None:
    good = png(np.random.default_rng(0).integers(0, 100, (28, 28)).astype(np.uint8))
    folder = fill(tmp_path / "mixed", [good] * ENOUGH)
    (folder / "readme.txt").write_text("no picture")
    (folder / "text.png").write_text("no picture either")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "cut.png").write_bytes(good[: len(good) // 2])
    (folder / "dot.png").write_bytes(png(np.zeros((1, 1), np.uint8)))
    (folder / "inner.zip").write_bytes(b"")
    (folder / ".DS_Store").write_bytes(b"the system's own")
    assert load_dataset(str(folder)).note == (
        "64 pictures read, 6 left out (1 damaged, 3 not a picture, 1 smaller than 4 "
        "pixels, 1 still packed in an archive)."
    )


@pytest.mark.parametrize(
    ("width", "height"),
    [(20_000, 20_000), (10_000, 10_000), (20_000, 2_501), (2_147_483_647, 2_147_483_647)],
)
def test_a_huge_picture_is_left_out_by_its_header(tmp_path: Path, width: int, height: int) -> None:
    folder = fill(tmp_path / "big", [png(stroke())] * ENOUGH)
    (folder / "huge.png").write_bytes(png_header(width, height))
    assert load_dataset(str(folder)).note == "64 pictures read, 1 left out (1 too large)."


def test_a_huge_file_is_left_out_unread(tmp_path: Path) -> None:
    folder = fill(tmp_path / "big", [png(stroke())] * ENOUGH)
    with (folder / "huge.png").open("wb") as file:
        file.truncate(picture_limits.MAX_FILE_BYTES + 1)  # Takes no room on disk.
    assert load_dataset(str(folder)).note == "64 pictures read, 1 left out (1 too large)."


def test_links_neither_loop_nor_wait(tmp_path: Path) -> None:
    folder = fill(tmp_path / "links", [png(stroke())] * (ENOUGH - 1))
    (folder / "inside").mkdir()
    (folder / "inside" / "around").symlink_to(folder, target_is_directory=True)
    (folder / "itself.png").symlink_to(folder / "itself.png")
    (folder / "nowhere.png").symlink_to(folder / "nothing.png")
    (folder / "twin.png").symlink_to(folder / "0000.png")
    os.mkfifo(folder / "pipe.png")
    assert load_dataset(str(folder)).note == (
        "64 pictures read, 4 left out (1 behind a link to a folder, 1 not a picture, 2 "
        "not readable)."
    )


def test_a_tree_deeper_than_the_stack_is_walked(tmp_path: Path) -> None:
    deep = fill(tmp_path / "deep", [png(stroke())] * ENOUGH)
    before = Path.cwd()
    os.chdir(deep)
    try:
        for _ in range(1200):
            Path("d").mkdir()
            os.chdir("d")
        assert len(load_dataset(str(deep))) == ENOUGH
    finally:
        os.chdir(before)
        subprocess.run(["rm", "-rf", deep / "d"], check=True)  # shutil.rmtree recurses.


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda folder: None, r"holds no usable pictures; expected at least 64: add more"),
        (
            lambda folder: (folder / "a.txt").write_text("a"),
            r"no usable pictures, 1 left out \(1 not a picture\)",
        ),
        (lambda folder: fill(folder, [png(stroke())] * 63), "holds 63 usable pictures; expected"),
        (lambda folder: fill(folder, [png(stroke())]), "holds 1 usable picture; expected"),
        (
            lambda folder: fill(folder, [png(stroke(size=1))] * 99),
            r"no usable pictures, 99 left out \(99 smaller than 4 pixels\)",
        ),
        (lambda folder: (folder / "a.zip").write_bytes(b""), "unpack the archives inside it"),
        (
            lambda folder: (folder / "a").symlink_to(folder, target_is_directory=True),
            "give the folder that they lead to",
        ),
    ],
    ids=["empty", "text", "few", "one", "dots", "zips", "links"],
)
def test_a_folder_without_enough_pictures_is_refused(
    tmp_path: Path, prepare: Callable[[Path], object], message: str
) -> None:
    prepare(tmp_path)
    with pytest.raises(DatasetError, match=message):
        load_dataset(str(tmp_path))


def test_a_folder_with_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_limits, "MAX_IMAGES", 10)
    with pytest.raises(DatasetError, match="more than 10 files"):
        load_dataset(str(fill(tmp_path / "many", [b""] * 11)))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "expected mnist, keras, fashion_mnist, or"),
        ("  ", "no such file or folder"),
        ("mnits", "got 'mnits', but there is no such file or folder"),
        ("no\0path", "null"),
        ("~nobody-of-this-name/pictures", "home"),
        ("x" * 5000, "name too long"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(name: str, message: str) -> None:
    with pytest.raises(DatasetError, match=rf"(?i){message}"):
        load_dataset(name)


def test_a_single_picture_is_told_to_become_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "one.png"
    file.write_bytes(png(stroke()))
    with pytest.raises(DatasetError, match=r"is one picture; .* put your pictures into a folder"):
        load_dataset(str(file))


def test_a_home_folder_and_the_current_one_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(tmp_path / "digits", [png(stroke())] * ENOUGH)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_dataset("~/digits").name == "digits"
    monkeypatch.chdir(folder)
    assert load_dataset(".").name == "digits"


# Polarity.


def test_dark_strokes_on_light_paper_are_inverted_and_it_is_said(tmp_path: Path) -> None:
    folder = fill(tmp_path / "ink", [png(stroke(20, 240))] * ENOUGH)
    dataset = load_dataset(str(folder))
    assert dataset.note == "64 pictures read, inverted: light borders."
    np.testing.assert_array_equal(dataset.pixels[0, ..., 0], stroke(235, 15))


def test_light_strokes_on_black_stay(tmp_path: Path) -> None:
    folder = fill(tmp_path / "chalk", [png(stroke(240, 20))] * ENOUGH)
    np.testing.assert_array_equal(load_dataset(str(folder)).pixels[0, ..., 0], stroke(240, 20))


def test_the_majority_decides_for_all(tmp_path: Path) -> None:
    light, dark = png(stroke(0, 255)), png(stroke(255, 0))
    assert "inverted" in load_dataset(str(fill(tmp_path / "a", [light] * 33 + [dark] * 31))).note
    assert (
        "inverted" not in load_dataset(str(fill(tmp_path / "b", [light] * 32 + [dark] * 32))).note
    )


def test_a_polarity_that_is_asked_for_is_obeyed(tmp_path: Path) -> None:
    folder = fill(tmp_path / "ink", [png(stroke(0, 255))] * ENOUGH)
    np.testing.assert_array_equal(
        load_dataset(str(folder), "as_is").pixels[0, ..., 0], stroke(0, 255)
    )
    inverted = load_dataset(str(folder), "inverted")
    np.testing.assert_array_equal(inverted.pixels[0, ..., 0], stroke(255, 0))
    assert inverted.note == "64 pictures read, inverted."


# Kinds of files.


def test_every_kind_of_picture_is_read_by_its_suffix(tmp_path: Path) -> None:
    for index, suffix in enumerate(("png", "jpeg", "gif", "bmp", "webp", "tiff", "ppm")):
        copies = [SAMPLE_FILES[f".{suffix}"]] * ENOUGH
        assert len(as_is(fill(tmp_path / suffix, copies, f".{suffix}"))) == ENOUGH
        assert len(as_is(fill(tmp_path / f"{index}", copies, f".{suffix.upper()}"))) == ENOUGH


# Zip files.


def test_a_zip_gives_the_same_pixels_as_its_folder(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = [png(rng.integers(0, 100, (20, 30)).astype(np.uint8)) for _ in range(ENOUGH)]
    folder = fill(tmp_path / "digits", pictures)
    members = [(f"digits/{index:04}.png", data) for index, data in enumerate(pictures)]
    file = pack(tmp_path / "digits.ZIP", [*members[::-1], ("__MACOSX/._0.png", b"twin")])
    dataset = load_dataset(str(file))
    assert dataset.name == "digits.ZIP"
    assert dataset.note == "64 pictures read."
    assert dataset.fingerprint == load_dataset(str(folder)).fingerprint


def test_names_that_climb_out_of_a_zip_are_only_names(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    members = [(f"../../climbed{index}.png", png(stroke())) for index in range(ENOUGH - 1)]
    file = pack(inner / "a.zip", [*members, ("/tmp/absolute.png", png(stroke()))])
    assert len(load_dataset(str(file))) == ENOUGH
    assert [path.name for path in tmp_path.rglob("*")] == ["inner", "a.zip"]


def test_a_member_without_a_name_is_no_picture(tmp_path: Path) -> None:
    pictures = [(f"{index}.png", png(stroke())) for index in range(ENOUGH)]
    file = pack(tmp_path / "a.zip", [*pictures, ("folder/", b""), ("nameless", b"")])
    file.write_bytes(file.read_bytes().replace(b"nameless", bytes(8)))  # A name ends at a zero.
    assert load_dataset(str(file)).note == "64 pictures read, 1 left out (1 not a picture)."


def test_a_damaged_member_is_left_out(tmp_path: Path) -> None:
    members = [(f"{index}.png", png(stroke())) for index in range(ENOUGH + 1)]
    file = pack(tmp_path / "a.zip", members)
    with zipfile.ZipFile(file) as archive:
        offset = archive.infolist()[3].header_offset
    data = bytearray(file.read_bytes())
    data[offset + 45] ^= 0xFF  # Within the member's data: its checksum no longer fits.
    file.write_bytes(data)
    assert load_dataset(str(file)).note == "64 pictures read, 1 left out (1 damaged)."


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    file = pack(tmp_path / "a.zip", [(f"{index}.png", png(stroke())) for index in range(ENOUGH)])
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(DatasetError, match=r"not a complete \.zip file .* copy or save it again"):
        load_dataset(str(file))


def test_a_zip_of_zips_is_refused_with_the_mend(tmp_path: Path) -> None:
    inner = pack(tmp_path / "in.zip", [("a.png", png(stroke()))]).read_bytes()
    file = pack(tmp_path / "out.zip", [("in.zip", inner), ("more.zip", inner)])
    with pytest.raises(
        DatasetError, match=r"2 still packed in an archive.*unpack the archives inside it"
    ):
        load_dataset(str(file))


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    file = pack(tmp_path / "a.zip", [("a.png", png(stroke()))])
    data = bytearray(file.read_bytes())
    data[6] |= 1  # The flag in the member's own header,
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the table of contents.
    file.write_bytes(data)
    with pytest.raises(DatasetError, match="is encrypted; expected one without a password"):
        load_dataset(str(file))


def test_an_unusual_compression_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.png", png(stroke()))
    with pytest.raises(DatasetError, match="method 14; expected 'deflate'"):
        load_dataset(str(tmp_path / "a.zip"))


def test_a_member_that_unpacks_beyond_the_bound_is_left_out(tmp_path: Path) -> None:
    members = [(f"{index}.png", png(stroke())) for index in range(ENOUGH)]
    bomb = bytes(picture_limits.MAX_FILE_BYTES + 1)
    file = pack(tmp_path / "a.zip", [*members, ("bomb.png", bomb)])
    assert file.stat().st_size < 100_000
    assert load_dataset(str(file)).note == "64 pictures read, 1 left out (1 too large)."


def test_a_member_that_lies_about_its_size_is_read_no_further(tmp_path: Path) -> None:
    members = [(f"{index}.png", png(stroke())) for index in range(ENOUGH)]
    file = pack(tmp_path / "a.zip", [*members, ("zz.png", bytes(10_000_000))])
    data = bytearray(file.read_bytes())
    last = data.rindex(b"PK\x01\x02") + 24  # The unpacked size in the table of contents.
    data[last : last + 4] = struct.pack("<I", 100)
    file.write_bytes(data)
    assert load_dataset(str(file)).note == "64 pictures read, 1 left out (1 damaged)."


def test_a_zip_beyond_the_total_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_limits, "MAX_UNPACKED_BYTES", 2**20)
    file = pack(tmp_path / "a.zip", [(f"{index}.png", bytes(2**17)) for index in range(9)])
    with pytest.raises(DatasetError, match="would unpack to 1 MiB; expected at most 1 MiB"):
        load_dataset(str(file))


def test_a_zip_with_too_many_pictures_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_limits, "MAX_IMAGES", 10)
    file = pack(tmp_path / "a.zip", [(f"{index}.png", b"") for index in range(11)])
    with pytest.raises(DatasetError, match="holds 11 pictures; expected at most 10"):
        load_dataset(str(file))


def test_a_bloated_table_of_contents_is_never_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_limits, "MAX_FILE_BYTES", 70_000)
    file = pack(tmp_path / "a.zip", [(f"{index:0100}.png", b"") for index in range(600)])
    with pytest.raises(DatasetError, match="table of contents is beyond 0 MiB, too many files"):
        load_dataset(str(file))


# Arrays.


def save(file: Path, **arrays: np.ndarray[Any, Any]) -> Path:
    """Write named arrays as an .npz."""
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file


def test_an_npz_comes_back_pixel_for_pixel(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 100, (70, 28, 28)).astype(np.uint8)
    dataset = load_dataset(str(save(tmp_path / "own.npz", images=images)))
    np.testing.assert_array_equal(dataset.pixels[..., 0], images)
    assert dataset.name == "own.npz"
    assert dataset.labels is None
    assert dataset.note == "70 pictures read."


@pytest.mark.parametrize(
    "names", [("x_train", "images"), ("images", "x"), ("x", "arr_0"), ("arr_0", "train_images")]
)
def test_the_names_of_arrays_have_an_order(tmp_path: Path, names: tuple[str, str]) -> None:
    first, second = squares(100), squares(200)
    file = save(tmp_path / "a.npz", **{names[1]: second, names[0]: first})
    np.testing.assert_array_equal(as_is(file), first)


def test_a_single_array_of_images_needs_no_known_name(tmp_path: Path) -> None:
    digits = squares(100)
    file = save(tmp_path / "a.npz", digits=digits, z=np.zeros((70, 64)), labels=np.zeros(70))
    np.testing.assert_array_equal(as_is(file), digits)


def test_other_sizes_of_arrays_are_resized_like_files(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 100, (70, 40, 50)).astype(np.uint8)
    from_files = as_is(fill(tmp_path / "files", map(png, images)))
    np.testing.assert_array_equal(as_is(save(tmp_path / "a.npz", x=images)), from_files)


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
        load_dataset(str(save(tmp_path / "a.npz", images=array)))


@pytest.mark.parametrize(
    "arrays",
    [{}, {"z": np.zeros((70, 64))}, {"a": np.zeros((70, 8, 8)), "b": np.zeros((70, 8, 8))}],
    ids=["none", "latents only", "two"],
)
def test_an_npz_without_one_clear_array_is_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray[Any, Any]]
) -> None:
    with pytest.raises(DatasetError, match=r"expected one called x_train, .* or a"):
        load_dataset(str(save(tmp_path / "a.npz", **arrays)))


def test_an_npz_with_an_array_for_each_picture_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numpy_archives, "MAX_ARRAYS", 10)
    file = pack(tmp_path / "a.npz", [(f"{index}.npy", b"") for index in range(11)])
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
    file = pack(tmp_path / "a.npz", [("images.npy", npy(header, b"few bytes"))])
    with pytest.raises(DatasetError, match=message):
        load_dataset(str(file))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no array",
        npy("{" * 100),
        npy("1L L"),
        npy("(" * 100),
        npy("{'descr': [], 'fortran_order': False, 'shape': (70, 28, 28)}"),
        npy("{'descr': ('a', 'b', 'c'), 'fortran_order': False, 'shape': (70, 28, 28)}"),
        b"\x93NUMPY\x03\x00" + npy("{}")[8:],
        b"\x93NUMPY\x09\x00",
    ],
)
def test_a_damaged_header_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DatasetError):
        load_dataset(str(pack(tmp_path / "a.npz", [("images.npy", content)])))


def test_a_truncated_npz_is_refused(tmp_path: Path) -> None:
    file = save(tmp_path / "a.npz", x=np.zeros((70, 28, 28), np.uint8))
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


# Anything at all.


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=300))
@example(data=b"PK\x05\x06" + bytes(18))  # An empty zip.
@example(data=b"PK\x05\x06" + b"\xff" * 18)
@example(data=b"\x89PNG\r\n\x1a\n")
def test_random_bytes_raise_nothing_but_a_dataset_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("random")
    for suffix in (".zip", ".npz", ".png"):
        (folder / f"a{suffix}").write_bytes(data)
        with pytest.raises(DatasetError):
            load_dataset(str(folder / f"a{suffix}"))
    with pytest.raises(DatasetError, match="no usable pictures"):
        load_dataset(str(folder))
    shutil.rmtree(folder)


def sample_files() -> dict[str, bytes]:
    """Make one small valid file of each kind that is read."""
    image = np.random.default_rng(0).integers(0, 256, (9, 9, 3)).astype(np.uint8)
    files = {}
    for suffix in ("png", "jpeg", "gif", "bmp", "webp", "tiff", "ppm"):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, suffix)
        files[f".{suffix}"] = buffer.getvalue()
    buffer = io.BytesIO()
    np.savez_compressed(buffer, images=np.tile(image[:5, :5, 0], (ENOUGH, 1, 1)))
    files[".npz"] = buffer.getvalue()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for index in range(3):
            archive.writestr(f"{index}.png", files[".png"])
    files[".zip"] = buffer.getvalue()
    return files


SAMPLE_FILES = sample_files()


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    suffix=st.sampled_from(sorted(SAMPLE_FILES)),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=5),
    kept=st.floats(0.5, 1),
)
def test_damaged_files_raise_nothing_but_a_dataset_error(
    tmp_path_factory: pytest.TempPathFactory,
    suffix: str,
    changes: list[tuple[float, int]],
    kept: float,
) -> None:
    data = bytearray(SAMPLE_FILES[suffix])
    for position, value in changes:
        data[round(position * (len(data) - 1))] = value
    folder = tmp_path_factory.mktemp("damaged")
    file = folder / f"a{suffix}"
    file.write_bytes(data[: round(len(data) * kept)])
    try:
        dataset = load_dataset(str(file if suffix in (".npz", ".zip") else folder))
    except DatasetError:
        pass
    else:
        assert suffix == ".npz"
        assert dataset.pixels.shape == (ENOUGH, 28, 28, 1)
    shutil.rmtree(folder)

"""ZIP archives of own pictures: members that are left out, and archives that are refused."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dcgan.data.datasets import load_dataset
from dcgan.errors import DatasetError
from dcgan.pictures import picture_limits
from tests.picture_files import ENOUGH, fill, pack, png, stroke


def test_a_zip_gives_the_same_pixels_as_its_folder(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = [png(rng.integers(0, 100, (20, 30)).astype(np.uint8)) for _ in range(ENOUGH)]
    folder = fill(tmp_path / "digits", pictures)
    members = [(f"digits/{index:04}.png", data) for index, data in enumerate(pictures)]
    file = pack(tmp_path / "digits.ZIP", [*members[::-1], ("__MACOSX/._0.png", b"twin")])
    dataset = load_dataset(str(file))
    assert dataset.name == "digits.ZIP"
    assert dataset.note.startswith("64 pictures read.")
    assert dataset.fingerprint == load_dataset(str(folder)).fingerprint


def test_names_with_parent_folders_in_a_zip_are_harmless(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    members = [(f"../../climbed{index}.png", png(stroke())) for index in range(ENOUGH - 1)]
    file = pack(inner / "a.zip", [*members, ("/tmp/absolute.png", png(stroke()))])
    assert len(load_dataset(str(file))) == ENOUGH
    assert [path.name for path in tmp_path.rglob("*")] == ["inner", "a.zip"]


def test_a_member_without_a_name_is_left_out(tmp_path: Path) -> None:
    pictures = [(f"{index}.png", png(stroke())) for index in range(ENOUGH)]
    file = pack(tmp_path / "a.zip", [*pictures, ("folder/", b""), ("nameless", b"")])
    file.write_bytes(file.read_bytes().replace(b"nameless", bytes(8)))  # A name ends at a zero.
    assert load_dataset(str(file)).note.startswith(
        "64 pictures read, 1 left out (1 not a picture)."
    )


def test_a_damaged_member_is_left_out(tmp_path: Path) -> None:
    members = [(f"{index}.png", png(stroke())) for index in range(ENOUGH + 1)]
    file = pack(tmp_path / "a.zip", members)
    with zipfile.ZipFile(file) as archive:
        offset = archive.infolist()[3].header_offset
    data = bytearray(file.read_bytes())
    data[offset + 45] ^= 0xFF  # Within the member's data: its checksum no longer fits.
    file.write_bytes(data)
    assert load_dataset(str(file)).note.startswith("64 pictures read, 1 left out (1 damaged).")


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    file = pack(tmp_path / "a.zip", [(f"{index}.png", png(stroke())) for index in range(ENOUGH)])
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(DatasetError, match=r"not a complete \.zip file .* copy or save it again"):
        load_dataset(str(file))


def test_a_zip_of_zips_is_refused_with_advice(tmp_path: Path) -> None:
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


def test_a_member_above_the_size_limit_is_left_out(tmp_path: Path) -> None:
    members = [(f"{index}.png", png(stroke())) for index in range(ENOUGH)]
    bomb = bytes(picture_limits.MAX_FILE_BYTES + 1)
    file = pack(tmp_path / "a.zip", [*members, ("bomb.png", bomb)])
    assert file.stat().st_size < 100_000
    assert load_dataset(str(file)).note.startswith("64 pictures read, 1 left out (1 too large).")


def test_a_member_with_a_false_size_is_read_only_up_to_that_size(tmp_path: Path) -> None:
    members = [(f"{index}.png", png(stroke())) for index in range(ENOUGH)]
    file = pack(tmp_path / "a.zip", [*members, ("zz.png", bytes(10_000_000))])
    data = bytearray(file.read_bytes())
    last = data.rindex(b"PK\x01\x02") + 24  # The unpacked size in the table of contents.
    data[last : last + 4] = struct.pack("<I", 100)
    file.write_bytes(data)
    assert load_dataset(str(file)).note.startswith("64 pictures read, 1 left out (1 damaged).")


def test_a_zip_above_the_total_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_a_very_large_table_of_contents_is_never_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_limits, "MAX_FILE_BYTES", 70_000)
    file = pack(tmp_path / "a.zip", [(f"{index:0100}.png", b"") for index in range(600)])
    with pytest.raises(DatasetError, match="table of contents is beyond 0 MiB, too many files"):
        load_dataset(str(file))

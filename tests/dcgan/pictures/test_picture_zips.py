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
from dcgan.pictures.picture_limits import MIN_IMAGES
from tests.encoding import encode_picture, pack_zip, write_zip
from tests.picture_files import draw_square, write_pictures


def make_pngs(num: int = MIN_IMAGES) -> dict[str, bytes]:
    """Return PNG files of the same square, named 0.png, 1.png and so on."""
    return {f"{index}.png": encode_picture(draw_square()) for index in range(num)}


def test_a_zip_gives_the_same_pixels_as_its_folder(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = [
        encode_picture(rng.integers(0, 100, (20, 30)).astype(np.uint8)) for _ in range(MIN_IMAGES)
    ]
    folder = write_pictures(tmp_path / "digits", pictures)
    members = {f"digits/{index:04}.png": data for index, data in enumerate(pictures)}
    in_reverse = dict(reversed(members.items()))  # The order in the archive does not matter.
    file = write_zip(tmp_path / "digits.ZIP", in_reverse | {"__MACOSX/._0.png": b"twin"})
    dataset = load_dataset(str(file))
    assert dataset.name == "digits.ZIP"
    assert dataset.summary.startswith("64 pictures read.")
    assert dataset.fingerprint == load_dataset(str(folder)).fingerprint


def test_names_with_parent_folders_in_a_zip_are_harmless(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    climbing = {f"../../{name}": data for name, data in make_pngs(MIN_IMAGES - 1).items()}
    file = write_zip(inner / "a.zip", climbing | {"/tmp/absolute.png": make_pngs(1)["0.png"]})
    assert len(load_dataset(str(file))) == MIN_IMAGES
    assert [path.name for path in tmp_path.rglob("*")] == ["inner", "a.zip"]


def test_a_member_without_a_name_is_left_out(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "a.zip", make_pngs() | {"folder/": b"", "nameless": b""})
    file.write_bytes(file.read_bytes().replace(b"nameless", bytes(8)))  # A name ends at a zero.
    assert load_dataset(str(file)).summary.startswith(
        "64 pictures read, 1 left out (1 not a picture)."
    )


def test_a_damaged_member_is_left_out(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "a.zip", make_pngs(MIN_IMAGES + 1))
    with zipfile.ZipFile(file) as archive:
        offset = archive.infolist()[3].header_offset
    data = bytearray(file.read_bytes())
    data[offset + 45] ^= 0xFF  # Within the member's data: its checksum no longer fits.
    file.write_bytes(data)
    assert load_dataset(str(file)).summary.startswith("64 pictures read, 1 left out (1 damaged).")


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "a.zip", make_pngs())
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(DatasetError, match=r"not a complete \.zip file .* copy or save it again"):
        load_dataset(str(file))


def test_a_zip_of_zips_is_refused_with_advice(tmp_path: Path) -> None:
    inner = pack_zip(make_pngs(1))
    file = write_zip(tmp_path / "out.zip", {"in.zip": inner, "more.zip": inner})
    with pytest.raises(
        DatasetError, match=r"2 still packed in an archive.*unpack the archives inside it"
    ):
        load_dataset(str(file))


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "a.zip", make_pngs(1))
    data = bytearray(file.read_bytes())
    data[6] |= 1  # The flag in the member's own header,
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the table of contents.
    file.write_bytes(data)
    with pytest.raises(DatasetError, match="is encrypted; expected one without a password"):
        load_dataset(str(file))


def test_an_unusual_compression_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(pack_zip(make_pngs(1), zipfile.ZIP_LZMA))
    with pytest.raises(DatasetError, match="method 14; expected 'deflate'"):
        load_dataset(str(tmp_path / "a.zip"))


def test_a_member_above_the_size_limit_is_left_out(tmp_path: Path) -> None:
    bomb = bytes(picture_limits.MAX_FILE_BYTES + 1)
    file = write_zip(tmp_path / "a.zip", make_pngs() | {"bomb.png": bomb})
    assert file.stat().st_size < 100_000
    assert load_dataset(str(file)).summary.startswith("64 pictures read, 1 left out (1 too large).")


def test_a_member_with_a_false_size_is_read_only_up_to_that_size(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "a.zip", make_pngs() | {"zz.png": bytes(10_000_000)})
    data = bytearray(file.read_bytes())
    # The last entry of the table of contents belongs to zz.png; its unpacked size is 24 bytes in.
    place = data.rindex(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", 100)
    file.write_bytes(data)
    assert load_dataset(str(file)).summary.startswith("64 pictures read, 1 left out (1 damaged).")


def test_a_zip_above_the_total_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_limits, "MAX_UNPACKED_BYTES", 2**20)
    file = write_zip(tmp_path / "a.zip", {f"{index}.png": bytes(2**17) for index in range(9)})
    with pytest.raises(DatasetError, match="would unpack to 1 MiB; expected at most 1 MiB"):
        load_dataset(str(file))


def test_a_zip_with_too_many_pictures_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_limits, "MAX_IMAGES", 10)
    file = write_zip(tmp_path / "a.zip", {f"{index}.png": b"" for index in range(11)})
    with pytest.raises(DatasetError, match="holds 11 pictures; expected at most 10"):
        load_dataset(str(file))


def test_a_very_large_table_of_contents_is_never_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_limits, "MAX_FILE_BYTES", 70_000)
    file = write_zip(tmp_path / "a.zip", {f"{index:0100}.png": b"" for index in range(600)})
    with pytest.raises(DatasetError, match="table of contents is beyond 0 MiB, too many files"):
        load_dataset(str(file))

"""Hostile and damaged archives: they are refused, and nothing is written."""

from __future__ import annotations

import io
import json
import os
import stat
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.export import archive
from dcgan.export.archive import export_run, import_run
from tests.archives import make_run, make_state, read_import_error
from tests.disk_errors import raise_disk_full
from tests.encoding import pack_zip, unpack_zip

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_only_the_files_of_a_run_are_read_and_never_paths(packed: bytes, root: Path) -> None:
    members = unpack_zip(packed)
    strangers = [
        "../escaped.txt",
        "/absolute.txt",
        "C:\\windows.txt",
        "first/../../escaped.txt",
        "first/samples/../../../escaped.png",
        "first/checkpoints/step-00000014.npz/x",
        "first/.lock",
        "first/status.json",
        "first/samples/evil.sh",
        "first/samples/step-٠٠٠٠٠٠١٤.png",
        "first/history.jsonl/",
        "__MACOSX/first/._config.json",
    ]
    run = import_run(io.BytesIO(pack_zip(members | dict.fromkeys(strangers, b"evil"))), root)
    files = sorted(str(path.relative_to(root.parent)) for path in root.rglob("*") if path.is_file())
    assert files == [
        "runs/first/checkpoints/step-00000014.npz",
        "runs/first/config.json",
        "runs/first/history.jsonl",
        "runs/first/label.json",
        "runs/first/samples/step-00000013.png",
        "runs/first/samples/step-00000014.png",
        "runs/first/status.json",
    ]
    assert run.read_status().state == "stopped"


@pytest.mark.parametrize("top", ["../", "C:/", "./", "~/", "CON:*?/", "\x1b[31m/", "‮/"])
def test_an_odd_folder_name_is_replaced_by_a_plain_one(packed: bytes, root: Path, top: str) -> None:
    members = {
        name.replace("first/", top, 1): content for name, content in unpack_zip(packed).items()
    }
    run = import_run(io.BytesIO(pack_zip(members)), root)
    assert run.path.parent == root
    assert run.name.replace("-", "").isalnum()


@pytest.mark.parametrize("top", ["/", "//host/", "a/b/", "..\\", "C:\\"])
def test_a_zip_without_a_run_at_its_top_is_refused(packed: bytes, root: Path, top: str) -> None:
    members = {
        name.replace("first/", top, 1): content for name, content in unpack_zip(packed).items()
    }
    assert "there is no config.json in it" in read_import_error(pack_zip(members), root)


def test_a_file_that_is_no_zip_is_refused(packed: bytes, root: Path) -> None:
    for content in (b"", b"\x89PNG\r\n\x1a\n" * 40, b"PK\x03\x04" + b"\0" * 99, packed[:500]):
        assert "not a readable ZIP file" in read_import_error(content, root)
    for members in ({}, {"holiday.jpg": b"x"}, {"first/run.zip": packed}):
        assert "holds no run: there is no config.json" in read_import_error(pack_zip(members), root)


def test_two_runs_in_one_zip_are_refused(packed: bytes, root: Path) -> None:
    members = unpack_zip(packed)
    second = {name.replace("first/", "second/"): content for name, content in members.items()}
    assert "more than one run, or a file twice" in read_import_error(
        pack_zip(members | second), root
    )
    file = io.BytesIO(packed)
    with zipfile.ZipFile(file, "a") as opened, warnings.catch_warnings(action="ignore"):
        opened.writestr("first/config.json", b"{}")
    assert "more than one run, or a file twice" in read_import_error(file.getvalue(), root)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("first/config.json", b"{}", "first: config.json is damaged (format: Field required)"),
        ("first/config.json", b'{"format": 9}', "first has format 9; this program reads up to 4"),
        ("first/checkpoints/step-00000014.npz", b"torn", "the checkpoint of step 14 is damaged"),
        ("first/checkpoints/step-00000014.npz", None, "first has no checkpoint yet"),
        ("first/config.json", None, "there is no config.json in it"),
    ],
)
def test_a_run_that_cannot_be_resumed_is_refused(
    packed: bytes, root: Path, name: str, content: bytes | None, sentence: str
) -> None:
    members = unpack_zip(packed)
    if content is None:
        del members[name]
    else:
        members[name] = content
    assert sentence in read_import_error(pack_zip(members), root)


def test_the_error_names_an_invalid_setting(packed: bytes, root: Path) -> None:
    members = unpack_zip(packed)
    content = json.loads(members["first/config.json"])
    content["config"]["generator_filters"] = [10**9]
    members["first/config.json"] = json.dumps(content).encode()
    assert "config: generator_filters" in read_import_error(pack_zip(members), root)


def test_hostile_histories_and_labels_do_no_harm(packed: bytes, root: Path) -> None:
    members = unpack_zip(packed)
    members["first/history.jsonl"] += b'=cmd()\n[[[[\n{"kind": "step", "step": 1e999}\n\xff\0'
    members["first/label.json"] = b"[" * 10_000
    run = import_run(io.BytesIO(pack_zip(members)), root)
    assert len(run.history.read_steps()) == 2
    assert run.read_label().title == "first"


def test_an_encrypted_zip_is_refused(packed: bytes, root: Path) -> None:
    # `zipfile` cannot encrypt, so only the flag is set, in both headers of each member.
    content = bytearray(packed)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(signature, place + 4)
    assert "is encrypted; pack it again without a password" in read_import_error(
        bytes(content), root
    )


def test_links_and_unusual_compression_are_refused(packed: bytes, root: Path) -> None:
    for kind, compression, sentence in (
        (stat.S_IFLNK, zipfile.ZIP_STORED, "links instead of files"),
        (stat.S_IFREG, zipfile.ZIP_LZMA, "compressed in an unusual way"),
    ):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as opened:
            for name, content in unpack_zip(packed).items():
                info = zipfile.ZipInfo(name)
                info.external_attr = (kind | 0o644) << 16
                info.compress_type = compression
                opened.writestr(info, content)
        assert sentence in read_import_error(file.getvalue(), root)


def test_a_zip_bomb_is_refused_by_its_declared_size(
    packed: bytes, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = unpack_zip(packed)
    for name, most in (("config.json", 2**20), ("label.json", 2**20)):
        bomb = pack_zip(members | {f"first/{name}": b"0" * (most + 1)})
        assert len(bomb) < 20_000
        assert "too large for a run" in read_import_error(bomb, root)
    monkeypatch.setattr(archive, "_MAX_BYTES", 50_000)
    bomb = pack_zip(members | {"first/samples/step-00000001.png": b"\0" * 60_000})
    assert "too large for a run" in read_import_error(bomb, root)
    assert import_run(io.BytesIO(packed), root).name == "first"


def test_a_zip_bomb_with_a_wrong_size_unpacks_to_the_declared_size(
    packed: bytes, root: Path
) -> None:
    name = "first/samples/step-00000001.png"
    true_size, lie = (2_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
    content = pack_zip(unpack_zip(packed) | {name: b"\0" * 2_000_000})
    assert content.count(true_size) == 2
    assert "This ZIP is damaged at samples/step-00000001.png" in read_import_error(
        content.replace(true_size, lie), root
    )


def test_too_many_files_are_refused(
    packed: bytes, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = {f"first/samples/step-{step:08d}.png": b"" for step in range(1000)}
    content = pack_zip(unpack_zip(packed) | pictures)
    monkeypatch.setattr(archive, "_MAX_MEMBERS", 500)
    assert "too large for a run: 2 GiB and 500 files are the most" in read_import_error(
        content, root
    )
    # The size of the table of contents is checked before an object is made for each entry.
    monkeypatch.setattr(archive, "_MAX_TABLE_BYTES", 66_000)
    error = read_import_error(content, root)
    assert "its list of files, or one of its files, is too large" in error
    assert import_run(io.BytesIO(packed), root).name == "first"


def test_flipped_bytes_never_leave_a_partial_run(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    packed = export_run(make_run(tiny_config, tiny_dataset, tmp_path / "first"))
    root = tmp_path / "flips"

    @given(
        flips=st.dictionaries(
            st.integers(0, len(packed) - 1), st.integers(1, 255), min_size=1, max_size=3
        )
    )
    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    def check(flips: dict[int, int]) -> None:
        content = bytearray(packed)
        for place, bits in flips.items():
            content[place] ^= bits
        before = len(list(root.iterdir())) if root.exists() else 0
        try:
            run = import_run(io.BytesIO(content), root)
        except RunError:
            after = len(list(root.iterdir())) if root.exists() else 0
            assert after == before
        else:
            np.testing.assert_array_equal(run.checkpoints.load()["w"], make_state(14)["w"])

    check()


def test_a_full_disk_is_reported_and_leaves_nothing(
    packed: bytes, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"cannot write to .*file"):
        import_run(io.BytesIO(packed), tmp_path / "file")
    monkeypatch.setattr(os, "fsync", raise_disk_full)
    assert "No space left on device; free some space" in read_import_error(packed, root)
    monkeypatch.setattr(os, "fsync", lambda file: None)
    make_folder: Callable[..., None] = Path.mkdir

    def refuse_inside(path: Path, *args: int, **options: bool) -> None:
        if path.name == "samples":
            raise_disk_full()
        make_folder(path, *args, **options)

    monkeypatch.setattr(Path, "mkdir", refuse_inside)
    assert "cannot write to" in read_import_error(packed, root)


def test_a_run_larger_than_the_free_space_is_refused(packed: bytes, root: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        csv = opened.getinfo("first/history.csv").file_size  # An import leaves it out.
        num_bytes = sum(info.file_size for info in opened.infolist()) - csv
    with pytest.raises(RunError, match=r"^This run takes 0 MB, but only 0 MB are left: delete"):
        import_run(io.BytesIO(packed), root, max_bytes=num_bytes - 1)
    assert not root.exists() or list(root.iterdir()) == []
    assert import_run(io.BytesIO(packed), root, max_bytes=num_bytes).name == "first"

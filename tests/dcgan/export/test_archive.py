"""A run goes out as a ZIP and comes in again; whatever else comes in is refused and gone."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import stat
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.export import archive
from dcgan.export.archive import export_run, import_run
from dcgan.export.tables import COLUMNS, history_csv
from dcgan.reports import SampleReport, StepReport
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run

pytestmark = pytest.mark.usefixtures("no_shipped_run")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "shelf"


def state(step: int) -> dict[str, np.ndarray]:
    weights = np.random.default_rng(step).standard_normal((6, 5)).astype(np.float32)
    return {"w": weights, "step": np.array(step), "seconds": np.array(step / 8)}


def make_run(config: TrainingConfig, dataset: ImageDataset, path: Path) -> Run:
    """Make a run with checkpoints of steps 13 and 14, and history and a picture beyond them."""
    run = Run.create(config, dataset, path=path)
    pixels = np.random.default_rng(0).integers(0, 256, (6, 28, 28, 1), dtype=np.uint8)
    for step in (13, 14, 15):
        run.write(StepReport(step, 2, step / 8, 1, 0.5, 0.25, 1, 1, 0.5, 0.5, 1, 1, 1000.0))
        run.write(SampleReport(step, 2, step / 8, pixels))
    run.save_checkpoint(state(13))
    run.save_checkpoint(state(14))
    run.write_label("Größe 数字", "A note.")
    run.write_status("finished", step=14, seconds=1.75)
    run.lock.release()
    return run


@pytest.fixture
def packed(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> bytes:
    return export_run(make_run(tiny_config, tiny_dataset, tmp_path / "first"))


def members_of(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        return {info.filename: opened.read(info) for info in opened.infolist()}


def pack(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return file.getvalue()


def refused(content: bytes, root: Path) -> str:
    """Return the sentence with which a ZIP is refused, once nothing of it was left behind."""
    with pytest.raises(RunError) as caught:
        import_run(io.BytesIO(content), root)
    assert not root.exists() or list(root.iterdir()) == []
    return str(caught.value)


# There and back


def test_a_run_comes_back_at_its_newest_checkpoint(packed: bytes, shelf: Path) -> None:
    run = import_run(io.BytesIO(packed), shelf)
    assert run.path == shelf / "first"
    assert (run.read_label().title, run.read_label().note) == ("Größe 数字", "A note.")
    assert run.checkpoints.list_steps() == [14]
    np.testing.assert_array_equal(run.checkpoints.load()["w"], state(14)["w"])
    # What the run in training had noted after its checkpoint is not part of it.
    assert [report.step for report in run.history.read_steps()] == [13, 14]
    assert run.samples.list_steps() == [13, 14]
    status = run.read_status()
    assert (status.state, status.step, status.epoch, status.seconds) == ("stopped", 14, 2, 1.75)
    found, problems = list_runs(shelf)
    assert ([listed.name for listed in found], problems) == (["first"], [])
    assert [path.name for path in shelf.iterdir()] == ["first"]


@pytest.mark.parametrize(
    ("plan", "state_then"),
    [
        ({"epochs": 1}, "finished"),  # 13 steps, of which 14 are made.
        ({"epochs": None, "max_seconds": 1.75}, "finished"),
        ({"epochs": 2, "max_seconds": 1.76}, "stopped"),
    ],
)
def test_a_run_is_finished_again_if_what_was_planned_is_done(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    shelf: Path,
    plan: dict[str, object],
    state_then: str,
) -> None:
    run = make_run(tiny_config.replace(**plan), tiny_dataset, tmp_path / "first")
    status = import_run(io.BytesIO(export_run(run)), shelf).read_status()
    assert (status.state, status.step, status.seconds) == (state_then, 14, 1.75)


def test_a_second_import_gets_a_name_of_its_own(packed: bytes, shelf: Path) -> None:
    names = [import_run(io.BytesIO(packed), shelf).name for _ in range(3)]
    assert names == ["first", "first-2", "first-3"]


def test_an_import_does_not_take_the_shipped_runs_name(packed: bytes, shelf: Path) -> None:
    renamed = {
        name.replace("first/", "pretrained/"): content
        for name, content in members_of(packed).items()
    }
    assert import_run(io.BytesIO(pack(renamed)), shelf).name == "pretrained-2"


def test_a_run_whose_folder_has_an_odd_name_comes_back(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path, shelf: Path
) -> None:
    run = make_run(tiny_config, tiny_dataset, tmp_path / "C:\\Größe..")
    assert import_run(io.BytesIO(export_run(run)), shelf).name == "c--gr--e"


def test_a_zip_without_a_folder_inside_is_taken(packed: bytes, shelf: Path) -> None:
    flat = {name.removeprefix("first/"): content for name, content in members_of(packed).items()}
    assert import_run(io.BytesIO(pack(flat)), shelf).name == "imported"


def test_the_history_comes_along_as_a_table(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path, packed: bytes
) -> None:
    text = members_of(packed)["first/history.csv"].decode()
    assert text == history_csv(open_run(tmp_path / "first"))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["step"] for row in rows] == ["13", "14", "15"]
    assert rows[0]["generator_loss"] == "0.5"
    assert list(rows[0]) == list(COLUMNS)


def test_event_files_stay_at_home(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    """The history says the same in a tenth of the space."""
    run = make_run(tiny_config, tiny_dataset, tmp_path / "first")
    (run.path / "tensorboard").mkdir()
    (run.path / "tensorboard" / "events.out.tfevents.1").write_bytes(b"events")
    assert not [name for name in members_of(export_run(run)) if "tensorboard" in name]


def test_a_run_without_a_checkpoint_is_not_packed(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "new")
    run.lock.release()
    with pytest.raises(RunError, match="new has no checkpoint yet"):
        export_run(run)
    assert history_csv(run) == ",".join(COLUMNS) + "\n"


def test_a_damaged_newest_checkpoint_is_left_for_the_one_before(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path, shelf: Path
) -> None:
    run = make_run(tiny_config, tiny_dataset, tmp_path / "first")
    (run.path / "checkpoints" / "step-00000014.npz").write_bytes(b"torn")
    assert import_run(io.BytesIO(export_run(run)), shelf).checkpoints.list_steps() == [13]


def test_a_save_while_packing_does_not_cost_the_checkpoint(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    shelf: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = make_run(tiny_config.replace(keep_checkpoints=1), tiny_dataset, tmp_path / "first")
    load = run.checkpoints.load

    def load_then_save() -> dict[str, np.ndarray]:
        loaded = load()
        run.save_checkpoint(state(15))
        return loaded

    monkeypatch.setattr(run.checkpoints, "load", load_then_save)
    packed = export_run(run)
    assert 14 not in run.checkpoints.list_steps()
    again = import_run(io.BytesIO(packed), shelf)
    assert again.checkpoints.list_steps() == [14]
    np.testing.assert_array_equal(again.checkpoints.load()["w"], state(14)["w"])


# Names


def test_only_a_runs_own_files_are_taken_and_none_as_a_path(packed: bytes, shelf: Path) -> None:
    members = members_of(packed)
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
    run = import_run(io.BytesIO(pack(members | dict.fromkeys(strangers, b"evil"))), shelf)
    files = sorted(
        str(path.relative_to(shelf.parent)) for path in shelf.rglob("*") if path.is_file()
    )
    assert files == [
        "shelf/first/checkpoints/step-00000014.npz",
        "shelf/first/config.json",
        "shelf/first/history.jsonl",
        "shelf/first/label.json",
        "shelf/first/samples/step-00000013.png",
        "shelf/first/samples/step-00000014.png",
        "shelf/first/status.json",
    ]
    assert run.read_status().state == "stopped"


@pytest.mark.parametrize("top", ["../", "C:/", "./", "~/", "CON:*?/", "\x1b[31m/", "‮/"])
def test_a_strange_folder_name_becomes_a_plain_one(packed: bytes, shelf: Path, top: str) -> None:
    members = {
        name.replace("first/", top, 1): content for name, content in members_of(packed).items()
    }
    run = import_run(io.BytesIO(pack(members)), shelf)
    assert run.path.parent == shelf
    assert run.name.replace("-", "").isalnum()


@pytest.mark.parametrize("top", ["/", "//host/", "a/b/", "..\\", "C:\\"])
def test_a_run_that_lies_deeper_or_nowhere_is_not_found(
    packed: bytes, shelf: Path, top: str
) -> None:
    members = {
        name.replace("first/", top, 1): content for name, content in members_of(packed).items()
    }
    assert "there is no config.json in it" in refused(pack(members), shelf)


# What is no run


def test_what_is_no_zip_is_refused(packed: bytes, shelf: Path) -> None:
    for content in (b"", b"\x89PNG\r\n\x1a\n" * 40, b"PK\x03\x04" + b"\0" * 99, packed[:500]):
        assert "not a readable ZIP file" in refused(content, shelf)
    for members in ({}, {"holiday.jpg": b"x"}, {"first/run.zip": packed}):
        assert "holds no run: there is no config.json" in refused(pack(members), shelf)


def test_two_runs_in_one_zip_are_refused(packed: bytes, shelf: Path) -> None:
    members = members_of(packed)
    second = {name.replace("first/", "second/"): content for name, content in members.items()}
    assert "more than one run, or a file twice" in refused(pack(members | second), shelf)
    file = io.BytesIO(packed)
    with zipfile.ZipFile(file, "a") as opened, warnings.catch_warnings(action="ignore"):
        opened.writestr("first/config.json", b"{}")
    assert "more than one run, or a file twice" in refused(file.getvalue(), shelf)


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
def test_a_run_that_could_not_go_on_is_refused(
    packed: bytes, shelf: Path, name: str, content: bytes | None, sentence: str
) -> None:
    members = members_of(packed)
    if content is None:
        del members[name]
    else:
        members[name] = content
    assert sentence in refused(pack(members), shelf)


def test_a_wrong_setting_inside_is_named(packed: bytes, shelf: Path) -> None:
    members = members_of(packed)
    content = json.loads(members["first/config.json"])
    content["config"]["generator_filters"] = [10**9]
    members["first/config.json"] = json.dumps(content).encode()
    assert "config: generator_filters" in refused(pack(members), shelf)


def test_hostile_history_and_labels_do_no_harm(packed: bytes, shelf: Path) -> None:
    members = members_of(packed)
    members["first/history.jsonl"] += b'=cmd()\n[[[[\n{"kind": "step", "step": 1e999}\n\xff\0'
    members["first/label.json"] = b"[" * 10_000
    run = import_run(io.BytesIO(pack(members)), shelf)
    assert len(run.history.read_steps()) == 2
    assert run.read_label().title == "first"


def test_an_encrypted_zip_is_refused(packed: bytes, shelf: Path) -> None:
    # `zipfile` cannot encrypt; the flag alone, in both headers of each member, says the same.
    content = bytearray(packed)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(signature, place + 4)
    assert "is encrypted; pack it again without a password" in refused(bytes(content), shelf)


def test_links_and_unusual_compression_are_refused(packed: bytes, shelf: Path) -> None:
    for kind, compression, sentence in (
        (stat.S_IFLNK, zipfile.ZIP_STORED, "links instead of files"),
        (stat.S_IFREG, zipfile.ZIP_LZMA, "compressed in an unusual way"),
    ):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as opened:
            for name, content in members_of(packed).items():
                info = zipfile.ZipInfo(name)
                info.external_attr = (kind | 0o644) << 16
                info.compress_type = compression
                opened.writestr(info, content)
        assert sentence in refused(file.getvalue(), shelf)


# Bombs


def test_a_bomb_is_refused_by_what_it_declares(
    packed: bytes, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = members_of(packed)
    for name, most in (("config.json", 2**20), ("label.json", 2**20)):
        bomb = pack(members | {f"first/{name}": b"0" * (most + 1)})
        assert len(bomb) < 20_000
        assert "too large for a run" in refused(bomb, shelf)
    monkeypatch.setattr(archive, "_MAX_BYTES", 50_000)
    bomb = pack(members | {"first/samples/step-00000001.png": b"\0" * 60_000})
    assert "too large for a run" in refused(bomb, shelf)
    assert import_run(io.BytesIO(packed), shelf).name == "first"


def test_a_bomb_that_lies_about_its_size_unpacks_to_what_it_says(
    packed: bytes, shelf: Path
) -> None:
    name = "first/samples/step-00000001.png"
    true_size, lie = (2_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
    content = pack(members_of(packed) | {name: b"\0" * 2_000_000})
    assert content.count(true_size) == 2
    assert "This ZIP is damaged at samples/step-00000001.png" in refused(
        content.replace(true_size, lie), shelf
    )


def test_too_many_files_are_refused(
    packed: bytes, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = {f"first/samples/step-{step:08d}.png": b"" for step in range(1000)}
    content = pack(members_of(packed) | pictures)
    monkeypatch.setattr(archive, "_MAX_MEMBERS", 500)
    assert "too large for a run: 2 GiB and 500 files are the most" in refused(content, shelf)
    # Also before an object was made for each: other names, or none, do not count above.
    monkeypatch.setattr(archive, "_MAX_TABLE_BYTES", 66_000)
    assert "it holds too many files" in refused(content, shelf)
    assert import_run(io.BytesIO(packed), shelf).name == "first"


# Damage and disks


def test_flipped_bytes_never_leave_a_half_run(
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
            np.testing.assert_array_equal(run.checkpoints.load()["w"], state(14)["w"])

    check()


def test_a_full_disk_is_told_and_leaves_nothing(
    packed: bytes, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(*args: object, **kwargs: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"cannot write to .*file"):
        import_run(io.BytesIO(packed), tmp_path / "file")
    monkeypatch.setattr(os, "fsync", disk_full)
    assert "No space left on device; free some space" in refused(packed, shelf)
    monkeypatch.setattr(os, "fsync", lambda file: None)
    make_folder: Callable[..., None] = Path.mkdir

    def refuse_inside(path: Path, *args: int, **options: bool) -> None:
        if path.name == "samples":
            disk_full()
        make_folder(path, *args, **options)

    monkeypatch.setattr(Path, "mkdir", refuse_inside)
    assert "cannot write to" in refused(packed, shelf)


def test_a_run_that_takes_more_than_there_is_room_for_is_refused(
    packed: bytes, shelf: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        csv = opened.getinfo("first/history.csv").file_size  # Which is made anew, not taken.
        num_bytes = sum(info.file_size for info in opened.infolist()) - csv
    with pytest.raises(RunError, match=r"^This run takes 0 MB, and there is room for 0 MB: delete"):
        import_run(io.BytesIO(packed), shelf, max_bytes=num_bytes - 1)
    assert not shelf.exists() or list(shelf.iterdir()) == []
    assert import_run(io.BytesIO(packed), shelf, max_bytes=num_bytes).name == "first"

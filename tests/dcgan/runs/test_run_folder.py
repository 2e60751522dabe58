"""A run's folder stays readable after a crash, and damage to it is reported."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.runs.copying import branch_run
from dcgan.runs.run_folder import Run, open_run
from tests.dcgan.runs.examples import make_state, read_files, sample_report
from tests.disk_errors import raise_disk_full
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


# Creation


def test_an_opened_run_equals_the_created_one(new_run: Callable[..., Run]) -> None:
    made = new_run("first", 4)
    opened = open_run(made.path)
    assert opened.config == made.config
    assert opened.dataset == made.dataset
    assert (opened.name, opened.read_label().title, opened.read_label().note) == (
        "first",
        "first",
        "",
    )
    assert opened.created == made.created
    assert opened.versions["python"].count(".") == 2
    assert (
        opened.read_status().state,
        opened.read_status().step,
        opened.read_status().seconds,
    ) == ("stopped", 4, 2.5)


def test_two_new_runs_of_one_second_get_two_folders(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    made = [Run.create(tiny_config, tiny_dataset, root=tmp_path) for _ in range(3)]
    assert len({run.path for run in made}) == 3
    assert all(run.name.startswith("spots-") for run in made)
    for run in made:
        run.lock.release()


def test_a_folder_that_is_not_empty_is_refused_and_left_alone(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("do not touch")
    before = read_files(tmp_path)
    with pytest.raises(
        RunError, match=r"exists and is not empty; give a new folder, or use resume"
    ):
        Run.create(tiny_config, tiny_dataset, path=tmp_path)
    with pytest.raises(RunError, match="not empty"):
        Run.create(tiny_config, tiny_dataset, path=tmp_path / "thesis.txt")
    assert read_files(tmp_path) == before


def test_a_full_disk_leaves_nothing_of_a_new_run(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "fsync", raise_disk_full)
    with pytest.raises(RunError, match=r"cannot write to .*: No space left on device; free some"):
        Run.create(tiny_config, tiny_dataset, path=tmp_path / "new")
    with pytest.raises(RunError, match="No space left"):
        Run.create(tiny_config, tiny_dataset, root=tmp_path / "root")
    assert list(tmp_path.rglob("*")) == [tmp_path / "root"]


def test_a_folder_without_write_permission_is_named(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"cannot write to .*file.new"):
        Run.create(tiny_config, tiny_dataset, path=tmp_path / "file" / "new")
    with pytest.raises(RunError, match=r"cannot write to .*file"):
        Run.create(tiny_config, tiny_dataset, root=tmp_path / "file")
    with pytest.raises(RunError, match="cannot write to"):
        Run.create(tiny_config, tiny_dataset, path=tmp_path / ("long" * 100))


def test_an_old_run_without_a_summary_of_its_data_opens(
    new_run: Callable[..., Run],
) -> None:
    run = new_run()
    file = run.path / "config.json"
    manifest = json.loads(file.read_text())
    assert manifest["dataset"].pop("note") == run.dataset.summary
    assert manifest["dataset"].pop("left_out") == {}
    file.write_text(json.dumps(manifest))
    older = open_run(run.path).dataset
    assert (older.summary, older.left_out, older.num_left_out) == ("", {}, 0)
    assert older.fingerprint == run.dataset.fingerprint


# Damage


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"\xff\xfe\x00garbage",
        b"[]",
        b"null",
        b'{"format": 1}',
        b"[" * 100_000,
        b'{"format": "one"}',
        b'{"format": 1e999}',
    ],
)
def test_a_damaged_config_is_reported_with_a_sentence(
    new_run: Callable[..., Run], content: bytes
) -> None:
    run = new_run()
    (run.path / "config.json").write_bytes(content)
    with pytest.raises(RunError, match=r"first: config.json is damaged \(.*\); take it from"):
        open_run(run.path)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"created": "yesterday"}, "created"),
        ({"created": "2026-01-01T00:00:00"}, "zone"),
        ({"versions": [1]}, "versions"),
        ({"dataset": {"name": "x", "num_images": 0, "fingerprint": ""}}, "num_images"),
        ({"dataset": {"name": "x", "num_images": 10**400, "fingerprint": ""}}, "num_images"),
        ({"config": {"epochs": -1}}, "config: epochs"),
        ({"config": {"epochs": None, "max_seconds": None}}, "never ends"),
        ({"config": {"cls": 1, "self": 2}}, "config: "),
        ({"config": []}, "config"),
    ],
)
def test_a_wrong_value_in_the_config_is_named(
    new_run: Callable[..., Run], changes: dict[str, object], word: str
) -> None:
    run = new_run()
    file = run.path / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    with pytest.raises(RunError, match=r"config.json is damaged") as caught:
        open_run(run.path)
    assert word in str(caught.value)


def test_a_run_of_a_newer_program_asks_for_an_update(
    new_run: Callable[..., Run],
) -> None:
    run = new_run()
    (run.path / "config.json").write_text('{"format": 5, "settings": "somewhere else"}')
    with pytest.raises(RunError, match=r"has format 5; this program reads up to 4, so update it"):
        open_run(run.path)


@pytest.mark.parametrize(
    ("number", "added"),
    [(1, ("generator_units", "discriminator_units", "r1_penalty")), (2, ("r1_penalty",))],
)
def test_an_old_run_keeps_its_networks_when_defaults_change(
    new_run: Callable[..., Run], number: int, added: tuple[str, ...]
) -> None:
    run = new_run()
    file = run.path / "config.json"
    manifest = json.loads(file.read_text()) | {"format": number}
    for name in added:
        del manifest["config"][name]
    file.write_text(json.dumps(manifest))
    old = open_run(run.path)
    assert [getattr(old.config, name) for name in added] == [0] * len(added)
    old.change_config(old.config)  # As a resume does; from then on the file holds the values.
    now = json.loads(file.read_text())
    assert now["format"] == 4
    assert [now["config"][name] for name in added] == [0] * len(added)


def test_a_folder_in_place_of_a_file_is_reported(new_run: Callable[..., Run]) -> None:
    run = new_run("first", 4)
    for name in ("config.json", "history.jsonl", "checkpoints/step-00000004.npz"):
        (run.path / name).unlink(missing_ok=True)
        (run.path / name).mkdir()
    with pytest.raises(RunError, match=r"config.json cannot be read \(Is a directory\)"):
        open_run(run.path)
    with pytest.raises(RunError, match=r"history.jsonl cannot be read"):
        run.history.read_steps()
    with pytest.raises(RunError, match=r"damaged; start a new run"):
        run.checkpoints.load()


@pytest.mark.parametrize(
    "content",
    [None, b"", b"{", b"\0\xff", b'{"state": "dancing"}', b'{"state": "stopped", "step":-1}'],
)
def test_a_run_with_a_damaged_status_can_be_opened(
    new_run: Callable[..., Run], content: bytes | None
) -> None:
    run = new_run("first", 4, 14)
    if content is None:
        (run.path / "status.json").unlink()
    else:
        (run.path / "status.json").write_bytes(content)
    status = open_run(run.path).read_status()
    assert (status.state, status.step, status.epoch) == ("interrupted", 14, 2)


def test_a_run_whose_folder_was_deleted_is_reported(
    new_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = new_run("first", 4)
    run.path.rename(tmp_path / "gone")
    for attempt in (
        run.acquire_lock,
        run.checkpoints.load,
        lambda: run.read_status(),
        lambda: run.write_label("a", "b"),
        lambda: run.write_status("stopped"),
        lambda: run.write(step_report(1)),
        lambda: run.write(sample_report(1)),
        lambda: run.samples.read(1),
        lambda: branch_run(run, tmp_path),
        lambda: open_run(run.path),
    ):
        with pytest.raises(RunError, match="first"):
            attempt()
    assert run.history.read_steps() == []
    assert not run.path.exists()


# Locks


def test_a_second_writer_is_refused_until_the_first_releases_the_lock(
    new_run: Callable[..., Run],
) -> None:
    first = new_run("first", 4)
    second = open_run(first.path)
    first.acquire_lock()
    assert second.lock.is_held()
    for run in (second, first):
        with pytest.raises(RunError, match=r"first is being written by (process|this)"):
            run.acquire_lock()
    first.lock.release()
    second.acquire_lock()
    second.lock.release()
    assert not first.lock.is_held()


def test_a_new_writer_deletes_the_partial_files_of_a_dead_one(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first", 4)
    for name in ("status.json.0a0a.tmp", "checkpoints/step-00000009.npz.1b1b.tmp"):
        (run.path / name).write_bytes(b"half")
    (run.path / "samples" / "mine.txt").write_text("kept")
    assert run.checkpoints.list_steps() == [4]
    run.acquire_lock()
    run.lock.release()
    assert [path.name for path in run.path.rglob("*.tmp")] == []
    assert (run.path / "samples" / "mine.txt").exists()


def test_a_folder_without_permission_is_reported(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first", 4)

    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("dcgan.locking.lock.FileLock.acquire", refuse)
    with pytest.raises(RunError, match=r"cannot write to .*first: Permission denied; free some"):
        run.acquire_lock()
    run.write_status("running")
    assert open_run(run.path).read_status().state == "interrupted"
    (run.path / ".holder").unlink()
    (run.path / ".holder").mkdir()  # It cannot be read, like another user's.
    assert open_run(run.path).read_status().state == "running"


def test_a_failed_write_leaves_the_old_file_and_no_other(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first", 4)
    before = read_files(run.path)
    monkeypatch.setattr(os, "fsync", raise_disk_full)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: run.save_checkpoint(make_state(4)),
        lambda: run.save_checkpoint(make_state(5)),
        lambda: run.write_status("running"),
        lambda: run.write_label("new", "note"),
        lambda: run.change_config(run.config.replace(epochs=7)),
        lambda: run.write(sample_report(3)),
        lambda: run.rewind(2),
    )
    for attempt in attempts:
        with pytest.raises(RunError, match="No space left on device"):
            attempt()
    assert read_files(run.path) == before

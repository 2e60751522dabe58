"""A run's folder: whole after any death, and honest about damage."""

from __future__ import annotations

import dataclasses
import errno
import io
import json
import os
import struct
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DCGANError, RunError
from dcgan.reports import EpochReport, EvaluationReport, EventReport, SampleReport, StepReport
from dcgan.runs import run_folder, samples
from dcgan.runs.copying import branch_run
from dcgan.runs.history import History
from dcgan.runs.manifest import DatasetInfo
from dcgan.runs.run_folder import Run, open_run

pytestmark = pytest.mark.usefixtures("no_shipped_run")


PER_EPOCH = 13  # 200 pictures in batches of 16, the last one filled up.


@pytest.fixture
def new_run(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> Callable[..., Run]:
    """Make a run under tmp_path/shelf with some checkpoints, and let go of it."""

    def make(name: str = "first", *steps: int, **changes: object) -> Run:
        config = tiny_config.replace(**changes)
        run = Run.create(config, tiny_dataset, path=tmp_path / "shelf" / name)
        for step in steps:
            run.save_checkpoint(state(step))
        run.write_status("stopped", step=max(steps, default=0), seconds=2.5)
        run.lock.release()
        return run

    return make


def state(step: int) -> dict[str, np.ndarray]:
    weights = np.random.default_rng(step).standard_normal((6, 5)).astype(np.float32)
    return {
        "generator/00/kernel": weights,
        "ema_generator/00/kernel": weights + 1,
        "step": np.array(step, np.int64),
        "seconds": np.array(step / 8, np.float64),
    }


def step_report(step: int, *, loss: float = 0.5) -> StepReport:
    return StepReport(
        step=step,
        epoch=1,
        seconds=step / 8,
        num_steps=1,
        generator_loss=loss,
        discriminator_loss=0.25,
        real_accuracy=1.0,
        fake_accuracy=0.5,
        real_probability=0.75,
        fake_probability=0.25,
        generator_gradient_norm=2.0,
        discriminator_gradient_norm=3.0,
        images_per_second=1000.0,
    )


def sample_report(step: int, num: int = 6) -> SampleReport:
    pixels = np.random.default_rng(step).integers(0, 256, (num, 28, 28, 1), dtype=np.uint8)
    return SampleReport(step, 1, step / 8, pixels)


def disk_full(*args: object, **kwargs: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


def files_under(path: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file() and not file.name.endswith((".lock", ".holder"))
    }


# Made and opened


def test_a_run_comes_back_from_disk_as_it_was_made(new_run: Callable[..., Run]) -> None:
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
    before = files_under(tmp_path)
    with pytest.raises(RunError, match=r"is there and not empty; give a new folder, or use resume"):
        Run.create(tiny_config, tiny_dataset, path=tmp_path)
    with pytest.raises(RunError, match="not empty"):
        Run.create(tiny_config, tiny_dataset, path=tmp_path / "thesis.txt")
    assert files_under(tmp_path) == before


def test_a_full_disk_leaves_nothing_of_a_new_run(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(RunError, match=r"cannot write to .*: No space left on device; free some"):
        Run.create(tiny_config, tiny_dataset, path=tmp_path / "new")
    with pytest.raises(RunError, match="No space left"):
        Run.create(tiny_config, tiny_dataset, root=tmp_path / "root")
    assert list(tmp_path.rglob("*")) == [tmp_path / "root"]


def test_a_place_where_nobody_may_write_is_named(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"cannot write to .*file.new"):
        Run.create(tiny_config, tiny_dataset, path=tmp_path / "file" / "new")
    with pytest.raises(RunError, match=r"cannot write to .*file"):
        Run.create(tiny_config, tiny_dataset, root=tmp_path / "file")
    with pytest.raises(RunError, match="cannot write to"):
        Run.create(tiny_config, tiny_dataset, path=tmp_path / ("long" * 100))


def test_a_run_from_before_the_note_on_its_data_was_kept_still_opens(
    new_run: Callable[..., Run],
) -> None:
    run = new_run()
    file = run.path / "config.json"
    manifest = json.loads(file.read_text())
    assert manifest["dataset"].pop("note") == run.dataset.note
    assert manifest["dataset"].pop("left_out") == {}
    file.write_text(json.dumps(manifest))
    older = open_run(run.path).dataset
    assert (older.note, older.left_out, older.num_left_out) == ("", {}, 0)
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
def test_a_damaged_config_is_a_sentence(new_run: Callable[..., Run], content: bytes) -> None:
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


def test_a_run_of_a_newer_program_says_update_whatever_else_it_holds(
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
def test_a_run_of_an_older_program_keeps_its_design_whatever_the_defaults_are_now(
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
    old.change_config(old.config)  # As a resume does; from then on it says so itself.
    now = json.loads(file.read_text())
    assert now["format"] == 4
    assert [now["config"][name] for name in added] == [0] * len(added)


def test_a_folder_in_place_of_a_file_is_a_sentence(new_run: Callable[..., Run]) -> None:
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
def test_a_damaged_status_does_not_cost_the_run(
    new_run: Callable[..., Run], content: bytes | None
) -> None:
    run = new_run("first", 4, 14)
    if content is None:
        (run.path / "status.json").unlink()
    else:
        (run.path / "status.json").write_bytes(content)
    status = open_run(run.path).read_status()
    assert (status.state, status.step, status.epoch) == ("interrupted", 14, 2)


def test_a_run_whose_folder_is_gone_says_so(new_run: Callable[..., Run], tmp_path: Path) -> None:
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


# Status


def test_a_run_that_says_running_is_interrupted_when_nobody_holds_it(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first", 4)
    run.acquire_lock()
    for state_now in ("running", "paused"):
        run.write_status(state_now, step=4)
        assert open_run(run.path).read_status().state == state_now
    run.lock.release()
    assert open_run(run.path).read_status().state == "interrupted"
    for state_now in ("stopped", "finished", "failed"):
        run.write_status(state_now, step=4, message="why")  # type: ignore[arg-type]
        status = open_run(run.path).read_status()
        assert (status.state, status.message) == (state_now, "why")


def test_looking_at_a_run_writes_nothing(new_run: Callable[..., Run], tmp_path: Path) -> None:
    run = new_run("first", 4)
    run.write_status("running")
    (run.path / ".lock").unlink()
    before = files_under(tmp_path)
    assert not open_run(run.path).lock.is_held()
    assert open_run(run.path).read_status().state == "interrupted"
    assert files_under(tmp_path) == before


def test_threads_that_ask_at_once_do_not_see_each_other(new_run: Callable[..., Run]) -> None:
    run = new_run("first", 4)
    run.write_status("running")
    start = threading.Barrier(4)
    seen: list[str] = []

    def ask() -> None:
        start.wait()
        seen.extend(open_run(run.path).read_status().state for _ in range(50))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) == {"interrupted"}


def test_a_run_in_training_says_on_which_machine_and_an_ended_one_does_not(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.node", lambda: "host-b")
    run = new_run("first", 4)
    run.acquire_lock()
    run.write_status("running")
    assert open_run(run.path).read_status().machine == "host-b"
    run.write_status("stopped")
    assert open_run(run.path).read_status().machine == ""
    run.lock.release()


# Locks


def test_a_second_writer_is_refused_until_the_first_lets_go(new_run: Callable[..., Run]) -> None:
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


def test_a_new_writer_clears_away_what_a_dead_one_left_half_written(
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


def test_a_folder_without_permission_is_a_sentence(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first", 4)

    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("dcgan.runs.lock.FileLock.acquire", refuse)
    with pytest.raises(RunError, match=r"cannot write to .*first: Permission denied; free some"):
        run.acquire_lock()
    run.write_status("running")
    assert open_run(run.path).read_status().state == "interrupted"
    (run.path / ".holder").unlink()
    (run.path / ".holder").mkdir()  # As another user's, it cannot be read.
    assert open_run(run.path).read_status().state == "running"


def test_a_failed_write_leaves_the_old_file_and_no_other(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first", 4)
    before = files_under(run.path)
    monkeypatch.setattr(os, "fsync", disk_full)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: run.save_checkpoint(state(4)),
        lambda: run.save_checkpoint(state(5)),
        lambda: run.write_status("running"),
        lambda: run.write_label("new", "note"),
        lambda: run.change_config(run.config.replace(epochs=7)),
        lambda: run.write(sample_report(3)),
        lambda: run.rewind(2),
    )
    for attempt in attempts:
        with pytest.raises(RunError, match="No space left on device"):
            attempt()
    assert files_under(run.path) == before


# Labels


def test_a_label_of_any_characters_comes_back_on_one_line(new_run: Callable[..., Run]) -> None:
    run = new_run()
    run.write_label("  Größe\n数字 ✓ 👩‍👩‍👧 <b>\x1b[31m\0 \ud800", "two\nlines\x07")
    again = open_run(run.path)
    assert again.read_label().title == "Größe 数字 ✓ 👩‍👩‍👧 <b>[31m"
    assert again.read_label().note == "two\nlines"
    run.write_label("x" * 500, "y" * 5000)
    assert (len(again.read_label().title), len(again.read_label().note)) == (80, 2000)
    run.write_label("   ", "")
    assert again.read_label().title == "first"


def test_a_label_from_elsewhere_keeps_the_same_bounds(new_run: Callable[..., Run]) -> None:
    run = new_run()
    label = {"title": " two\nlines\x1b " + "x" * 500, "note": "a\x07\nb" + "y" * 5000}
    (run.path / "label.json").write_text(json.dumps(label))
    assert run.read_label().title == "two lines " + "x" * 70
    assert run.read_label().note == "a\nb" + "y" * 1997


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b'{"title": 3}'])
def test_a_damaged_label_falls_back_to_the_folders_name(
    new_run: Callable[..., Run], content: bytes
) -> None:
    run = new_run()
    (run.path / "label.json").write_bytes(content)
    assert (run.read_label().title, run.read_label().note) == ("first", "")


@given(title=st.text(), note=st.text())
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
def test_no_text_breaks_a_label(
    title: str, note: str, tiny_config: TrainingConfig, tmp_path: Path
) -> None:
    run = _bare_run(tiny_config, tmp_path)
    run.write_label(title, note)
    assert "\n" not in run.read_label().title
    assert len(run.read_label().title) <= 80


def _bare_run(config: TrainingConfig, path: Path) -> Run:
    """Make a run object of a folder as it is, for hypothesis, which shares one among examples."""
    info = DatasetInfo(name="x", num_images=200, fingerprint="")
    return Run(path, config, info, created="2026-01-01T00:00:00+00:00")


# History


def test_history_gives_back_the_step_reports_in_six_digits(new_run: Callable[..., Run]) -> None:
    run = new_run()
    run.write(step_report(1, loss=0.123456789))
    run.write(EpochReport(1, 1, 0.1, 0.5, 0.25, sample_report(1).pixels))
    run.write(step_report(2, loss=123456.789))
    reports = run.history.read_steps()
    assert [report.step for report in reports] == [1, 2]
    assert [report.generator_loss for report in reports] == [0.123457, 123457.0]
    assert isinstance(reports[0].step, int)


def test_a_line_from_before_the_spread_was_measured_is_read(new_run: Callable[..., Run]) -> None:
    run = new_run()
    reports = [
        step_report(1),
        dataclasses.replace(step_report(2), real_spread=0.375, fake_spread=0.25),
    ]
    for report in reports:
        run.write(report)
    assert "spread" not in (run.path / "history.jsonl").read_text().splitlines()[0]
    assert run.history.read_steps() == reports


def test_the_newest_step_is_read_without_the_rest(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run()
    assert run.history.read_last_step() is None
    for step in range(1, 400):  # More than is read of the file's end.
        run.write(step_report(step))
    run.write(EventReport(step=399, epoch=1, seconds=1.0, event="changed", text="a" * 200))
    with (run.path / "history.jsonl").open("ab") as file:
        file.write(b'garbage\n{"kind": "step", "step": 400')  # Cut short.
    with monkeypatch.context() as without:
        without.delattr(History, "read_steps")
        last = run.history.read_last_step()
    assert last is not None
    assert last.step == 399


def test_the_newest_step_is_found_before_a_long_damaged_end(new_run: Callable[..., Run]) -> None:
    run = new_run()
    run.write(step_report(7))
    with (run.path / "history.jsonl").open("ab") as file:
        file.write(b"x" * 200_000 + b"\n")
    last = run.history.read_last_step()
    assert last is not None
    assert last.step == 7


@pytest.mark.parametrize(
    "damage",
    [
        b'{"kind": "step", "step": 2, "gener',  # Cut short by a death.
        b"",
        b"\0\0\0\xff\xfe",
        json.dumps({"kind": "step"} | vars(step_report(2)) | {"num_steps": 2.5}).encode(),
        b"[1, 2]",
        b"null",
        b"7",
        b"[" * 100_000,
        b'{"kind": "step", "step": ' + b"9" * 400 + b"}",
        b'{"kind": "step", "step": 2}',  # Lacks numbers that a chart draws.
        b'{"kind": ["step"], "step": 2}',
        b'{"step": 2}',
    ],
)
def test_a_damaged_line_of_history_is_passed_over(
    new_run: Callable[..., Run], damage: bytes
) -> None:
    run = new_run()
    run.write(step_report(1))
    with (run.path / "history.jsonl").open("ab") as file:
        file.write(damage + b"\n")
    run.write(step_report(3))
    assert [report.step for report in run.history.read_steps()] == [1, 3]
    run.rewind(3)
    assert len((run.path / "history.jsonl").read_text().splitlines()) == 2


def test_a_very_long_line_of_history_is_passed_over_in_little_memory(
    new_run: Callable[..., Run],
) -> None:
    run = new_run()
    run.write(step_report(1))
    with (run.path / "history.jsonl").open("ab") as file:
        for length in (4095, 4096, 4097, 20_000_000):
            file.write(b" " * length + b"\n")
    run.write(step_report(3))
    tracemalloc.start()
    try:
        assert [report.step for report in run.history.read_steps()] == [1, 3]
        run.rewind(3)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert [report.step for report in run.history.read_steps()] == [1, 3]
    assert (run.path / "history.jsonl").stat().st_size < 1000
    with (run.path / "history.jsonl").open("ab") as file:
        file.write(b"x" * 5000)  # And no end of line.
    assert [report.step for report in run.history.read_steps()] == [1, 3]


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1" + "0" * 400, '"0.5"', "true", "null", "[]"]
)
def test_what_is_no_finite_number_is_damage(new_run: Callable[..., Run], value: str) -> None:
    run = new_run()
    run.write(step_report(1))
    line = (run.path / "history.jsonl").read_text()
    with (run.path / "history.jsonl").open("a") as file:
        file.write(line.replace('"generator_loss": 0.5', f'"generator_loss": {value}'))
    assert len(run.history.read_steps()) == 1


def test_events_come_back_and_only_known_ones(new_run: Callable[..., Run]) -> None:
    run = new_run()
    events = [
        EventReport(3, 1, 1.5, "changed", "Generator lr 0.002 → 0.001."),
        EventReport(5, 1, 2.5, "rolled_back", "Back to step 5 from step 9."),
    ]
    for event in events:
        run.write(event)
    with (run.path / "history.jsonl").open("a") as file:
        for line in (
            {"kind": "event", "step": 6, "epoch": 1, "seconds": 3.0, "event": "x", "text": "y"},
            {"kind": "event", "step": 6, "epoch": 1, "seconds": 3.0, "event": "changed", "text": 7},
            {"kind": "event", "step": 6, "epoch": 1, "seconds": 3.0},
            {"kind": "event", "event": "changed", "text": "y"},
        ):
            file.write(json.dumps(line) + "\n")
    assert run.history.read_events() == events
    run.rewind(4)
    assert run.history.read_events() == events[:1]
    run.write(EventReport(4, 1, 1.6, "changed", "𝛽" * 1000))  # Four bytes each, twelve in JSON.
    assert run.history.read_events()[-1].text == "𝛽" * 299 + "…"


def test_rewinding_forgets_numbers_pictures_and_checkpoints_after_a_step(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first", 2, 4, 6)
    for step in (0, 3, 5):
        run.write(sample_report(step))
    for step in range(1, 7):
        run.write(step_report(step))
    run.rewind(4)
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3, 4]
    assert run.samples.list_steps() == [0, 3]
    assert run.checkpoints.list_steps() == [2, 4]


# Pictures


def test_pictures_come_back_pixel_by_pixel(new_run: Callable[..., Run]) -> None:
    run = new_run("first", num_samples=7)
    report = sample_report(12, num=7)
    run.write(report)
    np.testing.assert_array_equal(run.samples.read(12), report.pixels)


def png_of_size(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds hardly a pixel."""

    def chunk(kind: bytes, payload: bytes) -> bytes:
        return (
            struct.pack(">I", len(payload))
            + kind
            + payload
            + struct.pack(">I", zlib.crc32(kind + payload))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0\0")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def test_a_damaged_picture_is_a_sentence(new_run: Callable[..., Run]) -> None:
    run = new_run()
    run.write(sample_report(12))
    file = run.path / "samples" / "step-00000012.png"
    whole = file.read_bytes()
    small = io.BytesIO()
    Image.new("L", (30, 30)).save(small, "PNG")
    damaged = [b"", b"\0", whole[:60], whole[:-30], small.getvalue(), b"GIF89a"]
    for content in (*damaged, png_of_size(1, 1), png_of_size(60_000, 60_000)):
        file.write_bytes(content)
        with pytest.raises(RunError, match="the picture of step 12 is damaged; look at another"):
            run.samples.read(12)
    with pytest.raises(RunError, match="first keeps no picture of step 99"):
        run.samples.read(99)


def test_files_of_other_names_are_no_steps(new_run: Callable[..., Run]) -> None:
    run = new_run("first", 4)
    names = ("step-5.npz", "step--0000005.npz", "step-٠٠٠٠٠٠٠٥.npz", "step-00000005.npz.bak")
    for name in (*names, "step-0000x005.npz", "step-.npz", "other.npz", "step-000000005.npz"):
        (run.path / "checkpoints" / name).write_bytes(b"")
        (run.path / "samples" / name.replace(".npz", ".png")).write_bytes(b"")
    assert run.checkpoints.list_steps() == [4]
    assert run.samples.list_steps() == []


def test_a_long_films_pictures_stay_few_and_evenly_spaced(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "_MAX_BETWEEN", 10)
    run = new_run("first", num_samples=1)
    for step in range(300):
        run.write(sample_report(step, num=1))
    kept = run.samples.list_steps()
    between = [step for step in kept if step % PER_EPOCH]
    assert [step for step in kept if step % PER_EPOCH == 0] == list(range(0, 300, PER_EPOCH))
    assert len(between) == 10
    assert between[0] == 1
    assert between[-1] == 298  # 299 is an epoch's end.
    gaps = np.diff(between)
    assert gaps.max() <= 4 * gaps.min()


def test_of_very_many_epochs_some_pictures_are_kept(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "_MAX_AT_ENDS", 10)
    run = new_run("first", num_samples=1)
    ends = list(range(0, 100 * PER_EPOCH, PER_EPOCH))
    for step in ends:
        run.write(sample_report(step, num=1))
    kept = run.samples.list_steps()
    assert len(kept) == 10
    assert (kept[0], kept[-1]) == (ends[0], ends[-1])
    gaps = np.diff(kept)
    assert gaps.max() <= 4 * gaps.min()


def test_evaluations_come_back_whole_and_are_forgotten_with_their_steps(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first")
    shares = (0.2, 0.8, *[0.0] * 8)
    metrics = {"frechet_distance": 31.5, "precision": 0.75, "recall": 0.5, "diversity": 6.5}
    real_metrics = {"frechet_distance": 3.25, "precision": 0.875, "recall": 0.875}
    reports = [
        EvaluationReport(step, 1, step / 8, 1000, metrics, real_metrics, shares, real_shares)
        for step, real_shares in ((13, (0.1,) * 10), (26, ()))  # Older runs did not keep them.
    ]
    for report in reports:
        run.write(report)
    assert run.history.read_evaluations() == reports
    assert run.history.read_steps() == []
    with (run.path / "history.jsonl").open("a") as file:
        line = json.loads((run.path / "history.jsonl").read_text().splitlines()[0])
        file.write(json.dumps(line | {"digit_shares": [0.5, "much"]}) + "\n")
        file.write(json.dumps(line | {"digit_shares": [2.0]}) + "\n")
        file.write(json.dumps(line | {"real_digit_shares": 0.5}) + "\n")
        file.write(json.dumps({**line, "recall": None}) + "\n")
    assert run.history.read_evaluations() == reports
    run.acquire_lock()
    run.save_checkpoint(state(13))
    run.rewind(13)
    run.lock.release()
    assert run.history.read_evaluations() == reports[:1]


# Checkpoints


def test_the_newest_checkpoints_and_the_ends_of_epochs_1_2_4_8_are_kept(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first", keep_checkpoints=2)
    for step in range(0, 9 * PER_EPOCH + 1):
        run.save_checkpoint(state(step))
    assert run.checkpoints.list_steps() == [13, 26, 52, 104, 116, 117]


def test_a_step_that_is_not_kept_is_refused_with_those_that_are(
    new_run: Callable[..., Run],
) -> None:
    with pytest.raises(RunError, match="first has no checkpoint yet"):
        new_run().checkpoints.load()
    run = new_run("second", 2, 4)
    with pytest.raises(RunError, match="second has no checkpoint of step 3; it has 2, 4"):
        run.checkpoints.load(3)


def test_the_newest_checkpoint_that_can_be_read_is_taken_and_named(
    new_run: Callable[..., Run], caplog: pytest.LogCaptureFixture
) -> None:
    run = new_run("first", 2, 4, 6)
    damaged = run.path / "checkpoints" / "step-00000006.npz"
    damaged.write_bytes(damaged.read_bytes()[:-40])
    assert int(run.checkpoints.load()["step"]) == 4
    assert caplog.messages == [
        "first: the checkpoint of step 6 is damaged; that of step 4 is used."
    ]
    with pytest.raises(RunError, match=r"step 6 is damaged; use another one \(2, 4\)"):
        run.checkpoints.load(6)
    for step in (2, 4):
        (run.path / "checkpoints" / f"step-{step:08}.npz").write_bytes(b"")
    with pytest.raises(RunError, match="first: all its checkpoints are damaged; start a new run"):
        run.checkpoints.load()


def test_a_newest_checkpoint_that_may_be_good_is_not_passed_over(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first", 2, 4)
    newest = run.path / "checkpoints" / "step-00000004.npz"
    with newest.open("wb") as file:
        np.savez(file, format=np.array(2))  # As a newer program may write it.
    with pytest.raises(RunError, match="this program reads up to 1, so update it"):
        run.checkpoints.load()


# Branches


def test_a_checkpoint_that_a_save_takes_away_is_looked_for_again(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first", 2, keep_checkpoints=1)

    read = run.checkpoints.read

    def save_first(step: int) -> dict[str, np.ndarray]:
        monkeypatch.setattr(run.checkpoints, "read", read)
        run.save_checkpoint(state(4))
        return read(step)

    monkeypatch.setattr(run.checkpoints, "read", save_first)
    assert int(run.checkpoints.load()["step"]) == 4
    assert run.checkpoints.list_steps() == [4]


def test_the_shipped_run_is_only_branched_from(
    new_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = new_run("shipped", 2, 4, 14)
    for step in (1, 4, 6, 14):
        shipped.write(step_report(step))
        shipped.write(sample_report(step))
    monkeypatch.setattr(run_folder, "SHIPPED", shipped.path)
    before = files_under(shipped.path)
    attempts: tuple[Callable[[], None], ...] = (
        lambda: shipped.acquire_lock(),
        lambda: shipped.write_label("mine", ""),
    )
    for attempt in attempts:
        with pytest.raises(RunError, match="shipped comes with the program and stays as it is"):
            attempt()
    branch = branch_run(shipped, tmp_path / "mine", 4)
    assert branch.parent == "shipped"
    assert branch.lock.is_held()
    assert not branch.is_read_only
    assert branch.checkpoints.list_steps() == [4]
    assert [report.step for report in branch.history.read_steps()] == [1, 4]
    assert branch.samples.list_steps() == [1, 4]
    branch.lock.release()
    again = open_run(branch.path)
    assert (again.read_status().state, again.read_status().step, again.read_status().epoch) == (
        "stopped",
        4,
        1,
    )
    newest = branch_run(shipped, tmp_path / "mine")
    assert (
        newest.read_status().step,
        newest.read_status().epoch,
        newest.read_status().seconds,
    ) == (14, 2, 1.75)
    newest.lock.release()
    assert files_under(shipped.path) == before


def test_a_branch_that_cannot_be_written_leaves_nothing(
    new_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first", 2, 4)
    with pytest.raises(RunError, match="no checkpoint of step 3"):
        branch_run(run, tmp_path / "mine", 3)
    assert not (tmp_path / "mine").exists()
    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(RunError, match="No space left on device"):
        branch_run(run, tmp_path / "mine", 4)
    assert list((tmp_path / "mine").iterdir()) == []


def test_every_error_of_a_run_is_one_that_a_person_is_told() -> None:
    assert issubclass(RunError, DCGANError)

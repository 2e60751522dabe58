"""A run's status and label are read whatever the disk holds."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dcgan.config.training_config import TrainingConfig
from dcgan.runs.manifest import DatasetInfo
from dcgan.runs.run_folder import Run, open_run
from tests.dcgan.runs.examples import read_files

pytestmark = pytest.mark.usefixtures("no_included_run")


# Status


def test_a_running_status_without_a_holder_reads_as_interrupted(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first", 4)
    run.acquire_lock()
    for state in ("running", "paused"):
        run.write_status(state, step=4)
        assert open_run(run.path).read_status().state == state
    run.lock.release()
    assert open_run(run.path).read_status().state == "interrupted"
    for state in ("stopped", "finished", "failed"):
        run.write_status(state, step=4, message="why")  # type: ignore[arg-type]
        status = open_run(run.path).read_status()
        assert (status.state, status.message) == (state, "why")


def test_a_run_that_ends_while_its_status_is_read_is_not_interrupted(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first", 4)
    run.acquire_lock()
    run.write_status("running", step=4)
    reader = open_run(run.path)

    def end_and_check() -> bool:
        run.write_status("finished", step=4)
        run.lock.release()
        return False

    monkeypatch.setattr(reader.lock, "is_held", end_and_check)
    assert reader.read_status().state == "finished"


def test_opening_a_run_writes_nothing(new_run: Callable[..., Run], tmp_path: Path) -> None:
    run = new_run("first", 4)
    run.write_status("running")
    (run.path / ".lock").unlink()
    before = read_files(tmp_path)
    assert not open_run(run.path).lock.is_held()
    assert open_run(run.path).read_status().state == "interrupted"
    assert read_files(tmp_path) == before


def test_threads_that_read_the_status_at_once_do_not_disturb_each_other(
    new_run: Callable[..., Run],
) -> None:
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


def test_only_a_run_in_training_names_its_machine(
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


# Labels


def test_a_title_of_any_characters_is_read_as_one_line(new_run: Callable[..., Run]) -> None:
    run = new_run()
    run.write_label("  Größe\n数字 ✓ 👩‍👩‍👧 <b>\x1b[31m\0 \ud800", "two\nlines\x07")
    again = open_run(run.path)
    assert again.read_label().title == "Größe 数字 ✓ 👩‍👩‍👧 <b>[31m"
    assert again.read_label().note == "two\nlines"
    run.write_label("x" * 500, "y" * 5000)
    assert (len(again.read_label().title), len(again.read_label().note)) == (80, 2000)
    run.write_label("   ", "")
    assert again.read_label().title == "first"


def test_a_label_from_another_program_is_cut_to_the_same_limits(
    new_run: Callable[..., Run],
) -> None:
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
    run = open_folder_as_run(tiny_config, tmp_path)
    run.write_label(title, note)
    assert "\n" not in run.read_label().title
    assert len(run.read_label().title) <= 80


def open_folder_as_run(config: TrainingConfig, path: Path) -> Run:
    """Return a run whose folder may hold anything.

    Hypothesis uses one folder for all examples, so `Run.create` would refuse it.
    """
    info = DatasetInfo(name="x", num_images=200, fingerprint="")
    return Run(path, config, info, created="2026-01-01T00:00:00+00:00")

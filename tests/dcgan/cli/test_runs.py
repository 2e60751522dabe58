"""The command `runs`, and runs found by their name."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.durations import describe_seconds
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run, open_run
from tests.command_line import STEPS_PER_EPOCH, invoke, read_refusal

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (("export", "first"), "report.html"),
        (("generate", "first", "--count=1"), "digits.npz"),
        (("slim", "first"), "small"),
    ],
)
def test_a_run_is_found_by_its_name_under_the_root(
    trained: Path, tmp_path: Path, command: tuple[str, ...], file: str
) -> None:
    out = tmp_path / file
    assert invoke(*command, "--root", trained.parent, "--out", out).stdout == f"{out}\n"


@pytest.mark.parametrize("command", ["resume", "evaluate"])
def test_an_unknown_name_is_refused_with_the_names_of_the_runs(trained: Path, command: str) -> None:
    message = read_refusal(command, "second", "--root", trained.parent)
    assert f"There is no run 'second' in {trained.parent}; there are: first." in message


def test_scripts_read_the_list_of_runs_as_json(trained: Path) -> None:
    (row,) = json.loads(invoke("runs", "--root", trained.parent, "--json").stdout)
    assert row["name"] == "first"
    assert row["path"] == str(trained)
    assert (row["status"], row["step"], row["epoch"]) == ("finished", 2 * STEPS_PER_EPOCH, 2)
    assert row["seconds"] > 0


def test_people_read_the_list_of_runs_as_lines(trained: Path) -> None:
    seconds = open_run(trained).read_status().seconds
    listed = invoke("runs", "--root", trained.parent).stdout
    assert listed.startswith("first  finished, step 14, epoch 2, ")
    assert listed.endswith(f", {describe_seconds(seconds)}\n")


def test_a_damaged_run_is_left_out_of_the_list(tmp_path: Path) -> None:
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "config.json").write_text("{")
    result = invoke("runs", "--root", tmp_path, "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "Left out: torn: config.json is damaged" in result.stderr


def test_a_root_that_does_not_exist_has_no_runs(tmp_path: Path) -> None:
    result = invoke("runs", "--root", tmp_path / "missing", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "There are no runs in" in result.stderr


def test_the_listed_step_has_the_newest_checkpoint(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "dead")
    run.save_checkpoint({"step": np.array(13), "seconds": np.array(1.0)})
    run.write_status("running", step=20, seconds=2.0)
    run.lock.release()
    (row,) = json.loads(invoke("runs", "--root", tmp_path, "--json").stdout)
    assert (row["status"], row["step"], row["seconds"]) == ("interrupted", 13, 2.0)


@pytest.mark.parametrize(
    ("method", "error", "sentence"),
    [
        (
            "run_folder.Run.read_status",
            RunError("There is no run first."),
            "There is no run first.",
        ),
        (
            "checkpoints.Checkpoints.list_steps",
            OSError(errno.EIO, "Input/output error"),
            "first cannot be read (Input/output error).",
        ),
    ],
)
def test_a_run_that_vanishes_meanwhile_is_left_out_of_the_list(
    trained: Path, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception, sentence: str
) -> None:
    def vanish(_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(f"dcgan.runs.{method}", vanish)
    result = invoke("runs", "--root", trained.parent)
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"Left out: {sentence}" in result.stderr

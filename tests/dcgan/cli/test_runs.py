"""The command `runs`, and runs found by their name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.durations import describe_seconds
from dcgan.runs.run_folder import Run
from tests.command_line import STEPS_PER_EPOCH, invoke, read_refusal

pytestmark = pytest.mark.usefixtures("no_shipped_run")


def test_a_run_is_found_by_its_name_under_the_root(trained: Path, tmp_path: Path) -> None:
    root, out = ("--root", trained.parent), tmp_path / "report.html"
    assert invoke("export", "first", *root, "--out", out).stdout == f"{out}\n"
    digits, small = tmp_path / "digits.npz", tmp_path / "small"
    assert invoke("generate", "first", *root, "--count=1", "--out", digits).stdout == f"{digits}\n"
    assert invoke("slim", "first", *root, "--out", small).stdout == f"{small}\n"
    for command in ("resume", "evaluate"):
        message = read_refusal(command, "first", "--root", tmp_path)
        assert f"There is no run 'first' in {tmp_path}; there are: small." in message


def test_the_list_of_runs_is_readable_for_scripts_and_people(trained: Path, tmp_path: Path) -> None:
    (trained.parent / "torn").mkdir(exist_ok=True)
    (trained.parent / "torn" / "config.json").write_text("{")
    result = invoke("runs", "--root", trained.parent, "--json")
    assert result.exit_code == 0
    (row,) = json.loads(result.stdout)
    assert row["name"] == "first"
    assert row["path"] == str(trained)
    assert (row["status"], row["step"], row["epoch"]) == ("finished", 2 * STEPS_PER_EPOCH, 2)
    assert row["seconds"] > 0
    assert "Left out: torn: config.json is damaged" in result.stderr
    result = invoke("runs", "--root", trained.parent)
    assert result.stdout.startswith("first  finished, step 14, epoch 2, ")
    assert result.stdout.endswith(f", {describe_seconds(row['seconds'])}\n")
    result = invoke("runs", "--root", tmp_path / "missing", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "There are no runs in" in result.stderr


def test_the_listed_step_is_that_of_the_newest_checkpoint(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "dead")
    run.save_checkpoint({"step": np.array(13), "seconds": np.array(1.0)})
    run.write_status("running", step=20, seconds=2.0)
    run.lock.release()
    (row,) = json.loads(invoke("runs", "--root", tmp_path, "--json").stdout)
    assert (row["status"], row["step"], row["seconds"]) == ("interrupted", 13, 2.0)

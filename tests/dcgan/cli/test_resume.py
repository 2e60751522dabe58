"""The command `resume`: branches with other settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dcgan import installation
from dcgan.reports import StepReport
from dcgan.runs.run_folder import open_run
from tests.command_line import STEPS_PER_EPOCH, invoke, read_refusal

pytestmark = pytest.mark.usefixtures("no_included_run", "reused_networks")


def test_changed_settings_make_a_branch_beside_the_run(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "first")
    arguments = ("--epochs=1", "--beta-1=0.4", "--checkpoint", STEPS_PER_EPOCH)
    result = invoke("resume", "first", "--root", tmp_path, *arguments)
    assert result.exit_code == 0, result.output
    branch = open_run(Path(result.stdout.strip()))
    assert (branch.path.parent, branch.parent) == (tmp_path, trained.name)
    assert (branch.config.beta_1, branch.read_status().step) == (0.4, 2 * STEPS_PER_EPOCH)
    assert open_run(trained).config.beta_1 == 0
    assert "beta_1: got '2'; expected 0 to less than 1" in read_refusal(
        "resume", trained, "--beta-1=2"
    )
    assert "No such option" in read_refusal("resume", trained, "--latent-dim=8")


def test_until_converged_makes_a_branch_that_trains_for_an_hour_at_most(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained, tmp_path / "first")
    no_steps: list[StepReport] = []
    monkeypatch.setattr("dcgan.recording.recorder.record", lambda *_: (step for step in no_steps))
    result = invoke("resume", "first", "--root", tmp_path, "--until-converged")
    assert result.exit_code == 0, result.output
    branch = open_run(Path(result.stdout.strip()))
    assert branch.config.until_converged
    trained_seconds = open_run(trained).read_status().seconds
    assert branch.config.epochs is None
    assert branch.config.max_seconds == pytest.approx(3600 + trained_seconds, abs=1)


def test_until_converged_and_the_evaluations_that_it_needs_are_switched_on_together(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained, tmp_path / "first")
    run = open_run(tmp_path / "first")
    run.acquire_lock()
    run.change_config(run.config.replace(evaluate_every=0))
    run.lock.release()
    no_steps: list[StepReport] = []
    monkeypatch.setattr("dcgan.recording.recorder.record", lambda *_: (step for step in no_steps))
    arguments = ("resume", "first", "--root", tmp_path, "--until-converged")
    assert "set evaluate_every to 1 or more" in invoke(*arguments).stderr.lower()
    result = invoke(*arguments, "--evaluate-every=1")
    assert result.exit_code == 0, result.output
    assert open_run(Path(result.stdout.strip())).config.evaluate_every == 1


def test_a_branch_of_the_included_run_is_made_under_the_root(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    included = tmp_path / "program" / "pretrained"
    shutil.copytree(trained, included)
    monkeypatch.setattr(installation, "INCLUDED_RUN", included)
    arguments = ("resume", "pretrained", "--max-seconds=0.001", "--root", tmp_path / "mine")
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    assert Path(result.stdout.strip()).parent == tmp_path / "mine"
    assert list(included.parent.iterdir()) == [included]

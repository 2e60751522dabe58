"""The command `try`: the remedies of a verdict, compared in sentences."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DatasetError
from dcgan.model.gan import DCGAN
from dcgan.remedies import trials
from dcgan.remedies.study import Measurement, SeedRange
from dcgan.remedies.study_files import change_trial, read_study
from dcgan.reports import AnyReport
from dcgan.runs.run_folder import Run
from tests.command_line import invoke, read_refusal
from tests.fake_training import FakeGAN
from tests.healthy_run import steps

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.fixture
def collapsed(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    """Return a run whose discriminator takes fakes for real."""
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "first")
    for report in steps(1000, 40, 40, fake_accuracy=0.1):
        run.write(report)
    run.save_checkpoint(FakeGAN().get_state())
    run.write_status("stopped")
    run.lock.release()
    return run


@pytest.fixture
def instant_trials(monkeypatch: pytest.MonkeyPatch, tiny_dataset: ImageDataset) -> None:
    """Replace training: the second trial gets better pictures than the others."""

    def prepare(run: Run, step: int, trial_index: int) -> tuple[Run, DCGAN, ImageDataset]:
        return run, cast("DCGAN", FakeGAN()), tiny_dataset

    def train(run: Run, step: int, trial_index: int, *given: object) -> Generator[AnyReport]:
        distance = (50.0, 4.0, 51.0)[trial_index]
        seeds = SeedRange(mean=distance, low=distance - 1, high=distance + 1)
        yield from ()
        result = Measurement(step=9, metrics={"frechet_distance": seeds}, png=b"")
        folder = "folder" if trial_index == 1 else ""
        change_trial(run, step, trial_index, result=result, num_steps=9, folder=folder)

    monkeypatch.setattr(trials, "prepare_trial", prepare)
    monkeypatch.setattr(trials, "train_trial", train)


@pytest.mark.usefixtures("instant_trials")
def test_each_trial_is_a_line_that_says_whether_it_helps(collapsed: Run) -> None:
    result = invoke("try", collapsed.path, "--seconds", 5)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "1. Do nothing: Distance 50.0 (49.0 to 51.0); 9 steps from step 0.",
        "2. Set Generator learning rate to 0.0005: "
        "Distance 4.00 (3.00 to 5.00); 9 steps from step 0; helps.",
        "3. Do nothing again: Distance 51.0 (50.0 to 52.0); 9 steps from step 0; measures chance.",
        "To turn a remedy into a run: --adopt 2.",
    ]
    assert "first: The generator is winning" in result.stderr
    assert read_study(collapsed, 0).seconds == 5
    assert "trial 3 changes nothing" in read_refusal("try", collapsed.path, "--adopt", 3)
    collapsed.acquire_lock()
    collapsed.save_checkpoint(FakeGAN().get_state() | {"step": np.array(5)})
    collapsed.lock.release()
    refusal = "no remedy was tried at its newest checkpoint, step 5; leave --adopt out"
    assert refusal in read_refusal("try", collapsed.path, "--adopt", 2)


@pytest.mark.usefixtures("instant_trials")
def test_a_trial_that_fails_is_a_line_with_the_reason_and_nothing_is_compared(
    collapsed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = trials.prepare_trial

    def prepare_or_fail(run: Run, step: int, trial_index: int) -> tuple[Run, DCGAN, ImageDataset]:
        if trial_index == 2:
            change_trial(run, step, trial_index, problem="The pictures are gone.")
            raise DatasetError("The pictures are gone.")
        return prepare(run, step, trial_index)

    monkeypatch.setattr(trials, "prepare_trial", prepare_or_fail)
    lines = invoke("try", collapsed.path, "--seconds", 5).stdout.splitlines()
    assert lines[1].endswith("9 steps from step 0.")
    assert lines[2] == "3. Do nothing again: The pictures are gone."


def test_a_run_without_a_problem_or_without_trials_is_refused(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "well")
    for report in steps():
        run.write(report)
    run.lock.release()
    refusal = read_refusal("try", run.path)
    assert "well: It was still learning: more training would help" in refusal
    assert "There is no remedy to try." in refusal
    assert "no remedy was tried; leave --adopt" in read_refusal("try", run.path, "--adopt", 1)

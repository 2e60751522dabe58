"""A run whose remedies were tried once for all tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.diagnosis.actions import STOP
from dcgan.recording.start import MakeGAN, start_run
from dcgan.remedies.study_files import read_study
from dcgan.remedies.trials import create_study, prepare_trial, train_trial
from dcgan.runs.run_folder import Run, open_run
from tests.dcgan.remedies.examples import CHANGE, SECONDS, Tried
from tests.picture_files import write_dataset


@pytest.fixture(scope="session")
def tried(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    make_gan: MakeGAN,
    tmp_path_factory: pytest.TempPathFactory,
) -> Tried:
    folder = tmp_path_factory.mktemp("library")
    config = tiny_config.replace(dataset=write_dataset(folder, tiny_dataset), polarity="as_is")
    run, gan, _ = start_run(config, path=folder / "first", make_gan=make_gan)
    run.save_checkpoint(gan.get_state())
    run.write_status("stopped")
    run.lock.release()
    states = []
    step = create_study(run, "Collapsed.", (CHANGE, STOP), SECONDS).step
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dcgan.recording.start.DCGAN", make_gan)
        for index in range(3):
            trial_run, gan, dataset = prepare_trial(run, step, index)
            for _ in train_trial(run, step, index, trial_run, gan, dataset):
                pass
            states.append(gan.get_state())
    return Tried(run, read_study(run, step), states)


@pytest.fixture
def copy(tried: Tried, tmp_path: Path) -> Run:
    """Return a copy of the run that may be changed."""
    shutil.copytree(tried.run.path, tmp_path / "copies" / "first")
    return open_run(tmp_path / "copies" / "first")

"""A trained run for the tests of the commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcgan.recording.start import MakeGAN
from dcgan.runs.run_folder import open_run
from tests.command_line import STEPS_PER_EPOCH, TINY_OPTIONS, invoke, read_refusal


@pytest.fixture(scope="session")
def trained(spots_file: str, make_gan: MakeGAN, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train for one epoch, then resume for another one; return the run's folder."""
    with pytest.MonkeyPatch.context() as patch:
        # On a busy machine the first step can take longer than the first checkpoint waits.
        patch.setattr("dcgan.recording.recorder._FIRST_CHECKPOINT_SECONDS", 600.0)
        patch.setattr("dcgan.recording.start.DCGAN", make_gan)
        return _train_and_resume(spots_file, tmp_path_factory.mktemp("runs") / "first")


def _train_and_resume(spots_file: str, folder: Path) -> Path:
    result = invoke(
        "train", "--dataset", spots_file, "--epochs=1", "--run-dir", folder, *TINY_OPTIONS
    )
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{folder}\n"
    lines = result.stderr.splitlines()
    assert lines[0].startswith("spots.npz: 100 pictures read. No classes: ")
    assert lines[1] == "preparing the first step"
    assert lines[-2].startswith("epoch 1 of 1, 0 s left, ")
    assert lines[-1].startswith("Too short for a verdict: it ended at step 7, ")
    assert " first one at step 500. Distance " in lines[-1]
    assert ". To train longer, use resume" in lines[-1]
    assert open_run(folder).read_status().step == STEPS_PER_EPOCH

    assert "has finished what was planned (step " in read_refusal("resume", folder)
    result = invoke("resume", folder, "--epochs=1")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{folder}\n"
    assert result.stderr.startswith("spots.npz: 100 pictures read. ")
    return folder

"""Start and resume: refused arguments, and the files that are left on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dcgan import installation
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import (
    ConfigError,
    DatasetError,
    DataUnavailableError,
    DiskWriteError,
    RunError,
)
from dcgan.model.gan import DCGAN
from dcgan.recording.quickstart import train_dcgan_mnist
from dcgan.recording.start import continue_run, start_run
from dcgan.runs.run_folder import Run, open_run
from tests.disk_errors import raise_disk_full
from tests.tiny_sizes import STEPS_PER_EPOCH

pytestmark = pytest.mark.usefixtures("no_included_run", "reused_networks")


def save_and_release(run: Run, gan: DCGAN) -> Run:
    """Save a checkpoint, release the run's lock and open the run again."""
    run.save_checkpoint(gan.get_state())
    run.write_status("stopped", step=gan.step)
    run.lock.release()
    return open_run(run.path)


def test_settings_that_do_not_fit_are_refused_before_anything_is_made(
    config: TrainingConfig, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfigError, match="batch_size: got 201; the data set has 200 pictures"):
        start_run(config.replace(batch_size=201), path=tmp_path / "run")
    with pytest.raises(DatasetError, match="there is no such file"):
        start_run(config.replace(dataset="nowhere"), path=tmp_path / "run")
    with pytest.raises(RunError, match="not empty"):
        start_run(config, path=tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_run_or_branch_whose_title_cannot_be_written_leaves_no_folder(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, gan, _ = start_run(config, path=tmp_path / "library" / "first")
    first = save_and_release(run, gan)
    monkeypatch.setattr(Run, "write_label", raise_disk_full)
    with pytest.raises(OSError, match="No space left"):
        start_run(config, path=tmp_path / "library" / "second", title="Mine")
    with pytest.raises(OSError, match="No space left"):
        continue_run(first, epochs=1, branch=True)
    assert list((tmp_path / "library").iterdir()) == [first.path]


def test_a_branch_whose_settings_cannot_be_written_leaves_no_folder(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, gan, _ = start_run(config, path=tmp_path / "library" / "first")
    first = save_and_release(run, gan)
    change_config = Run.change_config

    def refuse_new_length(run: Run, config: TrainingConfig) -> None:
        if config.epochs == 9:
            raise DiskWriteError("The disk is full.")
        change_config(run, config)

    monkeypatch.setattr(Run, "change_config", refuse_new_length)
    with pytest.raises(DiskWriteError, match="The disk is full"):
        continue_run(first, epochs=9, branch=True)
    assert list((tmp_path / "library").iterdir()) == [first.path]


def test_a_checkpoint_of_other_networks_is_refused_and_nothing_is_changed(
    config: TrainingConfig, tmp_path: Path
) -> None:
    run, gan, _ = start_run(config, path=tmp_path / "run")
    state = gan.get_state()
    save_and_release(run, gan)
    name = next(name for name in state if name.startswith("ema_generator/"))
    for changed in (
        {key: value for key, value in state.items() if key != name},
        state | {name: np.zeros((3, 3), np.float32)},
        state | {"more": np.zeros(3)},
    ):
        run.save_checkpoint(changed)
        before = (run.path / "config.json").read_bytes()
        with pytest.raises(RunError, match=r"checkpoint of step 0 does not fit config.json: .*\."):
            continue_run(open_run(run.path), epochs=1)
        assert (run.path / "config.json").read_bytes() == before
        assert not run.lock.is_held()


def test_own_pictures_are_found_from_any_folder_and_must_be_the_same(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run, gan, _ = start_run(config.replace(dataset="spots.npz"), path=Path("run"))
    run = save_and_release(run, gan)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert run.config.dataset == str(tmp_path / "spots.npz")
    with pytest.raises(RunError, match="run has no checkpoint of step 7; it has 0"):
        continue_run(run, step=7)
    others = np.random.default_rng(7).integers(0, 256, (100, 28, 28), np.uint8)
    np.savez(tmp_path / "spots.npz", images=others)
    with pytest.raises(
        DataUnavailableError, match=r"trained on other pictures than .*spots.npz holds"
    ):
        continue_run(run)
    (tmp_path / "spots.npz").unlink()
    with pytest.raises(DataUnavailableError, match="there is no such file"):
        continue_run(run)
    with pytest.raises(DatasetError, match=r"got '~nobody-of-this-name/x', but .*home"):
        continue_run(run, changes={"dataset": "~nobody-of-this-name/x"})
    with pytest.raises(DatasetError, match="there is no such file"):
        continue_run(run, changes={"dataset": "nowhere.npz"})
    assert run.config.dataset == str(tmp_path / "spots.npz")
    assert not run.lock.is_held()


def test_a_run_without_checkpoints_cannot_continue(config: TrainingConfig, tmp_path: Path) -> None:
    run, _, _ = start_run(config, path=tmp_path / "run")
    with pytest.raises(RunError, match="is being written"):
        continue_run(open_run(run.path))
    run.lock.release()
    for step in (None, 5):
        with pytest.raises(RunError, match="run has no checkpoint yet"):
            continue_run(open_run(run.path), step=step)
    assert not run.lock.is_held()


def test_the_included_run_continues_as_a_branch(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, gan, _ = start_run(config, path=tmp_path / "included")
    included = save_and_release(run, gan)
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.path)
    before = {path: path.stat().st_mtime_ns for path in included.path.rglob("*")}
    branch, _, _ = continue_run(included, seconds=5, root=tmp_path / "library")
    assert branch.path.parent == tmp_path / "library"
    assert (branch.parent, branch.config.max_seconds, branch.config.epochs) == ("included", 5, None)
    assert branch.lock.is_held()
    branch.lock.release()
    assert {path: path.stat().st_mtime_ns for path in included.path.rglob("*")} == before


def test_a_new_run_with_an_older_runs_settings_has_the_factors_of_z_of_new_runs(
    config: TrainingConfig, tmp_path: Path
) -> None:
    run, _, _ = start_run(config.replace(z_schedule="falling"), path=tmp_path / "run")
    assert run.config.z_schedule == "falling_and_rising"
    run.lock.release()


def test_one_call_does_the_whole_training(
    config: TrainingConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = config.model_dump(include={"dataset", "polarity", "batch_size", "latent_dim"})
    gan, run = train_dcgan_mnist(
        run_dir=tmp_path / "run",
        generator_filters=(8, 4),
        discriminator_filters="4, 8",
        epochs=1,
        **settings,
    )
    assert (gan.step, run.read_status().state) == (STEPS_PER_EPOCH, "finished")
    assert run.checkpoints.list_steps()[-1] == STEPS_PER_EPOCH
    output = capsys.readouterr()
    assert output.out == ""
    assert "epoch 1 of 1, 0 s left" in output.err
    with pytest.raises(ConfigError, match="epoch: there is no such setting"):
        train_dcgan_mnist(epoch=1)

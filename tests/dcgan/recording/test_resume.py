"""A resumed run, and a branch, with real networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError
from dcgan.model.gan import DCGAN
from dcgan.recording import start
from dcgan.recording.changes import change_settings
from dcgan.recording.recorder import record
from dcgan.recording.start import MakeGAN, continue_run, start_run
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, SampleReport
from dcgan.runs.run_folder import Run, open_run
from tests.reports import step_report
from tests.tiny_sizes import STEPS_PER_EPOCH

pytestmark = pytest.mark.usefixtures("no_included_run")


def train_to_the_end(run: Run, gan: DCGAN, dataset: ImageDataset) -> list[AnyReport]:
    return list(record(run, gan, dataset))


@pytest.mark.usefixtures("each_epoch_is_reported")
def test_a_resumed_run_ends_as_the_uninterrupted_one(
    config: TrainingConfig, make_gan: MakeGAN, tmp_path: Path
) -> None:
    whole, gan, dataset = start_run(config, path=tmp_path / "whole", make_gan=make_gan)
    train_to_the_end(whole, gan, dataset)
    expected = whole.checkpoints.load()
    assert gan.step == 2 * STEPS_PER_EPOCH

    run, gan, dataset = start_run(config, path=tmp_path / "parts", make_gan=make_gan)
    reports = record(run, gan, dataset)
    while gan.step < 5:
        next(reports)
    reports.close()
    stopped_at = gan.step
    assert 5 <= stopped_at < 2 * STEPS_PER_EPOCH
    # A crash after the checkpoint leaves history beyond the checkpoint.
    run.write(step_report(99, epoch=9, seconds=99.0, generator_loss=9.0))
    run.write(SampleReport(99, 9, 99.0, np.zeros((6, 28, 28, 1), np.uint8)))

    # In new networks, which get nothing but the checkpoint.
    again, gan, dataset = continue_run(open_run(run.path))
    assert again.path == run.path
    assert gan.step == stopped_at
    train_to_the_end(again, gan, dataset)
    state = again.checkpoints.load()
    assert state.keys() == expected.keys()
    for name in state.keys() - {"seconds"}:
        np.testing.assert_allclose(state[name], expected[name], rtol=1e-4, atol=1e-6, err_msg=name)
    steps = [report.step for report in again.history.read_steps()]
    assert steps == sorted(set(steps))
    assert steps[-1] == 2 * STEPS_PER_EPOCH
    assert 99 not in again.samples.list_steps()
    np.testing.assert_array_equal(again.samples.read(0), whole.samples.read(0))

    # The plan is completed, so a resume needs a number of epochs.
    with pytest.raises(ConfigError, match=r"has finished what was planned \(step "):
        continue_run(open_run(run.path))
    assert not run.lock.is_held()
    with pytest.raises(ConfigError, match="epochs: got 100002; expected"):
        continue_run(open_run(run.path), epochs=100_000)
    assert not run.lock.is_held()
    assert open_run(run.path).config.epochs == 2

    more, gan, dataset = continue_run(open_run(run.path), epochs=1, make_gan=make_gan)
    train_to_the_end(more, gan, dataset)
    assert (gan.step, more.read_status().epoch, more.config.epochs) == (3 * STEPS_PER_EPOCH, 3, 3)

    # A resume from an earlier checkpoint makes a branch and leaves the run unchanged.
    branch, gan, dataset = continue_run(
        open_run(run.path), epochs=1, step=STEPS_PER_EPOCH, root=tmp_path / "library"
    )
    assert branch.path.parent == tmp_path / "library"
    assert (branch.parent, gan.step, branch.config.epochs) == ("parts", STEPS_PER_EPOCH, 2)
    branch.lock.release()
    assert open_run(run.path).checkpoints.list_steps()[-1] == 3 * STEPS_PER_EPOCH


def test_a_resume_from_an_older_checkpoint_because_of_damage_is_in_history(
    config: TrainingConfig, make_gan: MakeGAN, tmp_path: Path
) -> None:
    run, gan, dataset = start_run(
        config.replace(epochs=1), path=tmp_path / "run", make_gan=make_gan
    )
    train_to_the_end(run, gan, dataset)
    newest = run.path / "checkpoints" / f"step-{STEPS_PER_EPOCH:08}.npz"
    newest.write_bytes(newest.read_bytes()[:-40])
    before = run.checkpoints.list_steps()[-2]
    again, gan, _ = continue_run(open_run(run.path), epochs=1, make_gan=make_gan)
    assert gan.step == before
    assert [event.text for event in again.history.read_events()] == [
        f"Back to step {before}: the checkpoint of step {STEPS_PER_EPOCH} was damaged."
    ]
    again.lock.release()


def test_an_epochs_means_include_the_steps_before_a_resume(
    config: TrainingConfig, make_gan: MakeGAN, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.training.loop.MAX_CHUNK_STEPS", 4)
    run, gan, dataset = start_run(
        config.replace(epochs=1), path=tmp_path / "run", make_gan=make_gan
    )
    reports = record(run, gan, dataset)
    while gan.step < STEPS_PER_EPOCH - 6:
        next(reports)
    reports.close()
    assert gan.step < STEPS_PER_EPOCH
    again, gan, dataset = continue_run(open_run(run.path), make_gan=make_gan)
    (epoch,) = [
        report for report in train_to_the_end(again, gan, dataset) if type(report) is EpochReport
    ]
    steps = again.history.read_steps()
    assert sum(report.num_steps for report in steps) == STEPS_PER_EPOCH
    mean = sum(report.num_steps * report.generator_loss for report in steps) / STEPS_PER_EPOCH
    assert epoch.generator_loss == pytest.approx(mean, rel=1e-5)


@pytest.mark.usefixtures("each_epoch_is_reported")
def test_a_stop_between_an_epochs_last_step_and_its_report_loses_no_report(
    config: TrainingConfig, make_gan: MakeGAN, tmp_path: Path
) -> None:
    run, gan, dataset = start_run(config, path=tmp_path / "run", make_gan=make_gan)
    reports = record(run, gan, dataset)
    while gan.step < STEPS_PER_EPOCH:
        assert not isinstance(next(reports), EpochReport)
    reports.close()
    again, gan, dataset = continue_run(open_run(run.path), make_gan=make_gan)
    first = next(record(again, gan, dataset))
    assert isinstance(first, EpochReport)
    assert (first.step, first.epoch) == (STEPS_PER_EPOCH, 1)
    assert again.history.read_open_epoch() == []
    again.lock.release()


@pytest.mark.usefixtures("each_epoch_is_reported")
def test_a_stop_between_an_epochs_report_and_its_evaluation_loses_no_evaluation(
    config: TrainingConfig, make_gan: MakeGAN, tmp_path: Path
) -> None:
    run, gan, dataset = start_run(
        config.replace(evaluate_every=1), path=tmp_path / "run", make_gan=make_gan
    )
    reports = record(run, gan, dataset)
    while not isinstance(next(reports), EpochReport):
        pass
    reports.close()
    assert (gan.step, run.history.read_evaluations()) == (STEPS_PER_EPOCH, [])
    again, gan, dataset = continue_run(open_run(run.path), make_gan=make_gan)
    kinds = [type(report) for report in train_to_the_end(again, gan, dataset)]
    assert kinds[:2] == [SampleReport, EvaluationReport]
    assert again.history.read_evaluations()[0].step == STEPS_PER_EPOCH


def test_a_branch_has_other_settings_and_lists_them(
    config: TrainingConfig, make_gan: MakeGAN, tmp_path: Path
) -> None:
    run, gan, dataset = start_run(config, path=tmp_path / "first", make_gan=make_gan)
    train_to_the_end(run, gan, dataset)
    changes: dict[str, object] = {"label_smoothing": 0.0, "beta_1": 0.4}
    branch, gan, dataset = continue_run(
        open_run(run.path), epochs=1, changes=changes, root=tmp_path / "library"
    )
    train_to_the_end(branch, gan, dataset)
    assert (branch.parent, branch.config.label_smoothing, branch.config.beta_1) == ("first", 0, 0.4)
    assert (gan.step, gan.generator_optimizer.beta_1) == (3 * STEPS_PER_EPOCH, 0.4)
    assert [event.text for event in open_run(branch.path).history.read_events()] == [
        "Branch of first at step 26: Momentum 0 → 0.4, Label smoothing 0.1 → 0."
    ]
    assert open_run(run.path).config == config  # The run itself is unchanged.
    assert open_run(run.path).history.read_events() == []

    with pytest.raises(
        ConfigError, match="batch_size: a run keeps it; what may change in a branch"
    ):
        continue_run(open_run(run.path), epochs=1, changes={"batch_size": 32})
    assert not run.lock.is_held()


def test_changed_learning_rates_stay_after_a_resume(
    config: TrainingConfig, make_gan: MakeGAN, tmp_path: Path
) -> None:
    run, gan, dataset = start_run(config, path=tmp_path / "run", make_gan=make_gan)
    reports = record(run, gan, dataset)
    next(reports)
    change_settings(run, gan, {"generator_learning_rate": 3e-4})
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(3e-4)
    next(reports)
    reports.close()
    again, gan, _ = continue_run(open_run(run.path), make_gan=make_gan)
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(3e-4)
    assert [event.event for event in again.history.read_events()] == ["changed"]
    again.lock.release()


def test_more_epochs_are_counted_from_the_end_of_the_current_one(
    tiny_config: TrainingConfig,
) -> None:
    def extend(
        step: int, epochs: int | None = None, seconds: float | None = None
    ) -> tuple[int | None, float | None]:
        config = start.extend_plan(tiny_config, 200, step, 60.0, epochs, seconds)
        return config.epochs, config.max_seconds

    assert extend(STEPS_PER_EPOCH, epochs=3) == (4, None)
    assert extend(STEPS_PER_EPOCH + 1, epochs=3) == (5, None)
    assert extend(0, epochs=3) == (3, None)
    assert extend(5, seconds=10) == (None, 70.0)
    assert extend(5, epochs=1, seconds=10) == (2, 70.0)
    assert extend(5) == (2, None)

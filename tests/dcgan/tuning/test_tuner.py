"""The work of a tuning, with tiny networks."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DatasetError, DiskWriteError, DivergenceError
from dcgan.model.gan import DCGAN
from dcgan.recording.start import MakeGAN
from dcgan.reports import AnyReport, EventReport, StepReport
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run
from dcgan.tuning import opening
from dcgan.tuning import tuner as tuner_module
from dcgan.tuning.opening import open_tuner
from dcgan.tuning.rounds import make_candidate
from dcgan.tuning.schedule import Costs
from dcgan.tuning.tuner import Tuner
from dcgan.tuning.tuning import CONTROL, FORMAT, Candidate, CandidateRun, Round, Tuning
from dcgan.tuning.tuning_files import (
    find_folder,
    get_run_path,
    list_tunings,
    read_tuning,
    write_tuning,
)
from tests.reports import step_report
from tests.tunings import measure

SECONDS = 0.2
MINUTES = 5.0
# Distances that `fake_measurement` gives, by generator learning rate; 1 for others.
DISTANCES: dict[float, float] = {}


@pytest.fixture(autouse=True)
def shared_networks(monkeypatch: pytest.MonkeyPatch, make_gan: MakeGAN) -> None:
    """Share the networks of these tests, whose step is traced once."""
    monkeypatch.setattr("dcgan.tuning.networks.DCGAN", make_gan)
    monkeypatch.setattr("dcgan.tuning.measurement.NUM_MEASURED", 50)


@pytest.fixture
def fake_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure in no time."""

    class FakeEvaluator:
        def __init__(self, dataset: ImageDataset) -> None:
            pass

        def measure(self, config: TrainingConfig, gan: DCGAN, *given: object) -> RunMeasurement:
            distance = DISTANCES.get(config.generator_learning_rate, 1.0)
            return measure(distance, step=gan.step)

    monkeypatch.setattr(opening, "CandidateEvaluator", FakeEvaluator)


@pytest.fixture
def base(tiny_config: TrainingConfig, spots_file: str) -> TrainingConfig:
    """Return tiny settings to start from."""
    return tiny_config.replace(dataset=spots_file)


@pytest.fixture
def short_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the plan: two learning rates beside the default, for 0.2 seconds each."""
    monkeypatch.setattr(opening, "plan_tuning", make_short_plan)


def make_short_plan(
    base: TrainingConfig, minutes: float, dataset: ImageDataset, costs: Costs, spent: float
) -> Tuning:
    """Plan as `plan_tuning`."""
    assert costs.new >= costs.continued > 0
    assert spent > 0
    changes = [{"generator_learning_rate": rate} for rate in (1e-3, 4e-3)]
    return Tuning(
        format=FORMAT,
        created="2026-11-30T14:00:00+00:00",
        minutes=minutes,
        base=base,
        fingerprint=dataset.fingerprint,
        num_changes=2,
        costs=costs,
        candidates=(Candidate(config=base), *(make_candidate(base, each) for each in changes)),
        runs=tuple(CandidateRun(candidate=index, seed=base.seed) for index in range(3)),
        rounds=(Round(seconds=SECONDS, runs=(0, 1, 2)),),
    )


def open_in(root: Path, base: TrainingConfig) -> Tuner:
    return open_tuner(find_folder(root, base, MINUTES), base, MINUTES)


def train(tuner: Tuner, index: int) -> list[AnyReport]:
    return list(tuner.train_run(index, *tuner.prepare_run(index)))


@pytest.mark.usefixtures("short_plan")
def test_runs_train_equally_long_and_are_measured(base: TrainingConfig, tmp_path: Path) -> None:
    tuner = open_in(tmp_path, base)
    for index in (0, 1):
        assert tuner.tuning.find_pending_run() == index
        steps = [report for report in train(tuner, index) if isinstance(report, StepReport)]
        config = open_run(get_run_path(tuner.folder, index)).config
        assert config.max_seconds == pytest.approx(steps[0].seconds + SECONDS, abs=0.02)
        assert steps[-1].seconds >= steps[0].seconds + SECONDS - 0.01
        measured = tuner.tuning.runs[index].measurements[0]
        assert measured.step == steps[-1].step
        assert measured.distance > 0
    assert tuner.tuning.spent_seconds > 2 * SECONDS


@pytest.mark.usefixtures("short_plan", "fake_measurement", "no_included_run")
def test_a_tuning_ends_without_other_seeds_if_nothing_was_nearer_and_its_runs_are_deleted(
    base: TrainingConfig, tmp_path: Path
) -> None:
    tuner = open_in(tmp_path, base)
    for index in (0, 1, 2):
        train(tuner, index)
    assert tuner.tuning.is_finished
    assert len(tuner.tuning.rounds) == 1
    assert read_tuning(tuner.folder) == tuner.tuning
    assert not list(tuner.folder.glob("run-*"))
    assert list_runs(tmp_path) == ([], [])
    assert list_tunings(tmp_path) == [tuner.folder]
    again = open_in(tmp_path, base)
    assert again.tuning == tuner.tuning
    new = open_tuner(tuner.folder, base, MINUTES, replaces_finished=True)
    assert new.tuning.find_pending_run() == 0
    assert read_tuning(tuner.folder) == new.tuning


@pytest.mark.usefixtures("short_plan", "fake_measurement")
def test_settings_that_were_nearer_train_again_with_other_seeds(
    base: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DISTANCES, 4e-3, 0.5)
    tuner = open_in(tmp_path, base)
    for index in (0, 1, 2):
        train(tuner, index)
    final = tuner.tuning.rounds[-1]
    assert final.is_final
    assert {tuner.tuning.runs[run].candidate for run in final.runs} == {CONTROL, 2}
    assert base.seed not in {tuner.tuning.runs[run].seed for run in final.runs}
    final = final.model_copy(update={"seconds": SECONDS})
    tuner.tuning = tuner.tuning.model_copy(update={"rounds": (tuner.tuning.rounds[0], final)})
    for index in final.runs:
        train(tuner, index)
    assert tuner.tuning.is_finished
    assert [tuner.tuning.find_distance(run) for run in final.runs[:2]] == [1.0, 0.5]


@pytest.mark.usefixtures("short_plan", "fake_measurement")
def test_an_interrupted_run_trains_only_for_the_rest_of_its_time(
    base: TrainingConfig, tmp_path: Path
) -> None:
    tuner = open_in(tmp_path, base)
    seconds = 600.0  # So long that a busy computer does not reach it.
    rounds = (Round(seconds=seconds, runs=(0, 1, 2)),)
    tuner.tuning = tuner.tuning.model_copy(update={"rounds": rounds})
    write_tuning(tuner.folder, tuner.tuning)
    run, gan, dataset = tuner.prepare_run(0)
    reports = tuner.train_run(0, run, gan, dataset)
    first, _ = itertools.islice((each for each in reports if isinstance(each, StepReport)), 2)
    reports.close()
    stopped_at = gan.seconds
    saved = read_tuning(tuner.folder)
    assert saved is not None
    assert saved.find_pending_run() == 0
    assert saved.spent_seconds > 0
    continued = open_in(tmp_path, base)
    assert continued.tuning.rounds == rounds
    run, gan, dataset = continued.prepare_run(0)
    assert gan.seconds == pytest.approx(stopped_at)
    reports = continued.train_run(0, run, gan, dataset)
    first_again = next(each for each in reports if isinstance(each, StepReport))
    left = first.seconds + seconds - stopped_at
    assert left < seconds
    assert run.config.max_seconds == pytest.approx(first_again.seconds + left, abs=0.03)
    reports.close()


@pytest.mark.usefixtures("short_plan", "fake_measurement")
def test_a_run_of_the_next_round_goes_on_from_its_last_step(
    base: TrainingConfig, tmp_path: Path
) -> None:
    tuner = open_in(tmp_path, base)
    train(tuner, 0)
    measured = tuner.tuning.runs[0].measurements[0]
    rounds = (Round(seconds=SECONDS, runs=(0,)), Round(seconds=2.5 * SECONDS, runs=(0, 1)))
    tuner.tuning = tuner.tuning.model_copy(update={"rounds": rounds})
    run, gan, dataset = tuner.prepare_run(0)
    assert gan.step == measured.step
    first_seconds = gan.seconds
    steps = [
        report for report in tuner.train_run(0, run, gan, dataset) if isinstance(report, StepReport)
    ]
    assert steps[0].step == measured.step + 1
    assert run.config.max_seconds == pytest.approx(steps[0].seconds + 1.5 * SECONDS, abs=0.02)
    assert first_seconds < steps[0].seconds
    assert len(tuner.tuning.runs[0].measurements) == 2
    run, gan, dataset = tuner.prepare_run(1)  # It is new in this round.
    reports = tuner.train_run(1, run, gan, dataset)
    first = next(report for report in reports if isinstance(report, StepReport))
    assert run.config.max_seconds == pytest.approx(first.seconds + 2.5 * SECONDS, abs=0.02)
    reports.close()


@pytest.mark.usefixtures("short_plan", "fake_measurement")
def test_a_candidate_can_start_from_a_trained_run(
    base: TrainingConfig, tiny_dataset: ImageDataset, make_gan: MakeGAN, tmp_path: Path
) -> None:
    gan = make_gan(base, tiny_dataset)
    trained = {
        name: values + 1 if name.startswith("generator/") else values
        for name, values in gan.get_state().items()
    }
    source = Run.create(base, tiny_dataset, path=tmp_path / "source")
    source.save_checkpoint(trained)
    source.lock.release()
    tuner = open_in(tmp_path, base)
    candidate = make_candidate(base, {"start_from": "source"})
    tuner.tuning = tuner.tuning.model_copy(
        update={"candidates": (tuner.tuning.candidates[0], candidate, candidate)}
    )
    run, gan, _ = tuner.prepare_run(1)
    name = next(name for name in trained if name.startswith("generator/"))
    np.testing.assert_array_equal(gan.get_state()[name], trained[name])
    assert run.read_label().title == "Tuning: Start from source"
    run.lock.release()
    run, gan, _ = tuner.prepare_run(0)  # Shares the networks, but not their weights.
    np.testing.assert_allclose(gan.get_state()[name], trained[name] - 1, atol=1e-6)
    run.lock.release()


@pytest.mark.usefixtures("short_plan", "fake_measurement")
def test_a_run_that_diverges_drops_out_and_a_full_disk_does_not_count(
    base: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(error: Exception) -> None:
        def record(run: Run, *given: object, **named: object) -> Generator[AnyReport]:
            run.lock.release()
            yield from ()
            raise error

        monkeypatch.setattr(tuner_module, "record", record)

    tuner = open_in(tmp_path, base)
    fail(DiskWriteError("The disk is full."))
    with pytest.raises(DiskWriteError):
        train(tuner, 0)
    assert tuner.tuning.find_pending_run() == 0
    fail(DivergenceError("training diverged."))
    with pytest.raises(DivergenceError):
        train(tuner, 0)
    assert tuner.tuning.runs[0].problem == "training diverged."
    assert tuner.tuning.find_pending_run() == 1


@pytest.mark.usefixtures("short_plan", "fake_measurement")
def test_the_recording_of_a_last_run_that_diverges_ends_before_its_folder_is_deleted(
    base: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    had_folder: list[bool] = []

    def record(run: Run, *given: object, **named: object) -> Generator[AnyReport]:
        try:
            yield step_report(1)
            yield EventReport(0, 1, 0.0, "diverged", "It diverged.")
        finally:
            had_folder.append(run.path.exists())
            run.lock.release()

    tuner = open_in(tmp_path, base)
    for index in (0, 1):
        tuner.tuning = tuner.tuning.change_run(index, measurements=(measure(1.0),))
    monkeypatch.setattr(tuner_module, "record", record)
    train(tuner, 2)
    assert tuner.tuning.is_finished
    assert tuner.tuning.runs[2].problem == "It diverged."
    assert had_folder == [True]
    assert not list(tuner.folder.glob("run-*"))


@pytest.mark.usefixtures("short_plan", "fake_measurement")
def test_changed_pictures_are_tuned_anew(
    base: TrainingConfig, tmp_path: Path, tiny_dataset: ImageDataset
) -> None:
    path = tmp_path / "pictures.npz"
    base = base.replace(dataset=str(path))
    np.savez(path, images=tiny_dataset.pixels[:100])
    train(open_in(tmp_path, base), 0)
    np.savez(path, images=tiny_dataset.pixels[50:150])
    tuner = open_in(tmp_path, base)
    assert tuner.tuning.find_pending_run() == 0
    assert not list(tuner.folder.glob("run-*"))


def test_missing_pictures_leave_nothing_half_made(base: TrainingConfig, tmp_path: Path) -> None:
    base = base.replace(dataset=str(tmp_path / "none"))
    with pytest.raises(DatasetError):
        open_in(tmp_path, base)
    assert list_tunings(tmp_path) == []

"""The runs of a race train one after the other, and each is measured when its time is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from types import SimpleNamespace

import pytest

from dashboard.state import race_commands
from dashboard.state.race_commands import (
    list_waiting_indices,
    start_race,
    stop_race,
    train_missing,
)
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DatasetError, DivergenceError, RunError
from dcgan.runs.library import find_run
from dcgan.runs.run_folder import Run
from dcgan.sweeps import race_training
from dcgan.sweeps.queue import MAX_QUEUED
from dcgan.sweeps.race import (
    Race,
    Variant,
    change_race,
    create_race,
    list_races,
    plan_race,
    read_race,
)
from tests.dashboard.state.scripted_training import TIMEOUT, Script, WatchedTrainer, stop_training
from tests.fake_training import FakeGAN

pytestmark = pytest.mark.usefixtures("no_included_run", "script")


@pytest.fixture
def race(tiny_config: TrainingConfig, monkeypatch: pytest.MonkeyPatch) -> Race:
    """Return a race of two settings; a run that made 10 steps has the distance 10."""

    def measure(run: Run, gan: FakeGAN, dataset: object) -> RunMeasurement:
        metrics = {"frechet_distance": float(gan.step)}
        return RunMeasurement(
            step=gan.step,
            images_per_second=1.0,
            num_images=9,
            metrics=metrics,
            real_metrics={"frechet_distance": 0.1},
        )

    monkeypatch.setattr(race_training, "measure_race_run", measure)
    variants = [Variant(f"{size}", tiny_config.replace(batch_size=size)) for size in (8, 16)]
    race = plan_race(variants, 60.0, 1)
    # The evaluations of training take seconds.
    runs = [
        run.model_copy(update={"config": run.config.replace(evaluate_every=0)}) for run in race.runs
    ]
    return race.model_copy(update={"runs": tuple(runs)})


def wait_for_batch_size(trainer: WatchedTrainer, size: int) -> Run:
    """Wait until the run of a batch size is in training, and return it."""
    snapshot = trainer.wait_until(
        lambda snapshot: (
            snapshot.phase == "running"
            and snapshot.config is not None
            and snapshot.config.batch_size == size
        )
    )
    assert snapshot.run is not None
    return snapshot.run


def test_all_runs_are_trained_measured_and_kept_in_the_library(
    trainer: WatchedTrainer, script: Script, race: Race
) -> None:
    race = start_race(trainer, race)
    for size, num_chunks in ((8, 1), (16, 2)):
        for _ in range(num_chunks):
            script.advance()
        wait_for_batch_size(trainer, size)
        script.finish()
    trainer.wait_until(lambda snapshot: snapshot.phase == "finished" and snapshot.step == 20)
    assert trainer.join(TIMEOUT)
    runs = read_race(trainer.root, race.name).runs
    assert [run.measurement and run.measurement.metrics["frechet_distance"] for run in runs] == [
        10.0,
        20.0,
    ]
    titles = [find_run(run.folder, trainer.root).read_label().title for run in runs]
    assert titles == [f"Race {race.describe_start()}: {size}" for size in (8, 16)]


def test_a_stop_leaves_the_result_so_far_and_the_missing_run_can_be_trained_later(
    trainer: WatchedTrainer, script: Script, race: Race
) -> None:
    race = start_race(trainer, race)
    script.advance()
    wait_for_batch_size(trainer, 8)
    assert list_waiting_indices(trainer, race) == [1]
    stop_race(trainer, race)
    script.advance()
    trainer.wait_for("stopped")
    assert trainer.join(TIMEOUT)
    assert list_waiting_indices(trainer, race) == []
    race = read_race(trainer.root, race.name)
    assert [run.measurement for run in race.runs] == [None, None]
    stopped = race.runs[0].folder
    train_missing(trainer, race, [0])
    script.advance()
    wait_for_batch_size(trainer, 8)
    script.finish()
    trainer.wait_for("finished")
    assert trainer.join(TIMEOUT)
    race = read_race(trainer.root, race.name)
    assert [run.measurement is None for run in race.runs] == [False, True]
    assert race.runs[0].folder != stopped  # A new run; the stopped one stays in the library.
    assert find_run(stopped, trainer.root).read_status().state == "stopped"


def test_a_run_that_cannot_start_gives_the_reason_and_the_next_one_starts(
    trainer: WatchedTrainer, script: Script, race: Race
) -> None:
    too_large = race.runs[0].config.replace(batch_size=4096)  # There are 200 pictures.
    first = race.runs[0].model_copy(update={"config": too_large})
    race = race.model_copy(update={"runs": (first, race.runs[1])})
    race = start_race(trainer, race)
    script.advance()
    wait_for_batch_size(trainer, 16)
    assert read_race(trainer.root, race.name).runs[0].problem.startswith("batch_size: got 4096")
    stop_training(trainer, script)


def test_a_run_that_was_changed_gives_the_reason_and_is_not_measured(
    trainer: WatchedTrainer, script: Script, race: Race
) -> None:
    race = start_race(trainer, race)
    script.advance()
    run = wait_for_batch_size(trainer, 8)
    script.wait_until_idle()  # A change that is sent earlier may be carried out at step 10.
    trainer.change_settings(run, {"generator_learning_rate": 0.01})
    script.advance()
    trainer.wait_until(lambda snapshot: bool(snapshot.events))
    script.finish()
    script.advance()
    wait_for_batch_size(trainer, 16)
    first = read_race(trainer.root, race.name).runs[0]
    assert first.measurement is None
    assert first.problem.startswith(
        "It did not train as planned. From step 20 on: Generator learning"
    )
    stop_training(trainer, script)


def test_a_run_that_diverged_is_not_measured_as_its_learning_rates_were_halved(
    trainer: WatchedTrainer, script: Script, race: Race
) -> None:
    race = start_race(trainer, race)
    script.advance()
    wait_for_batch_size(trainer, 8)
    script.fail(DivergenceError("A loss is not a number."))
    trainer.wait_until(lambda snapshot: bool(snapshot.events))
    script.finish()
    script.advance()
    wait_for_batch_size(trainer, 16)
    first = read_race(trainer.root, race.name).runs[0]
    assert first.measurement is None
    assert first.problem.startswith("It did not train as planned. Diverged by step 10: a loss")
    stop_training(trainer, script)


@pytest.mark.parametrize(
    ("is_nan", "problem"),
    [
        (False, "dataset: These are too few pictures."),
        (
            True,
            "Its distance to real pictures is not a number, because training diverged; try lower "
            "learning rates.",
        ),
    ],
)
def test_a_run_that_cannot_be_measured_gives_the_reason_and_the_next_one_starts(
    trainer: WatchedTrainer,
    script: Script,
    race: Race,
    monkeypatch: pytest.MonkeyPatch,
    is_nan: bool,
    problem: str,
) -> None:
    def measure(*args: object) -> RunMeasurement:
        if is_nan:
            return RunMeasurement(
                step=1, images_per_second=1.0, num_images=9, metrics={}, real_metrics={}
            )
        raise DatasetError("These are too few pictures.")

    monkeypatch.setattr(race_training, "measure_race_run", measure)
    race = start_race(trainer, race)
    script.advance()
    wait_for_batch_size(trainer, 8)
    script.finish()
    script.advance()
    wait_for_batch_size(trainer, 16)
    first = read_race(trainer.root, race.name).runs[0]
    assert (first.measurement, first.problem) == (None, problem)
    stop_training(trainer, script)


def test_a_race_that_does_not_fit_into_the_queue_is_not_kept(
    trainer: WatchedTrainer, race: Race, running: Run
) -> None:
    trainer.queue_runner.add_configs([race.runs[0].config] * (MAX_QUEUED - 1))
    with pytest.raises(RunError, match="cannot be queued"):
        start_race(trainer, race)
    assert list_races(trainer.root) == []


def test_runs_that_find_no_room_in_the_queue_keep_their_folder_and_problem(
    trainer: WatchedTrainer, race: Race, running: Run
) -> None:
    race = create_race(trainer.root, race, datetime(2026, 11, 30))
    change_race(trainer.root, race.name, 0, folder="mnist-1", problem="It diverged.")
    trainer.queue_runner.add_configs([race.runs[0].config] * (MAX_QUEUED - 1))
    with pytest.raises(RunError, match="cannot be queued"):
        train_missing(trainer, race, [0, 1])
    first = read_race(trainer.root, race.name).runs[0]
    assert (first.folder, first.problem) == ("mnist-1", "It diverged.")


def test_a_stop_never_ends_the_next_run_of_the_queue(
    trainer: WatchedTrainer, script: Script, race: Race, monkeypatch: pytest.MonkeyPatch
) -> None:
    race = start_race(trainer, race)
    script.advance()
    wait_for_batch_size(trainer, 8)
    trainer.queue_runner.add_configs([race.runs[0].config.replace(batch_size=4)])
    remove = trainer.queue_runner.remove

    def end_the_run_meanwhile(ids: Iterable[str]) -> None:
        remove(ids)
        script.finish()
        script.advance()
        wait_for_batch_size(trainer, 4)

    monkeypatch.setattr(trainer.queue_runner, "remove", end_the_run_meanwhile)
    stop_race(trainer, race)
    assert trainer.snapshot().phase == "running"
    stop_training(trainer, script)


def test_two_tabs_start_two_races_named_after_their_starts(
    trainer: WatchedTrainer, race: Race, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 30, 14, 30)
    monkeypatch.setattr(race_commands, "datetime", SimpleNamespace(now=lambda: now))
    # Both forms were drawn before either race started.
    started = [start_race(trainer, race) for _ in range(2)]
    assert [each.name for each in started] == ["20261130-143000", "20261130-143000-2"]
    assert [list_waiting_indices(trainer, each) for each in started] == [[0, 1], [0, 1]]
    trainer.queue_runner.add_configs([race.runs[0].config] * (MAX_QUEUED - 5))
    with pytest.raises(RunError, match="cannot be queued"):
        start_race(trainer, race)
    assert len(list_races(trainer.root)) == 2

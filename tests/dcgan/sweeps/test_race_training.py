"""The training and the measurement of a race's runs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn, cast

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DiskWriteError, RunError
from dcgan.model.gan import DCGAN
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run
from dcgan.sweeps import queue_start
from dcgan.sweeps.queue import QueuedRun, append_to_queue, read_queue
from dcgan.sweeps.queue_start import start_queued_run
from dcgan.sweeps.race import Variant, create_race, plan_race, read_race
from dcgan.sweeps.race_training import measure_race_run, train_race_run
from dcgan.sweeps.race_verdict import judge_race
from tests.races import TIME
from tests.reports import step_report


def test_a_generator_that_draws_the_real_images_is_at_distance_0(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "run")
    for step, speed in ((1, 5.0), (2, 300.0), (3, 310.0)):
        run.write(step_report(step, images_per_second=speed))
    order = np.random.default_rng(0).permutation(len(tiny_dataset))  # As the evaluator chooses.
    gan = SimpleNamespace(step=3, generate=lambda z, classes: tiny_dataset.pixels[order[: len(z)]])
    measured = measure_race_run(run, cast("DCGAN", gan), tiny_dataset)
    run.lock.release()
    assert measured.num_images == len(tiny_dataset) // 2
    assert measured.metrics["sliced_wasserstein"] == pytest.approx(0.0, abs=1e-3)
    assert measured.real_metrics["sliced_wasserstein"] > measured.metrics["sliced_wasserstein"]
    assert measured.images_per_second == 300.0  # The first step, which builds the graph, is slow.
    assert "precision" not in measured.metrics


def test_real_networks_race_train_equally_long_and_are_measured(
    tiny_config: TrainingConfig, spots_file: str, tmp_path: Path
) -> None:
    seconds = 0.3
    # Not evaluated while they train, which takes longer than the training.
    config = tiny_config.replace(dataset=spots_file, evaluate_every=1000)
    variants = [Variant(f"{size}", config.replace(batch_size=size)) for size in (8, 16)]
    race = create_race(tmp_path, plan_race(variants, seconds, 1), TIME)
    append_to_queue(
        tmp_path,
        [QueuedRun.create(run.config, race.name, index) for index, run in enumerate(race.runs)],
    )
    for queued in read_queue(tmp_path):
        started = start_queued_run(tmp_path, queued)
        for _ in train_race_run(tmp_path, queued, *started):
            pass
    race = read_race(tmp_path, race.name)
    for race_run in race.runs:
        run = open_run(tmp_path / race_run.folder)
        steps = run.history.read_steps()
        assert run.read_status().state == "finished"
        end = run.config.max_seconds
        assert end == pytest.approx(steps[0].seconds + seconds, abs=0.02)
        assert end is not None
        assert steps[-1].seconds >= end
        assert race_run.measurement is not None
        assert race_run.measurement.step == steps[-1].step
        assert race_run.measurement.num_images == 50  # Half of the pictures.
        assert (
            race_run.measurement.metrics[race.metric]
            > race_run.measurement.real_metrics[race.metric]
        )
    assert judge_race(race) is not None


@pytest.mark.usefixtures("no_included_run")
def test_a_queued_run_that_its_race_does_not_have_is_refused_before_it_has_a_folder(
    tiny_config: TrainingConfig, spots_file: str, tmp_path: Path
) -> None:
    config = tiny_config.replace(dataset=spots_file)
    variants = [Variant(f"{size}", config.replace(batch_size=size)) for size in (8, 16)]
    race = create_race(tmp_path, plan_race(variants, 60.0, 1), TIME)
    with pytest.raises(RunError, match="The race no longer has this run"):
        start_queued_run(tmp_path, QueuedRun.create(race.runs[0].config, race.name, 2))
    assert list_runs(tmp_path) == ([], [])


@pytest.mark.usefixtures("no_included_run", "reused_networks")
def test_a_queued_run_that_cannot_be_written_to_its_race_leaves_no_folder(
    tiny_config: TrainingConfig,
    spots_file: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise DiskWriteError("The disk is full.")

    config = tiny_config.replace(dataset=spots_file)
    variants = [Variant(f"{size}", config.replace(batch_size=size)) for size in (8, 16)]
    race = create_race(tmp_path, plan_race(variants, 60.0, 1), TIME)
    monkeypatch.setattr(queue_start, "change_race", refuse)
    with pytest.raises(DiskWriteError, match="full"):
        start_queued_run(tmp_path, QueuedRun.create(race.runs[0].config, race.name, 0))
    assert list_runs(tmp_path) == ([], [])

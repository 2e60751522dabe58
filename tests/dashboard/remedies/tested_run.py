"""A run whose remedies have been tried."""

from __future__ import annotations

import numpy as np

from dcgan.images.png_recipe import encode_png
from dcgan.remedies.study import Measurement, SeedRange, Study, Trial, TrialKind
from dcgan.remedies.study_files import write_study
from dcgan.runs.copying import branch_run
from dcgan.runs.run_folder import Run
from dcgan.runs.trials_folder import TRIALS
from tests.dashboard.conftest import NewRun

PNG = encode_png(np.zeros((5 * 30 - 2, 8 * 30 - 2), np.uint8))


def measure(distance: float) -> Measurement:
    figure = SeedRange(mean=distance, low=distance - 0.5, high=distance + 0.5)
    metrics = {"frechet_distance": figure, "confident": SeedRange(mean=0.9, low=0.8, high=1.0)}
    return Measurement(step=40, metrics=metrics, png=PNG)


def tried(kind: TrialKind, distance: float, folder: str = "", **changes: float) -> Trial:
    return Trial(kind=kind, changes=changes, result=measure(distance), num_steps=14, folder=folder)


def make_tested_run(new_run: NewRun) -> Run:
    """Make a run with three tried remedies, of which one has a folder."""
    run = new_run("first")
    trial_run = branch_run(run, run.path / TRIALS)
    trial_run.lock.release()
    write_trials(
        run,
        tried("baseline", 50.0),
        tried("changed_settings", 4.0, trial_run.name, generator_learning_rate=0.0005),
        tried("baseline_other_noise", 52.0),
    )
    return run


def write_trials(run: Run, *trials: Trial) -> None:
    real_metrics = {"frechet_distance": 0.8, "confident": 0.97}
    study = Study(
        format=1,
        step=26,
        seconds=30.0,
        headline="Collapsed.",
        before=measure(60.0),
        real_metrics=real_metrics,
        trials=trials,
    )
    write_study(run, study)

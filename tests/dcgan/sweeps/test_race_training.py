"""The measurement of a race's run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race_training import measure_race_run
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
    assert measured.distance == pytest.approx(0.0, abs=1e-3)
    assert measured.real_metrics["frechet_distance"] > measured.distance
    assert measured.images_per_second == 300.0  # The first step, which builds the graph, is slow.
    assert "precision" not in measured.metrics

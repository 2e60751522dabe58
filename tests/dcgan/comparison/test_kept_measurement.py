"""The measurement in a run's folder: made, written, read, and deleted when it is outdated."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest

from dcgan.comparison import measuring
from dcgan.comparison.kept_measurement import read_measurement, write_measurement
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import OutOfMemoryError, RunError
from dcgan.runs import run_folder
from dcgan.runs.copying import branch_run
from dcgan.runs.measurement_file import MEASUREMENT_NAME
from dcgan.runs.run_folder import Run, open_run
from tests.races import measure
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.fixture
def run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    """Return a run with checkpoints of the steps 10 and 20."""
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "library" / "first")
    for step in (10, 20):
        run.write(step_report(step, images_per_second=300.0))
        run.save_checkpoint({"step": np.array(step), "seconds": np.array(step / 10)})
    run.lock.release()
    return run


@pytest.fixture
def measurer(tiny_dataset: ImageDataset, monkeypatch: pytest.MonkeyPatch) -> measuring.Measurer:
    """Return a measurer that takes real images for those of each generator."""
    order = np.random.default_rng(0).permutation(len(tiny_dataset))  # As the evaluator chooses.
    sampler = SimpleNamespace(generate=lambda z, classes: tiny_dataset.pixels[order[: len(z)]])
    monkeypatch.setattr(measuring, "load_sampler", lambda run, step: (sampler, step))
    monkeypatch.setattr(measuring, "load_training_data", lambda run: tiny_dataset)
    return measuring.Measurer()


def test_a_generator_that_draws_the_real_images_is_at_distance_0_from_them(
    run: Run,
    tiny_dataset: ImageDataset,
    measurer: measuring.Measurer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured = measurer.measure(run)
    assert (measured.step, measured.images_per_second) == (20, 300.0)
    assert measured.num_images == len(tiny_dataset) // 2
    assert measured.metrics["sliced_wasserstein"] == pytest.approx(0.0, abs=1e-3)
    assert measured.metrics["precision"] == measured.metrics["recall"] == 1.0
    # The real images of the same data are read and measured once.
    monkeypatch.delattr(measuring, "load_training_data")
    assert measurer.measure(run) == measured


def reach_step_20_again(run: Run) -> None:
    with run.lock.held():
        run.rewind(10)
        run.save_checkpoint({"step": np.array(20), "seconds": np.array(2.0)})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (reach_step_20_again, "first trained on or went back while it was measured"),
        (lambda run: shutil.rmtree(run.path), "first is no longer there"),
    ],
)
def test_a_run_that_changes_while_it_is_measured_gets_no_measurement(
    change: Callable[[Run], None], problem: str, run: Run, measurer: measuring.Measurer
) -> None:
    def report(share: float) -> None:
        if share > 0.5:  # Reported once.
            change(run)

    with pytest.raises(RunError, match=problem):
        measurer.measure(run, report)


def test_a_generator_that_does_not_fit_into_memory_ends_with_advice(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "load_sampler", Mock(side_effect=MemoryError))
    with pytest.raises(OutOfMemoryError, match="lower the generator's channels"):
        measuring.Measurer().measure(run)


def test_a_measurement_is_kept_until_the_run_goes_back_to_an_earlier_step(run: Run) -> None:
    assert read_measurement(run) is None
    write_measurement(run, measure(0.3, step=10))
    write_measurement(run, measure(0.2, step=20))
    assert read_measurement(open_run(run.path)) == measure(0.2, step=20)
    with run.lock.held():
        run.rewind(20)
        assert read_measurement(run) == measure(0.2, step=20)
        run.rewind(10)
    assert read_measurement(run) is None


def test_a_branch_begins_without_the_measurement_of_its_parent(run: Run) -> None:
    write_measurement(run, measure(0.2, step=20))
    branch = branch_run(run)
    branch.lock.release()
    assert read_measurement(branch) is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"step": 20}', b"\xff"])
def test_a_damaged_measurement_counts_as_none(content: bytes, run: Run) -> None:
    (run.path / MEASUREMENT_NAME).write_bytes(content)
    assert read_measurement(run) is None
    with run.lock.held():
        run.rewind(10)
    assert not (run.path / MEASUREMENT_NAME).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"num_images": 0},
        {"metrics": {"recall": 0.9}},
        {"metrics": {"frechet_distance": -0.1}},
        {"metrics": {"frechet_distance": 0.1, "sliced_wasserstein": 0.1}},
        {"real_metrics": {}},
    ],
)
def test_a_measurement_that_cannot_be_compared_counts_as_none(
    wrong: Mapping[str, object], run: Run
) -> None:
    write_measurement(run, measure(0.2, step=20).model_copy(update=wrong))
    assert read_measurement(run) is None


def test_an_included_run_keeps_the_measurement_that_it_comes_with(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "list_included_runs", lambda: [run.path])
    with pytest.raises(RunError, match="comes with the program"):
        write_measurement(run, measure(0.2))
    assert read_measurement(run) is None

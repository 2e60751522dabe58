"""Runs with and without classes, a function that makes runs, an idle trainer, quick scripts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner

from dashboard.charts.compared_runs import ComparedRun, read_record
from dashboard.state import trainer as trainer_module
from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from dcgan.reports import SampleReport
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import QueuedRun
from tests.dashboard.posed_trainer import PosedTrainer
from tests.reports import evaluation_report, step_report
from tests.states import State

NewRun = Callable[..., Run]


class PretendToTrain(Protocol):
    """Makes a run appear to be in training."""

    def __call__(self, run: Run, queued: QueuedRun | None = None) -> None:
        """Begin the run, as an entry of the queue or as a person's start."""


@pytest.fixture(scope="session", autouse=True)
def quick_script_runs() -> Iterator[None]:
    """Turn off slow parts of each script run; they take most of a second with TensorFlow loaded.

    After each run Streamlit clears Keras's session, with all graphs of other tests in memory, and
    collects garbage; before the first run of a page it reads the metadata of all packages.
    """
    config.set_option("runner.postScriptGC", False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script_runner, "_clean_problem_modules", lambda: None)
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="module")
def gan(tiny_config: TrainingConfig) -> DCGAN:
    """Return tiny networks, which tests must not train."""
    return DCGAN(tiny_config)


@pytest.fixture(scope="session")
def first_state(tiny_config: TrainingConfig) -> State:
    """Return the state of tiny networks before the first step."""
    return DCGAN(tiny_config).get_state()


@pytest.fixture(scope="session")
def class_config(tiny_config: TrainingConfig) -> TrainingConfig:
    """Return settings of tiny networks that learn the ten digits."""
    return tiny_config.replace(class_conditional=True, class_names=tuple("0123456789"))


@pytest.fixture(scope="session")
def first_class_state(class_config: TrainingConfig) -> State:
    """Return the state of these networks before the first step."""
    return DCGAN(class_config).get_state()


@pytest.fixture
def run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    """Return a run without reports, samples and checkpoints."""
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "library" / "first")
    run.lock.release()
    return run


@pytest.fixture
def class_run(
    class_config: TrainingConfig,
    first_class_state: State,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
) -> Run:
    """Return a run of networks that learn the ten digits, with a checkpoint of step 0."""
    run = Run.create(class_config, tiny_dataset, path=tmp_path / "library" / "classes")
    run.save_checkpoint(first_class_state)
    run.lock.release()
    return run


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PosedTrainer:
    """Return an idle trainer of an empty folder, which pages use as the trainer of the process."""
    trainer = PosedTrainer(tmp_path / "library")
    monkeypatch.setattr(trainer_module, "get_trainer", lambda: trainer)
    return trainer


@pytest.fixture
def pretend_to_train(trainer: PosedTrainer) -> PretendToTrain:
    """Return a function that makes a run appear to be in training, without a thread."""

    def pretend(run: Run, queued: QueuedRun | None = None) -> None:
        trainer.live.begin(run.config, queued)
        trainer.live.change(run=run, phase="running")

    return pretend


@pytest.fixture
def new_run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, trainer: Trainer) -> NewRun:
    """Return a function that puts a run of 26 steps, which are 2 epochs, in the library."""

    def make(name: str = "first", *, path: Path | None = None, **changes: object) -> Run:
        config = tiny_config.replace(**changes)
        run = Run.create(config, tiny_dataset, path=path or trainer.root / name)
        run.write(
            step_report(26, epoch=2, seconds=70.0, generator_loss=1.25, discriminator_loss=0.75)
        )
        pixels = np.full((config.num_samples, 28, 28, 1), 200, np.uint8)
        run.write(SampleReport(step=26, epoch=2, seconds=70.0, pixels=pixels))
        run.save_checkpoint({"step": np.array(26), "seconds": np.array(70.0)})
        run.write_status("finished", step=26, seconds=70.0)
        run.lock.release()
        return run

    return make


@pytest.fixture
def compared(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
) -> list[ComparedRun]:
    """Return a run with three evaluations, and a run with one evaluation and other settings.

    Their evaluations are quick: with 1,000 of 60,000 images.
    """
    compared_runs: list[ComparedRun] = []
    for name, changes, distances in (
        ("one", {}, (9.0, 4.0, 5.0)),
        ("two", {"batch_size": 32, "generator_learning_rate": 0.001}, (8.0,)),
    ):
        config = tiny_config.replace(**changes)
        run = Run.create(config, tiny_dataset, path=tmp_path / name)
        for number, distance in enumerate(distances, start=1):
            run.write(step_report(10 * number, seconds=2.0 * number))
            run.write(evaluation_report(10 * number, distance))
        run.lock.release()
        # As many as make a measurement with 10,000 images possible.
        run.dataset = run.dataset.model_copy(update={"num_images": 60_000})
        compared_runs.append(ComparedRun(run, name, read_record(run), len(compared_runs)))
    return compared_runs

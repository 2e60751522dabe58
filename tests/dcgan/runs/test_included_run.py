"""The run that comes with the program is small, has the default networks and good digits."""

from __future__ import annotations

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import load_dataset
from dcgan.evaluation.evaluator import Evaluator
from dcgan.installation import INCLUDED_RUN
from dcgan.latent.sampling import sample_latent
from dcgan.recording.start import continue_run
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.run_folder import Run, open_run


@pytest.fixture(scope="module")
def included() -> Run:
    return open_run(INCLUDED_RUN)


def test_the_included_run_takes_three_megabytes_at_most() -> None:
    files = [path for path in INCLUDED_RUN.rglob("*") if path.is_file() and path.name != ".lock"]
    assert sum(path.stat().st_size for path in files) <= 3_000_000


def test_the_included_run_has_the_defaults_but_its_length_and_what_changed_since(
    included: Run,
) -> None:
    length = {
        name: getattr(included.config, name)
        for name in ("epochs", "max_seconds", "sample_seconds", "keep_checkpoints")
    }
    older = {
        "class_conditional": False,
        "beta_1": 0.5,
        "augment": "off",
        "z_schedule": "falling",
        "lookahead": 0,
    }
    assert included.config == TrainingConfig.create(**older, **length)


def test_the_included_run_brings_history_pictures_and_metrics(included: Run) -> None:
    step = included.read_status().step
    assert included.read_status().state == "finished"
    assert included.checkpoints.list_steps() == [step]
    assert included.history.read_steps()[-1].step == step
    assert len(included.samples.list_steps()) >= 20
    assert included.samples.list_steps()[-1] == step
    assert len(included.history.read_evaluations()) >= 10


def test_the_digits_of_the_included_run_are_good(included: Run) -> None:
    evaluator = Evaluator(load_dataset("mnist"), 1000)
    sampler, _ = load_sampler(included)
    found = evaluator.evaluate(sampler.generate(sample_latent(5, 1000, included.config.latent_dim)))
    real = evaluator.real_evaluation.estimates["frechet_distance"].value
    assert found.estimates["frechet_distance"].value < 2.5 * real
    assert found.estimates["confident"].value > 0.9
    assert found.find_missing_digits(evaluator.real_evaluation) == ()


def test_training_continues_from_the_included_run_as_a_branch(
    included: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("library")
    branch, gan, _ = continue_run(included, epochs=1, root=root)
    branch.lock.release()
    assert branch.parent == included.name
    assert gan.step == included.read_status().step
    assert int(gan.generator_optimizer.iterations) == 0

"""The introduction of Explore: of a generator that knows the digits, or has collapsed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from dashboard.explore.introduction import (
    COLLAPSED,
    describe_generator,
)
from dashboard.generators.generator_source import GeneratorSource
from dashboard.state.trainer import Trainer
from dcgan.runs.run_folder import Run
from tests.reports import step_report


def introduce(run: Run) -> str:
    return (
        f"The generator turns {run.config.latent_dim} random numbers, called **z**, into a digit. "
        "The sliders move through all possible **z**, the **latent space**."
    )


def test_only_checkpoints_after_the_collapse_are_called_collapsed(run: Run) -> None:
    with run.lock.writing():
        for step in range(10, 1010, 10):
            spread = 0.3 if step <= 500 else 0.05
            run.history.append(step_report(step, real_spread=0.3, fake_spread=spread))
    steps = (300, 500, 900, None)
    found = [describe_generator(GeneratorSource(run, step)) for step in steps]
    assert found == [introduce(run), introduce(run), COLLAPSED, COLLAPSED]


def test_similar_first_pictures_of_a_run_in_training_are_no_collapse(run: Run) -> None:
    def watch(newest: int) -> GeneratorSource:
        history = [
            step_report(step, real_spread=0.3, fake_spread=0.0) for step in range(10, newest, 10)
        ]
        snapshot = SimpleNamespace(history=history, events=())
        trainer = cast("Trainer", SimpleNamespace(snapshot=lambda: snapshot))
        return GeneratorSource(run, None, trainer)

    assert describe_generator(watch(100)) == introduce(run)
    assert describe_generator(watch(1000)) == COLLAPSED


def test_a_run_that_knows_the_digits_explains_z_as_the_handwriting(class_run: Run) -> None:
    source = GeneratorSource(class_run, 0, class_id=7)
    assert "4 random numbers, called **z**, are its handwriting." in describe_generator(source)
    class_run.config = class_run.config.replace(class_names=tuple("abcdefghij"))
    assert "pictures of different classes share some of their look" in describe_generator(source)


def test_pictures_that_are_no_digits_are_not_called_digits(run: Run, class_run: Run) -> None:
    run.config = run.config.replace(dataset="fashion_mnist")
    class_run.config = class_run.config.replace(dataset="fashion_mnist")
    for source in (GeneratorSource(run, 0), GeneratorSource(class_run, 0, class_id=7)):
        assert "into a picture" in describe_generator(source)
        assert "digit" not in describe_generator(source)

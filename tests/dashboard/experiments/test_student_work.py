"""The digits beside an experiment's answer: of the student's normal run, or the included one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.experiments import student_work
from dashboard.experiments.catalog import EXPERIMENTS, NORMAL_RUN
from dashboard.experiments.student_work import NormalDigits
from dcgan import installation
from dcgan.config.setting_info import list_settings_that_affect
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.reports import SampleReport
from dcgan.runs.run_folder import Run, open_run


def find_digits() -> None:
    """Find the digits to compare with an experiment whose run has ended."""
    import streamlit as st

    from dashboard.experiments import student_work
    from dashboard.experiments.catalog import EXPERIMENTS, NORMAL_RUN, WALK

    normal = next(experiment for experiment in EXPERIMENTS if experiment.key == NORMAL_RUN)
    other = next(
        experiment for experiment in EXPERIMENTS if experiment.key not in (NORMAL_RUN, WALK)
    )
    student_work.get_work(normal).ended = st.session_state["normal"]
    student_work.get_work(other).ended = st.session_state["ended"]
    st.session_state["found"] = student_work.find_normal_digits(other)


def find(ended_step: int, normal: object = None) -> NormalDigits:
    """Return the digits beside a run that ended at a step."""
    page = AppTest.from_function(find_digits)
    page.session_state["ended"] = SimpleNamespace(step=ended_step)
    page.session_state["normal"] = normal
    found = page.run().session_state["found"]
    assert isinstance(found, NormalDigits), page.exception
    return found


def test_without_a_normal_run_the_digits_are_the_included_runs() -> None:
    found = find(938)
    assert (found.step, found.is_own) == (938, False)
    assert find(100).step == 1  # The included run has no grid between.
    assert find(881).step == 938  # Nearly the same step.
    assert find(840).step == 454
    assert find(345).step == 454  # At step 1 its pictures are grey.


def test_the_digits_of_the_students_normal_run_are_not_from_after_the_experiments_end(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "normal")
    for step in (0, 5, 10):
        run.write(SampleReport(step, 1, 1.0, np.full((6, 28, 28, 1), step, np.uint8)))
    run.lock.release()
    sample = SimpleNamespace(pixels=np.full((6, 28, 28, 1), 10, np.uint8), step=10)
    normal = SimpleNamespace(run=run, sample=sample)
    for ended_step, step in ((12, 10), (10, 10), (9, 5)):
        found = find(ended_step, normal)
        assert (found.step, found.is_own, found.pixels.max()) == (step, True, step)
    # The student may have deleted the run.
    run.samples.get_path(5).unlink()
    run.samples.get_path(0).unlink()
    assert find(9, normal).step == 10


def test_the_included_run_has_the_settings_of_a_normal_one() -> None:
    included = open_run(installation.INCLUDED_RUN).config
    usual = next(experiment for experiment in EXPERIMENTS if experiment.key == NORMAL_RUN).config
    schedule = list_settings_that_affect("schedule", "saving")
    # Without effect here: MNIST is too large to be augmented, and there are no classes.
    unused = ("augment", "augmentations", "z_schedule")
    for name in type(usual).model_fields:
        if name not in (*schedule, *unused):
            assert getattr(included, name) == getattr(usual, name), name


@pytest.mark.parametrize(
    ("answered", "expected"),
    [((), 1), ((2,), 3), ((2, 4), 5), ((2, len(EXPERIMENTS)), 1), (range(1, 11), None)],
)
def test_the_lesson_goes_on_after_the_last_answered_experiment(
    monkeypatch: pytest.MonkeyPatch, answered: Sequence[int], expected: int | None
) -> None:
    keys = {EXPERIMENTS[number - 1].key for number in answered}
    monkeypatch.setattr(
        student_work, "_read_work", lambda key: SimpleNamespace(is_answered=key in keys)
    )
    found = student_work.find_next_unanswered()
    assert found is (None if expected is None else EXPERIMENTS[expected - 1])

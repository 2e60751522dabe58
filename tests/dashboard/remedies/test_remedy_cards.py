"""The sentences about a study: its result, and how to read its cards."""

from __future__ import annotations

import pytest

from dashboard.remedies import remedy_cards
from dcgan.remedies.effects import compute_threshold
from dcgan.remedies.study import Measurement, Study, Trial
from tests.dashboard.remedies.tested_run import measure, tried

NUM_DIGITS = 60_000  # Of MNIST.
FAILED = Trial(kind="changed_settings", problem="The pictures are gone.")
FAILED_BASELINE = Trial(kind="baseline", problem="The pictures are gone.")
WITHOUT_METRICS = Measurement(step=40, metrics={}, png=b"")
FEW_IMAGES = tuple(
    Trial(kind=kind, result=WITHOUT_METRICS, num_steps=14)
    for kind in ("baseline", "changed_settings", "baseline_other_noise")
)


def study_of(*trials: Trial) -> Study:
    return Study(
        format=1,
        step=26,
        seconds=30.0,
        headline="Collapsed.",
        real_metrics={"frechet_distance": 0.8},
        trials=trials,
    )


@pytest.mark.parametrize(
    ("trials", "sentences"),
    [
        (
            FEW_IMAGES,
            "**3 of 3 trials are measured.** The data have fewer than 40 pictures, too few",
        ),
        (
            (FAILED_BASELINE, FAILED, FAILED_BASELINE),
            "**0 of 3 trials are measured.** There is nothing to compare, because no remedy has a",
        ),
        (
            (tried("baseline", 50.0), FAILED, tried("baseline_other_noise", 52.0)),
            "**2 of 3 trials are measured.** There is nothing to compare, because no remedy has a",
        ),
        (
            (tried("baseline", 50.0), tried("new_run", 4.0), FAILED_BASELINE),
            "**2 of 3 trials are measured.** The remedies cannot be compared, because a trial "
            "without a change has no distance.",
        ),
        (
            (tried("baseline", 50.0), tried("new_run", 4.0), Trial(kind="baseline_other_noise")),
            "**2 of 3 trials are measured.** There is nothing to compare yet.",
        ),
    ],
)
def test_the_reason_why_nothing_can_be_compared_is_given(
    trials: tuple[Trial, ...], sentences: str
) -> None:
    assert remedy_cards.summarize(study_of(*trials), NUM_DIGITS).startswith(sentences)


def test_without_distances_there_is_nothing_to_read() -> None:
    assert remedy_cards.explain(study_of(*FEW_IMAGES)) == ""
    assert "lowest and the highest of 3" in remedy_cards.explain(study_of(tried("baseline", 50.0)))


def test_distances_of_0_without_a_change_leave_nothing_to_improve() -> None:
    perfect = measure(0.5)
    zero = perfect.metrics["frechet_distance"].model_copy(update={"mean": 0, "low": 0, "high": 0})
    result = perfect.model_copy(update={"metrics": {"frechet_distance": zero}})
    study = study_of(
        Trial(kind="baseline", result=result),
        tried("changed_settings", 0.5, generator_learning_rate=0.0005),
        Trial(kind="baseline_other_noise", result=result),
    )
    summary = remedy_cards.summarize(study, NUM_DIGITS)
    assert summary.startswith("**No remedy helped by more than chance.**")
    assert summary.endswith("so only a distance below 0.00 counts as help.")


def test_the_threshold_on_the_page_is_the_one_that_decides() -> None:
    study = study_of(
        tried("baseline", 10.5),  # Measured as 10 to 11.
        tried("changed_settings", 4.0, generator_learning_rate=0.0005),
        tried("baseline_other_noise", 11.5),  # Measured as 11 to 12.
    )
    assert compute_threshold(10.0, 12.0) == pytest.approx(10 * 10 / 12)
    assert "only a distance below 8.33 counts as help" in remedy_cards.summarize(study, NUM_DIGITS)


@pytest.mark.parametrize(
    ("num_images", "label"),
    [(4_000, "Quick distance to real pictures"), (3_999, "Distance to real pictures")],
)
def test_the_distance_of_pictures_is_quick_if_there_are_enough_for_a_precise_one(
    num_images: int, label: str
) -> None:
    study = study_of(
        tried("baseline", 10.5), tried("new_run", 10.4), tried("baseline_other_noise", 11.5)
    )
    assert f" {label}, lower is better" in remedy_cards.summarize(study, num_images)

"""The diagnosis of made-up reports: each verdict, and the thresholds from both sides."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import overload

import pytest

from dcgan.config.loss_kinds import LOSS_KINDS
from dcgan.config.sections.few_pictures import AUGMENTED_BELOW
from dcgan.diagnosis.actions import STOP, Action
from dcgan.diagnosis.verdict import VerdictKind
from dcgan.reports import EvaluationReport, Event, StepReport
from tests.healthy_run import (
    CONFIG,
    HEALTHY,
    evaluation,
    event,
    shares_of,
    steps,
    verdict_on,
)


def test_without_reports_it_is_too_early_to_tell() -> None:
    assert verdict_on([]).kind == "starting"


def test_the_first_steps_are_not_diagnosed() -> None:
    sure = {"real_accuracy": 1.0, "fake_accuracy": 1.0, "fake_spread": 0.0}
    assert verdict_on(steps(480, **sure)).kind == "starting"
    assert verdict_on(steps(500, **sure)).kind == "collapsed"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"real_accuracy": 0.9, "epoch": 20}, "memorising"),
        ({"real_accuracy": 0.899, "epoch": 20}, "learning"),
        ({"real_accuracy": 0.9, "epoch": 19}, "learning"),
        ({"real_accuracy": 0.99, "fake_accuracy": 0.99, "epoch": 20}, "memorising"),
        # Adaptive augmentation that can become stronger will correct it.
        ({"real_accuracy": 0.9, "epoch": 20, "augment_probability": 0.7}, "learning"),
        ({"real_accuracy": 0.9, "epoch": 20, "augment_probability": 0.8}, "memorising"),
    ],
)
def test_a_discriminator_that_recognizes_pictures_seen_often_has_memorised_them(
    changes: dict[str, float], kind: VerdictKind
) -> None:
    assert verdict_on(steps(**changes)).kind == kind


def test_a_memorising_discriminator_needs_augmentation_unless_it_has_all_of_it() -> None:
    seen_often = steps(real_accuracy=0.95, epoch=40)
    verdict = verdict_on(seen_often, config=CONFIG.replace(augment="off"))
    augment = {"augment": "auto"}
    assert verdict.actions == (Action("augment", augment), Action("new_run", augment), STOP)
    assert "has seen each of them 40 times, and recognizes 95%" in verdict.evidence[0]
    assert verdict.cause.count("augmentation, more pictures, or a run to start from") == 1
    strongest = verdict_on(steps(real_accuracy=0.95, epoch=40, augment_probability=0.8))
    assert strongest.actions == (STOP,)
    assert "These help: more pictures, or a run to start from." in strongest.cause
    wgan = CONFIG.replace(loss="wgan_gp", augment="off")
    assert verdict_on(seen_often, config=wgan).kind == "learning"


def test_automatic_augmentation_is_suggested_only_for_a_set_that_it_augments() -> None:
    seen_often = steps(real_accuracy=0.95, epoch=40)
    config = CONFIG.replace(augment="off")
    small = verdict_on(seen_often, config=config, num_images=AUGMENTED_BELOW - 1)
    assert small.actions[0] == Action("augment", {"augment": "auto"})
    large = verdict_on(seen_often, config=config, num_images=AUGMENTED_BELOW)
    assert (large.kind, large.actions) == ("memorising", (STOP,))
    assert "These help: more pictures, or a run to start from." in large.cause


def test_a_healthy_run_is_learning() -> None:
    verdict = verdict_on(steps())
    assert verdict.kind == "learning"
    assert verdict.actions == (Action("continue"),)
    assert not verdict.is_alarm
    assert verdict.evidence[0].startswith("Balance: the discriminator judges 62%")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"real_accuracy": 0.97, "fake_accuracy": 0.99}, "discriminator_winning"),
        ({"real_accuracy": 0.969, "fake_accuracy": 0.99}, "learning"),
        # With label smoothing the best answer to perfect fakes is to call all images fake.
        ({"real_accuracy": 0.0, "fake_accuracy": 1.0}, "learning"),
        ({"fake_accuracy": 0.25}, "generator_winning"),
        ({"fake_accuracy": 0.251}, "learning"),
        ({"fake_spread": 0.18}, "collapsed"),
        ({"fake_spread": 0.185}, "learning"),
        ({"fake_spread": 0.0, "real_accuracy": 1.0, "fake_accuracy": 1.0}, "collapsed"),
        ({"generator_gradient_norm": 1000.0}, "diverging"),
        ({"discriminator_gradient_norm": 1000.0}, "diverging"),
        ({"discriminator_gradient_norm": 999.0}, "learning"),
        ({"real_spread": 0.01, "fake_spread": 0.01}, "collapsed"),
        ({"real_spread": None, "fake_spread": None}, "learning"),
    ],
)
def test_each_threshold_has_two_sides(changes: dict[str, float | None], kind: VerdictKind) -> None:
    assert verdict_on(steps(**changes)).kind == kind


def test_the_discriminator_may_win_where_the_generator_learns_all_the_same() -> None:
    winning = steps(real_accuracy=0.99, fake_accuracy=0.99)
    kinds = {
        loss: verdict_on(winning, config=CONFIG.replace(loss=loss)).kind for loss in LOSS_KINDS
    }
    assert [loss for loss, kind in kinds.items() if kind != "discriminator_winning"] == ["wgan_gp"]


def test_a_low_accuracy_on_real_images_is_explained_beside_it() -> None:
    reason = "it learns to be only 90% sure of real pictures, so in doubt it says “fake”"
    low, high = steps(real_accuracy=0.39), steps(real_accuracy=0.6)
    verdict = verdict_on(low)
    assert verdict.cause.startswith("Neither network wins")
    balance = verdict.evidence[0]
    assert "It is normal that it recognizes 88% of the fakes but only 39% of the real" in balance
    assert reason in balance
    without = CONFIG.replace(label_smoothing=0.0)
    for other in (verdict_on(high), verdict_on(low, config=without)):
        assert reason not in " ".join(other.evidence)


def test_swapped_labels_are_distinguished_from_a_slow_discriminator() -> None:
    wrong = steps(real_accuracy=0.2, fake_accuracy=0.03, fake_probability=0.9)
    swapped = verdict_on([dataclasses.replace(report, real_probability=0.59) for report in wrong])
    slow = verdict_on([dataclasses.replace(report, real_probability=0.61) for report in wrong])
    assert swapped.kind == slow.kind == "generator_winning"
    assert "swapped" in swapped.cause
    assert [action.kind for action in swapped.actions] == ["stop"]
    assert slow.actions[0] == Action("lower_generator_rate", {"generator_learning_rate": 0.0005})


def test_identical_training_images_are_reported_at_once() -> None:
    verdict = verdict_on(steps(20, real_spread=0.0))
    assert (verdict.kind, verdict.actions) == ("collapsed", (Action("stop"),))
    assert verdict.headline == "The training pictures are all alike."


def test_one_or_two_outliers_raise_no_alarm() -> None:
    odd = dict.fromkeys(("real_accuracy", "fake_accuracy"), 1.0)
    odd |= {"fake_spread": 0.0, "generator_gradient_norm": 1e6}
    reports = steps(960) + steps(1000, 980, **odd)
    assert verdict_on(reports).kind == "learning"


def test_norms_are_written_without_an_exponent() -> None:
    verdict = verdict_on(steps(generator_gradient_norm=44000.0, discriminator_gradient_norm=0.5))
    assert verdict.evidence[0] == (
        "The gradient's norm is 44,000 for the generator and 0.50 for the discriminator (alarm "
        "from 1,000)."
    )


def test_an_alarm_ends_with_its_cause() -> None:
    reports = steps(1000, fake_spread=0.0) + steps(1400, 1020)
    assert verdict_on(reports[:-20]).kind == "collapsed"
    assert verdict_on(reports).kind == "learning"


def test_a_falling_spread_is_reported_before_the_collapse() -> None:
    reports = steps(1000)
    for index in range(50):
        step, spread = 1000 + 20 * (index + 1), 0.36 - 0.005 * index
        reports += steps(step, step, fake_spread=spread)
    kinds = [verdict_on(reports[:end]).kind for end in range(40, len(reports) + 1)]
    assert list(dict.fromkeys(kinds)) == ["learning", "collapsing", "collapsed"]


def test_few_long_chunks_get_the_verdict_of_many_short_ones() -> None:
    assert verdict_on(steps(3000, 500, 500, fake_spread=0.0)).kind == "collapsed"
    assert verdict_on(steps(3000, 1, 1, fake_spread=0.0)).kind == "collapsed"


class CountingHistory(Sequence[StepReport]):
    """A long history that counts how many reports are read."""

    num_read = 0

    def __len__(self) -> int:
        return 100_000

    @overload
    def __getitem__(self, index: int) -> StepReport: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[StepReport]: ...
    def __getitem__(self, index: int | slice) -> StepReport | Sequence[StepReport]:
        assert isinstance(index, int), "a slice would copy"
        self.num_read += 1
        return dataclasses.replace(HEALTHY, step=range(1, 100_001)[index])


def test_the_diagnosis_of_a_long_run_reads_only_the_newest_reports() -> None:
    reports = CountingHistory()
    assert verdict_on(reports).kind == "learning"
    assert reports.num_read < 500


def test_a_collapse_onto_a_digit_is_reported_though_the_batches_look_healthy() -> None:
    verdict = verdict_on(steps(), [evaluation(shares=shares_of(1), coverage=0.12, precision=0.95)])
    assert (verdict.kind, verdict.digits) == ("collapsed", (1,))
    assert verdict.headline == "Collapsed onto the digit 1."
    assert (
        "12% of the real pictures have a generated one nearby (coverage; with other real pictures "
        "98%; alarm below 24%)" in (verdict.evidence[0])
    )


def test_a_single_missing_digit_is_a_beginning_collapse() -> None:
    verdict = verdict_on(steps(), [evaluation(shares=shares_of(*range(9)))])
    assert (verdict.kind, verdict.digits) == ("collapsing", ())
    assert verdict.headline == "Collapsing: the generator hardly draws the digit 9."
    verdict = verdict_on(steps(), [evaluation(shares=shares_of(*range(7)))])
    assert verdict.headline == "Collapsing: the generator hardly draws the digits 7, 8 and 9."


def test_digits_that_the_data_lack_are_not_missing() -> None:
    verdict = verdict_on(steps(), [evaluation(shares=shares_of(1), real_shares=shares_of(1))])
    assert verdict.kind == "learning"
    assert "The training pictures themselves contain only the digit 1." in verdict.evidence


def test_a_collapse_is_reported_without_digits_if_the_data_have_none() -> None:
    narrow = evaluation(shares=(), real_shares=(), coverage=0.1, precision=0.9)
    assert verdict_on(steps(), [narrow]).headline == "Collapsed onto a few kinds of pictures."
    # An older run does not record the digits of its data, so missing ones are unknown.
    old = dataclasses.replace(narrow, digit_shares=shares_of(1))
    assert (verdict_on(steps(), [old]).kind, verdict_on(steps(), [old]).digits) == (
        "collapsed",
        (),
    )


def copying(step: int, share: float, chance: float = 0.0) -> EvaluationReport:
    """Make a report of pictures, of which a share are copies."""
    report = evaluation(step, shares=(), real_shares=())
    return dataclasses.replace(
        report,
        metrics={**report.metrics, "copies": share, "sliced_wasserstein": 30 - 20 * share},
        real_metrics={**report.real_metrics, "copies": chance, "sliced_wasserstein": 8.0},
    )


def test_copies_of_training_pictures_are_an_alarm_with_the_step_before_them() -> None:
    reports = [copying(500, 0.01), copying(700, 0.02), copying(900, 0.4)]
    verdict = verdict_on(steps(), reports)
    assert verdict.kind == "copying"
    assert verdict.is_alarm
    assert "Of 1,000 pictures of step 900, 400 are copies" in verdict.evidence[0]
    assert verdict.actions == (Action("roll_back", step=700), Action("stop"))


@pytest.mark.parametrize(("share", "chance"), [(0.049, 0.0), (0.2, 0.19)])
def test_few_copies_or_as_many_as_by_chance_are_no_alarm(share: float, chance: float) -> None:
    assert verdict_on(steps(), [copying(900, share, chance)]).kind == "learning"


def test_imprecise_pictures_are_no_digits_whatever_the_classifier_says() -> None:
    assert verdict_on(steps(), [evaluation(shares=shares_of(8), precision=0.1)]).kind == "learning"
    blots = evaluation(shares=shares_of(8), precision=0.04)
    verdict = verdict_on(steps(), [blots])
    assert (verdict.kind, verdict.digits) == ("diverging", ())
    assert verdict.actions[0].kind == "new_run"
    # Early on, or where the data are not digits, slow learning looks the same.
    assert verdict_on(steps(), [dataclasses.replace(blots, step=880)]).kind == "learning"
    assert verdict_on(steps(), [dataclasses.replace(blots, digit_shares=())]).kind == "learning"


def test_an_evaluation_of_the_first_steps_is_ignored() -> None:
    # With little data an epoch ends every few steps.
    assert verdict_on(steps(), [evaluation(106, shares=shares_of(1, 8), coverage=0.08)]).kind == (
        "learning"
    )


def test_twelve_evaluations_without_improvement_are_converged() -> None:
    distances = [9.0, 4.0, 2.0, *[1.1, 1.0, 1.2] * 4, 1.0]
    measured = [evaluation(938 * (index + 1), value) for index, value in enumerate(distances)]
    assert verdict_on(steps(20_000), measured[:13]).kind == "learning"
    verdict = verdict_on(steps(20_000), [*measured, evaluation(938 * 17, 1.05)])
    assert verdict.kind == "converged"
    assert not verdict.is_alarm
    assert [action.kind for action in verdict.actions] == ["stop", "continue"]
    better = [*measured, evaluation(938 * 17, 0.89)]
    assert verdict_on(steps(20_000), better).kind == "learning"
    other_size = [dataclasses.replace(report, num_images=500) for report in measured[:8]]
    assert verdict_on(steps(20_000), [*other_size, *measured[8:]]).kind == "learning"


def test_two_bad_evaluations_suggest_a_rollback_to_a_good_one() -> None:
    measured = [evaluation(938, 9.0), evaluation(1876, 2.0), evaluation(2814, 7.0)]
    assert verdict_on(steps(4000), measured).kind == "learning"
    measured.append(evaluation(3752, 6.0))
    verdict = verdict_on(steps(4000), measured)
    assert verdict.kind == "diverging"
    assert verdict.actions[0] == Action("roll_back", step=1876)
    # After a change only the second one counts.
    assert verdict_on(steps(4000), measured, [event(3000)]).kind == "learning"


def test_measurements_from_before_a_change_are_ignored() -> None:
    bad, measured = steps(1000, fake_spread=0.0), [evaluation(938, shares=shares_of(1))]
    assert verdict_on(bad, measured, [event(1000)]).kind == "starting"
    after = steps(1480, 1020)
    settling = verdict_on(bad + after, measured, [event(1000)])
    assert settling.headline == "Changed at step 1,000. New verdict at step 1,500."
    assert settling.evidence[0].startswith(
        "Generator learning rate 0.04 → 0.01. A verdict says whether"
    )
    after = steps(1500, 1020)
    verdict = verdict_on(bad + after, measured, [event(1000)])
    assert verdict.kind == "learning"
    assert not any("Distance to" in sentence for sentence in verdict.evidence)
    assert verdict_on(bad + steps(1500, 1020, fake_spread=0.0), (), [event(1000)]).kind == (
        "collapsed"
    )


def test_a_fall_of_the_spread_across_a_change_is_ignored() -> None:
    reports = steps(1000) + steps(1500, 1020, fake_spread=0.29)
    assert verdict_on(reports).kind == "collapsing"
    assert verdict_on(reports, (), [event(1000)]).kind == "learning"


def test_a_change_in_the_first_steps_does_not_shorten_the_warm_up() -> None:
    assert verdict_on(steps(400, fake_spread=0.0), (), [event(100)]).kind == "starting"


def test_a_rollback_after_divergence_is_reported_until_the_run_recovers() -> None:
    rollback = event(1000, "diverged")
    verdict = verdict_on(steps(1000), (), [event(500), rollback])
    assert (verdict.kind, verdict.evidence) == ("diverging", (rollback.text,))
    assert verdict_on(steps(1180), (), [rollback]).kind == "diverging"
    assert verdict_on(steps(1200), (), [rollback]).kind == "starting"
    assert verdict_on(steps(1500), (), [rollback]).kind == "learning"


def test_a_branch_with_the_same_settings_keeps_the_measurements_before_it() -> None:
    measured = [evaluation(938 * (index + 1), value) for index, value in enumerate([1.0] * 14)]
    expected: dict[Event, VerdictKind] = {"continued": "converged", "branched": "starting"}
    for beginning, kind in expected.items():
        branch = event(938 * 14, beginning)
        assert verdict_on(steps(938 * 14), measured, [branch]).kind == kind

"""The outlook of a run: distance to real digits, its trend and what more training would bring."""

from __future__ import annotations

import dataclasses

import pytest

from dcgan.diagnosis.diagnose import diagnose
from dcgan.diagnosis.outlook import fit_trend
from dcgan.reports import EvaluationReport
from tests.healthy_run import CONFIG, evaluation, event, steps, verdict_on


def make_falling_evaluations(
    exponent: float, *seconds: float, first_step: int = 1000
) -> list[EvaluationReport]:
    """Make evaluations at some seconds of training, with the distance 80 × seconds ** exponent."""
    return [
        dataclasses.replace(evaluation(first_step + index, 80 * second**exponent), seconds=second)
        for index, second in enumerate(seconds)
    ]


def replace_distance(report: EvaluationReport, distance: float) -> EvaluationReport:
    """Return an evaluation with another distance."""
    return dataclasses.replace(report, metrics={**report.metrics, "frechet_distance": distance})


def test_the_trend_is_the_exponent_of_the_training_time() -> None:
    assert fit_trend(make_falling_evaluations(-0.5, 60, 120, 180)) == pytest.approx(-0.5)
    assert fit_trend(make_falling_evaluations(0.0, 60, 120, 180)) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    "seconds", [(), (60,), (60, 120), (60, 60, 60), (0, 0, 60), (1000, 1100, 1200)]
)
def test_there_is_no_trend_without_three_evaluations_at_different_times(
    seconds: tuple[float, ...],
) -> None:
    measured = [
        dataclasses.replace(evaluation(1000 + index, 5.0), seconds=second)
        for index, second in enumerate(seconds)
    ]
    assert fit_trend(measured) is None


def test_the_noise_of_many_late_evaluations_is_no_trend() -> None:
    measured = [
        dataclasses.replace(evaluation(1000 + index, 5.0 + 0.1 * (-1) ** index), seconds=second)
        for index, second in enumerate(range(300, 3001, 20))
    ]
    falling_at_last = [
        dataclasses.replace(evaluation(2000 + index, 4.9 - 0.02 * index), seconds=3020 + 20 * index)
        for index in range(8)
    ]
    assert fit_trend([*measured, *falling_at_last]) == pytest.approx(0.0, abs=0.02)


def test_a_large_distance_is_not_written_in_scientific_notation() -> None:
    measured = [
        replace_distance(report, distance)
        for report, distance in zip(
            make_falling_evaluations(-1.0, 30, 60, 90), (9000, 4500, 3000), strict=True
        )
    ]
    outlook = verdict_on(steps(2000), measured).outlook
    assert outlook.startswith("Far from real. Distance 3,000 (real digits 0.80)")
    assert "falling: about 1,800 after 1 more minute." in outlook


@pytest.mark.parametrize(("seconds", "distance"), [(0.0, 5.0), (-1.0, 5.0), (500.0, -5.0)])
def test_a_damaged_run_with_impossible_numbers_has_no_trend(
    seconds: float, distance: float
) -> None:
    bad = dataclasses.replace(evaluation(1003, distance), seconds=seconds)
    outlook = verdict_on(steps(2000), [*make_falling_evaluations(-0.5, 100, 200, 300), bad]).outlook
    assert "falling" not in outlook


def test_only_the_newest_evaluations_count() -> None:
    early = make_falling_evaluations(-2.0, 1, 2, 3, 4)
    late = make_falling_evaluations(-0.5, *range(100, 180, 10))
    assert fit_trend([*early, *late]) == pytest.approx(-0.5)


def test_a_falling_distance_comes_with_what_more_minutes_bring() -> None:
    # 80 / sqrt(400 s) is 4; after 2 minutes more 80 / sqrt(520 s) is 3.5.
    verdict = verdict_on(steps(2000), make_falling_evaluations(-0.5, 200, 300, 400))
    outlook = verdict.outlook
    assert verdict.headline == "Learning: let it continue."
    assert outlook.startswith("Readable, many odd. Distance 4.00 (real digits 0.80)")
    assert "falling: about 3.5 after 2 more minutes." in outlook


def test_a_distance_is_not_expected_below_the_real_digits_distance() -> None:
    measured = make_falling_evaluations(-3.0, 2.6, 3.0, 3.4)
    assert "falling: about 0.80 after 1 more minute." in verdict_on(steps(2000), measured).outlook


def test_a_level_distance_is_no_longer_falling() -> None:
    measured = make_falling_evaluations(-0.1, 150, 200, 250, 300, 350, 400)
    assert verdict_on(steps(2000), measured[1:]).headline == "Learning."  # Too few to tell.
    verdict = verdict_on(steps(2000), measured)
    assert verdict.headline == "Hardly improving any more: you can stop it."
    assert ", no longer falling." in verdict.outlook
    assert [action.kind for action in verdict.actions] == ["stop", "continue"]


def test_a_level_quick_distance_near_that_of_real_digits_tells_no_more() -> None:
    # 1.58 × 400 s ** -0.1 is 0.87; real digits have 0.80.
    measured = [
        replace_distance(report, report.metrics["frechet_distance"] * 0.02)
        for report in make_falling_evaluations(-0.1, 200, 300, 400)
    ]
    verdict = verdict_on(steps(2000), measured, num_images=60_000)
    assert verdict.headline == ("Clear digits: more training may still refine them.")
    assert verdict.outlook.startswith(
        "Clear digits. Quick distance 0.88 (real digits 0.80), about as low as 1,000 digits can "
        "show."
    )
    ended = diagnose(steps(2000), measured, [], CONFIG, num_images=60_000, has_ended=True)
    assert ended.headline == "Its digits are clear: more training may still refine them."
    farther = [
        replace_distance(report, report.metrics["frechet_distance"] * 1.12) for report in measured
    ]
    ended = diagnose(steps(2000), farther, [], CONFIG, num_images=60_000, has_ended=True)
    assert ended.headline == ("Its digits are clear: more training may still refine them.")


def test_single_distances_beyond_the_limit_of_quick_ones_change_no_verdict() -> None:
    # The limit is 1.04, and the middle of each six distances is below it.
    distances = (1.00, 1.06, 1.01, 1.05, 1.02, 1.03, 1.08)
    measured = [
        replace_distance(report, distance)
        for report, distance in zip(
            make_falling_evaluations(0.0, *range(200, 550, 50)), distances, strict=True
        )
    ]
    headlines = {
        verdict_on(steps(2000), measured[:number], num_images=60_000).headline for number in (6, 7)
    }
    assert headlines == {"Clear digits: more training may still refine them."}


def test_a_quick_distance_that_falls_below_that_of_real_digits_tells_no_more() -> None:
    measured = make_falling_evaluations(-0.8, 200, 280, 321)
    verdict = verdict_on(steps(2000), measured, num_images=60_000)
    assert verdict.headline == "Clear digits: more training may still refine them."
    assert "Quick distance 0.79 (real digits 0.80), about as low as 1,000 digits can show." in (
        verdict.outlook
    )


def test_a_falling_distance_near_the_real_digits_distance_is_as_low_as_it_can_get() -> None:
    measured = make_falling_evaluations(-0.8, 200, 280, 321)
    assert (
        measured[-1].metrics["frechet_distance"]
        < 0.8
        == measured[-1].real_metrics["frechet_distance"]
    )
    verdict = diagnose(steps(2000), measured, [], CONFIG, has_ended=True)
    assert verdict.headline.endswith("more training would change little.")
    text = "Clear digits. Distance 0.79 (real digits 0.80), about as low as it can get."
    assert text in verdict.outlook


def test_the_distance_of_a_converged_run_is_not_called_falling() -> None:
    # The best one came by chance early on, and is too old for the trend.
    best = dataclasses.replace(evaluation(999, 4.0), seconds=100)
    measured = [best, *make_falling_evaluations(-0.4, *range(200, 1400, 100))]
    verdict = verdict_on(steps(2000), measured)
    assert verdict.headline == "No longer improving, measured with 1,000 digits: you can stop it."
    assert "falling" not in verdict.outlook


@pytest.mark.parametrize(
    ("every", "reason"),
    [
        (1, "Not measured since: measuring takes at most 3% of the time."),
        (5, "It is measured every 5 epochs."),
        (0, "Not measured again since, because measurements were turned off."),
    ],
)
def test_an_old_measurement_is_dated_and_the_reason_is_given(every: int, reason: str) -> None:
    measured = make_falling_evaluations(-0.5, 200, 300, 400)
    config = CONFIG.replace(evaluate_every=every)
    later = [dataclasses.replace(report, epoch=4) for report in steps(2000)]
    outlook = verdict_on(later, measured, config=config).outlook
    assert outlook.startswith("Readable, many odd. Distance 4.00, measured at epoch 1 (real digits")
    assert reason in outlook
    assert ("after 2 more minutes" in outlook) == (every == 5)  # The old measurements have a trend.


def test_a_measurement_of_the_epoch_before_is_not_dated() -> None:
    later = [dataclasses.replace(report, epoch=2) for report in steps(2000)]
    assert (
        "measured" not in verdict_on(later, make_falling_evaluations(-0.5, 200, 300, 400)).outlook
    )


def test_an_ended_run_says_what_more_training_would_bring() -> None:
    measured = make_falling_evaluations(-0.5, 200, 300, 400)
    verdict = diagnose(steps(2000), measured, [], CONFIG, has_ended=True)
    assert verdict.headline == "It was still learning: more training would help."
    assert "falling: about 3.5 after 2 more minutes." in verdict.outlook


@pytest.mark.parametrize(
    ("precision", "headline"),
    [
        (0.04, "Its pictures are still noise: more training would help."),
        (0.05, "It was still learning: more training would help."),
    ],
)
def test_a_run_that_ended_while_it_drew_noise_says_so(precision: float, headline: str) -> None:
    # Of real images 90% look real; hardly any picture does at up to a twentieth of that.
    measured = [evaluation(600, 800.0, precision=precision)]
    assert diagnose(steps(600), measured, [], CONFIG, has_ended=True).headline == headline
    assert diagnose(steps(600), measured, [], CONFIG).headline == "Learning."
    later = [dataclasses.replace(report, epoch=4) for report in steps(600)]
    assert "noise" not in diagnose(later, measured, [], CONFIG, has_ended=True).headline


def test_an_ended_run_that_is_nearly_like_real_is_not_told_to_improve() -> None:
    for distance, is_near in ((0.94, True), (0.96, False)):  # Real digits: 0.80.
        measured = [evaluation(600, distance)]
        verdict = diagnose(steps(600), measured, [], CONFIG, has_ended=True)
        headline = "Its digits are clear: more training may still refine them."
        assert (verdict.headline == headline) == is_near
        assert diagnose(steps(600), measured, [], CONFIG).headline == "Learning."


def test_evaluations_from_before_a_change_have_no_part_in_the_trend() -> None:
    before = make_falling_evaluations(-0.5, 200, 300, 400)
    after = make_falling_evaluations(-0.5, 410, 420, first_step=2500)
    changed = [event(2000)]
    outlook = verdict_on(steps(3000), [*before, *after], changed).outlook
    assert "falling" not in outlook


def test_without_evaluations_there_is_no_outlook() -> None:
    assert verdict_on(steps(2000)).outlook == ""


def test_an_alarm_has_no_outlook() -> None:
    verdict = verdict_on(
        steps(2000, fake_spread=0.0), make_falling_evaluations(-0.5, 200, 300, 400)
    )
    assert verdict.is_alarm
    assert verdict.outlook == ""


EARLY = "Just started: the first verdict comes at step 500"
SHORT = "Too short for a verdict: it ended at step 100, before the first one at step 500."


def test_a_short_run_names_the_step_of_its_first_verdict() -> None:
    short = steps(100)
    assert diagnose(short, [], [], CONFIG).headline == f"{EARLY} (now 100)."
    ended = diagnose(short, [], [], CONFIG, has_ended=True)
    assert ended.headline == SHORT


def test_the_first_verdict_is_announced_with_its_time_if_the_speed_is_known() -> None:
    verdict = diagnose(steps(100), [], [], CONFIG, seconds_per_step=0.05)
    assert verdict.headline == "Just started: the first verdict comes in about 20 s, at step 500."


def test_a_run_that_will_end_before_its_first_verdict_says_so() -> None:
    short = steps(100)
    just_long_enough = diagnose(short, [], [], CONFIG, last_step=500)
    assert just_long_enough.headline == f"{EARLY} (now 100)."
    assert diagnose(short, [], [], CONFIG, last_step=499).headline == (
        "Just started: this run will probably end before the first verdict, at step 500."
    )


def test_before_the_first_verdict_the_evidence_explains_verdicts_and_repeats_no_step() -> None:
    for has_ended in (False, True):
        (explanation,) = diagnose(steps(100), [], [], CONFIG, has_ended=has_ended).evidence
        assert explanation.startswith("A verdict says whether the training goes well")
        assert "It is based on the losses" in explanation
        assert "500" not in explanation


def test_pictures_that_look_alike_early_are_named_but_no_alarm() -> None:
    # Half of the real images' spread of 0.37 is the limit of a collapse.
    for spread, remark in ((0.18, " So far the pictures look alike."), (0.19, "")):
        short = steps(80, fake_spread=0.0) + steps(120, 100, fake_spread=spread)
        short += steps(140, fake_spread=spread)[-1:]
        verdict = diagnose(short, [], [], CONFIG)
        assert (verdict.kind, verdict.is_alarm) == ("starting", False)
        assert verdict.headline == f"{EARLY} (now 140).{remark}"
    ended = diagnose(steps(100, fake_spread=0.0), [], [], CONFIG, has_ended=True)
    assert ended.headline == f"{SHORT} Its pictures were alike."


def test_a_run_that_ended_soon_after_a_change_is_not_told_to_wait() -> None:
    changed = [event(60)]
    assert "Wait before" in diagnose(steps(100), [], changed, CONFIG).cause
    ended = diagnose(steps(100), [], changed, CONFIG, has_ended=True)
    assert ended.headline == "Changed at step 60, too late for a new verdict."
    assert ended.evidence[0].endswith("A verdict needs 560 steps; the run ended at step 100.")
    assert "Wait before" not in ended.cause


def test_pictures_that_are_all_alike_or_far_from_digits_are_not_called_readable() -> None:
    def outlook_with(diversity: float, distance: float = 5.0) -> str:
        newest = evaluation(1003, distance)
        metrics = {**newest.metrics, "confident": 1.0, "diversity": diversity}
        real = {**newest.real_metrics, "diversity": 5.7}
        report = dataclasses.replace(newest, metrics=metrics, real_metrics=real)
        return verdict_on(steps(2000), [report]).outlook

    assert outlook_with(5.0).endswith(" 100% are readable.")
    assert "readable" not in outlook_with(0.1)
    assert "readable" in outlook_with(5.0, 15.0)
    assert "readable" not in outlook_with(5.0, 15.1)


def test_a_forecast_always_has_a_decimal() -> None:
    measured = [
        dataclasses.replace(evaluation(1000 + index, 68.5 * seconds**-0.5), seconds=seconds)
        for index, seconds in enumerate((200, 300, 400))
    ]
    assert "falling: about 3.0 after" in verdict_on(steps(2000), measured).outlook

"""The rule that ends a run which has stopped improving."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from dcgan.config.settings import Settings
from dcgan.diagnosis import convergence
from dcgan.diagnosis.convergence import Convergence, find_convergence
from dcgan.diagnosis.diagnose import diagnose
from dcgan.durations import describe_seconds
from dcgan.installation import list_included_runs
from dcgan.reports import EvaluationReport
from dcgan.runs.run_folder import open_run
from tests.healthy_run import CONFIG, evaluation, event, steps


def measure(
    distance: Callable[[float], float], seconds: Sequence[float], noise: float = 0.0, seed: int = 0
) -> list[EvaluationReport]:
    """Make evaluations at these seconds of training, with noise as a share of the distance."""
    factors = np.exp(noise * np.random.default_rng(seed).standard_normal(len(seconds)))
    return [
        dataclasses.replace(
            evaluation(1000 + index, distance(second) * float(factor)), seconds=second
        )
        for index, (second, factor) in enumerate(zip(seconds, factors, strict=True))
    ]


def find_end_seconds(evaluations: Sequence[EvaluationReport]) -> float | None:
    """Return the seconds at which the rule ends a run with these evaluations; None for never."""
    return next(
        (
            evaluations[index].seconds
            for index in range(len(evaluations))
            if find_convergence(evaluations[: index + 1])
        ),
        None,
    )


def test_a_level_distance_ends_a_run_at_the_eighth_evaluation_in_two_waits() -> None:
    # A wait is two minutes, and with the first evaluation at 30 s there are two of them at 240 s.
    assert find_end_seconds(measure(lambda _: 3.0, range(30, 1000, 30))) == 240
    assert find_end_seconds(measure(lambda _: 3.0, range(10, 1000, 10))) == 130


def test_later_the_wait_is_a_third_of_the_training_time() -> None:
    # The first evaluation counts at 30 minutes, as after a change: 15 minutes are a third of 45.
    measured = measure(lambda _: 3.0, range(1800, 4000, 60))
    assert find_end_seconds(measured) == 2700
    found = find_convergence([report for report in measured if report.seconds <= 2700])
    assert found is not None
    assert found.wait_seconds == 900


@pytest.mark.parametrize(
    ("exponent", "ends"), [(-0.5, False), (-0.27, False), (-0.25, True), (0.0, True), (0.5, True)]
)
def test_a_run_ends_if_the_last_third_of_its_time_gains_less_than_a_tenth(
    exponent: float, ends: bool
) -> None:
    # In the last third, time grows by half: 1.5 ** -0.26 is 0.9.
    measured = measure(lambda seconds: 80 * seconds**exponent, range(20, 7200, 20))
    assert (find_end_seconds(measured) is not None) == ends


def test_fewer_than_eight_evaluations_in_two_waits_are_too_few() -> None:
    assert find_end_seconds(measure(lambda _: 3.0, range(60, 361, 60))) is None
    assert find_end_seconds(measure(lambda _: 3.0, range(60, 2000, 60))) == 660
    assert find_convergence([]) is None


def test_evaluations_of_other_numbers_of_pictures_are_not_compared() -> None:
    measured = measure(lambda _: 3.0, range(30, 241, 30))
    others = [dataclasses.replace(report, num_images=500) for report in measured[:-1]]
    assert find_convergence(measured) is not None
    assert find_convergence([*others, measured[-1]]) is None


@pytest.mark.parametrize("interval", [8, 25, 60])
def test_noise_of_a_tenth_ends_no_run_that_still_falls_and_keeps_none_that_is_level(
    interval: int,
) -> None:
    seconds = range(interval, 3601, interval)
    for seed in range(5):
        falling = measure(lambda second: 80 / second**0.5, seconds, 0.1, seed)
        assert find_end_seconds(falling) is None
        # Like the included run without classes. At 5 minutes it still has a tenth to gain.
        healthy = measure(lambda second: 1.0 + 60 / second, seconds, 0.1, seed)
        assert 300 <= (find_end_seconds(healthy) or 3600) <= 1800


@pytest.mark.parametrize(
    ("name", "minutes", "level"), [("pretrained", 6, 1.1), ("pretrained-classes", 23, 0.76)]
)
def test_the_included_runs_end_when_little_is_left_to_gain(
    name: str, minutes: int, level: float
) -> None:
    (folder,) = [path for path in list_included_runs() if path.name == name]
    measured = open_run(folder).history.read_evaluations()
    end = find_end_seconds(measured)
    assert end is not None
    assert round(end / 60) == minutes
    found = find_convergence([report for report in measured if report.seconds <= end])
    assert found is not None
    assert found.distance == pytest.approx(level, abs=0.05)


# The first ten epochs of the default preset, seed 0: step, and quick distance (real digits 0.80).
# With 10,000 digits (real ones 0.07) it falls from 0.22 after a minute to 0.12 after five.
DEFAULT_RUN = {
    **{938: 1.200, 1876: 0.885, 2814: 0.854, 3752: 0.869, 5628: 0.851, 6566: 0.853, 7504: 0.903},
    **{8442: 0.851, 9380: 0.799},
}


def test_a_default_run_is_neither_ended_nor_called_finished_while_it_still_improves() -> None:
    measured = [
        dataclasses.replace(evaluation(step, distance), seconds=step / 47)
        for step, distance in DEFAULT_RUN.items()
    ]
    assert find_end_seconds(measured) is None
    for number in range(1, len(measured) + 1):
        some = measured[:number]
        verdict = diagnose(steps(some[-1].step), some, [], CONFIG, num_images=60_000)
        assert "you can stop it" not in verdict.headline
        assert not verdict.suggests_stopping


def test_near_real_digits_a_fall_that_is_small_beside_the_distance_counts() -> None:
    # What is above the 0.8 of real digits falls as in the default preset, with chance of 4%.
    seconds = range(20, 3601, 20)
    for seed in range(5):
        near = measure(lambda second: 0.8 + 2.6 / second**0.7, seconds, 0.04, seed)
        assert 290 <= (find_end_seconds(near) or 3600) <= 900


def test_the_verdict_on_a_run_near_real_digits_follows_the_rule_that_ends_runs() -> None:
    level = measure(lambda _: 0.85, range(20, 601, 20))
    for number, headline in (
        (6, "Clear digits: more training may still refine them."),
        (8, "Hardly improving any more: you can stop it."),
        (30, "No longer improving, measured with 1,000 digits: you can stop it."),
    ):
        verdict = diagnose(steps(2000), level[:number], [], CONFIG, num_images=60_000)
        assert verdict.headline == headline


@pytest.mark.parametrize("newest", [1.02, 1.08])
def test_a_single_distance_beyond_the_limit_calls_no_run_finished(newest: float) -> None:
    # Seldom measured, so that the rule that ends runs has too few distances. The limit is 1.04.
    measured = measure(lambda _: 1.02, [20 * 1.3**index for index in range(14)])
    measured.append(measure(lambda _: newest, [20 * 1.3**14])[0])
    measured[-1] = dataclasses.replace(measured[-1], step=1014)
    assert find_convergence(measured) is None
    verdict = diagnose(steps(2000), measured, [], CONFIG, num_images=60_000)
    assert (verdict.kind, verdict.headline) == (
        "learning",
        "Clear digits: more training may still refine them.",
    )


def test_the_forecast_extrapolates_the_trend_of_two_waits() -> None:
    measured = measure(lambda seconds: 10 * seconds**-0.1, range(20, 601, 20))
    found = find_convergence(measured)
    assert found is not None
    assert found.distance == pytest.approx(10 * 600**-0.1)
    assert found.expected_distance == pytest.approx(10 * 1200**-0.1)


def test_a_rising_distance_is_not_expected_to_fall() -> None:
    found = find_convergence(measure(lambda seconds: seconds**0.5, range(30, 601, 30)))
    assert found is not None
    assert found.expected_distance == found.distance


def test_no_distance_below_the_real_digits_distance_is_expected() -> None:
    # Real ones have 0.8.
    found = find_convergence(measure(lambda seconds: 1.55 * seconds**-0.1, range(30, 601, 30)))
    assert found is not None
    assert 0.8 < found.distance < 0.9
    assert found.expected_distance == 0.8


def test_a_damaged_run_does_not_end() -> None:
    assert find_end_seconds(measure(lambda _: 0.0, range(30, 601, 30))) is None


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            Convergence(238.0, 0.211, 0.199),
            "Stopped improving: hardly any gain in the last 4 min. Another 10 minutes would likely "
            "bring the distance from 0.21 to about 0.20.",
        ),
        (
            Convergence(1201.0, 34.4, 34.2),
            "Stopped improving: hardly any gain in the last 20 min. Another 10 minutes would "
            "likely leave the distance at about 34.",
        ),
    ],
)
def test_the_sentences_give_the_wait_and_what_more_training_brings(
    found: Convergence, text: str
) -> None:
    assert found.describe() == text


def test_the_help_text_of_the_setting_gives_the_numbers_of_the_rule() -> None:
    text = str(Settings.model_fields["until_converged"].description)
    assert round(1 / convergence.WAIT_SHARE) == 3
    assert "the last third of the training time" in text
    assert describe_seconds(convergence.MIN_WAIT_SECONDS).replace("min", "minutes") in text


def test_the_verdict_on_a_run_that_stopped_improving_is_that_it_no_longer_improves() -> None:
    end = dataclasses.replace(event(2000, "converged"), text="Stopped improving.")
    measured = measure(lambda seconds: 80 / seconds**0.5, range(100, 500, 100))
    verdict = diagnose(steps(2000), measured, [end], CONFIG, has_ended=True)
    assert verdict.kind == "converged"
    assert verdict.headline == "No longer improving, so it ended by itself."
    assert verdict.evidence[0] == "Stopped improving."
    assert "falling" not in verdict.outlook
    assert verdict.suggests_stopping


def test_a_continued_run_gets_the_verdict_of_its_new_steps() -> None:
    end = event(2000, "converged")
    measured = measure(lambda seconds: 80 / seconds**0.5, range(100, 500, 100))
    assert diagnose(steps(2000), measured, [end], CONFIG).kind == "learning"
    assert diagnose(steps(2020), measured, [end], CONFIG, has_ended=True).kind == "learning"


def test_a_collapse_remains_the_verdict_on_a_run_that_stopped_improving() -> None:
    end = event(2000, "converged")
    assert diagnose(steps(2000, fake_spread=0.0), [], [end], CONFIG, has_ended=True).is_alarm


def test_a_run_that_ends_by_itself_need_not_be_stopped() -> None:
    level = measure(lambda _: 5.0, range(50, 350, 50))
    config = CONFIG.replace(until_converged=True)
    assert diagnose(steps(2000), level, [], config).headline == (
        "Hardly improving any more: it ends by itself if this lasts."
    )
    stalled = measure(lambda _: 5.0, range(100, 1600, 100))
    assert diagnose(steps(2000), stalled, [], config).headline == (
        "No longer improving, measured with 1,000 digits: it ends by itself if this lasts."
    )

"""The rounds of a tuning, with distances that have a known answer."""

from __future__ import annotations

import pytest

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError
from dcgan.tuning.result import judge_tuning
from dcgan.tuning.rounds import plan_tuning
from dcgan.tuning.schedule import Costs
from dcgan.tuning.tuning import CONTROL, Tuning
from tests.tunings import COSTS, carry_out, make_pictures, measure, plan, run_next


def prefer_one_and_half(config: TrainingConfig, seconds: float) -> float:
    """Return distances that are best with an R1 penalty of 1 and learning rates of 0.001."""
    distance = 60 / seconds
    distance *= 0.5 if config.r1_penalty == 1 else 1.0
    distance *= 0.5 if config.generator_learning_rate == 1e-3 else 1.0
    return distance * (1 + 0.01 * config.seed)


def list_labels(tuning: Tuning, number: int) -> list[str]:
    """Return the labels of the candidates of a round."""
    runs = tuning.rounds[number].runs
    return [tuning.candidates[tuning.runs[run].candidate].label for run in runs]


def test_changes_that_help_are_combined_and_the_combination_wins() -> None:
    tuning = carry_out(plan(), prefer_one_and_half)
    assert len(tuning.rounds[0].runs) == 9
    assert list_labels(tuning, 1)[0] == "Starting settings"
    assert "Learning rates 0.001 and R1 penalty 1" in list_labels(tuning, 1)
    assert len(tuning.rounds[1].runs) == 5
    assert list_labels(tuning, 3) == [
        "Starting settings", "Learning rates 0.001 and R1 penalty 1",
        "Starting settings", "Learning rates 0.001 and R1 penalty 1",
    ]  # fmt: skip
    assert [tuning.runs[run].seed for run in tuning.rounds[3].runs] == [1, 1, 2, 2]
    result = judge_tuning(tuning)
    assert result.best is not None
    assert tuning.candidates[result.best].changed == (
        "generator_learning_rate", "discriminator_learning_rate", "r1_penalty",
    )  # fmt: skip
    assert result.headline.startswith("Learning rates 0.001 and R1 penalty 1 gave ")
    assert result.headline.endswith(" each; train with these settings.")


@pytest.mark.parametrize("minutes", [1, 2, 5, 10, 30])
@pytest.mark.parametrize("costs", [COSTS, Costs(new=12.0, continued=6.0)])
def test_the_time_is_used_and_not_exceeded(minutes: float, costs: Costs) -> None:
    tuning = plan_tuning(TrainingConfig(), minutes, make_pictures(60_000), costs, 10.0)
    tuning = carry_out(tuning, prefer_one_and_half, costs)
    assert 60 * minutes * 0.9 < tuning.spent_seconds <= 60 * minutes + 1


def test_a_computer_that_becomes_slow_still_ends_in_time() -> None:
    tuning = plan(10)
    for _ in tuning.rounds[0].runs:
        tuning = run_next(tuning, prefer_one_and_half)
    slow = Costs(new=15.0, continued=8.0)
    tuning = tuning.model_copy(update={"costs": slow})
    tuning = carry_out(tuning, prefer_one_and_half, slow)
    assert tuning.spent_seconds < 1.1 * 600
    assert judge_tuning(tuning).best is not None


def test_no_run_trains_twice_and_each_trains_on_from_where_it_is() -> None:
    tuning = carry_out(plan(), prefer_one_and_half)
    for index, run in enumerate(tuning.runs):
        rounds = [each.seconds for each in tuning.rounds if index in each.runs]
        assert rounds == sorted(rounds)
        assert len(run.measurements) == len(rounds)
    pairs = [(run.candidate, run.seed) for run in tuning.runs]
    assert len(set(pairs)) == len(pairs)


def test_the_control_takes_part_in_every_round_however_bad_it_is() -> None:
    tuning = carry_out(plan(), lambda config, _: 9.0 if config.r1_penalty == 0.2 else 1.0)
    for number in range(len(tuning.rounds)):
        assert list_labels(tuning, number)[0] == "Starting settings"


def test_without_better_settings_the_tuning_ends_before_other_seeds() -> None:
    tuning = carry_out(plan(), lambda config, _: 0.5 if config.r1_penalty == 0.2 else 0.9)
    assert not tuning.rounds[-1].is_final
    result = judge_tuning(tuning)
    assert result.best is None
    assert result.headline.startswith("No better settings were found: the starting settings gave")


def test_the_luck_of_one_seed_does_not_win() -> None:
    def prefer_with_seed_0(config: TrainingConfig, _: float) -> float:
        return 0.4 if config.r1_penalty == 1 and config.seed == 0 else 0.5 + 0.01 * config.seed

    tuning = carry_out(plan(), prefer_with_seed_0)
    assert tuning.rounds[-1].is_final
    result = judge_tuning(tuning)
    assert result.best is None
    assert result.headline.startswith("No better settings were found")


def test_a_difference_within_that_of_seeds_is_not_called_better() -> None:
    def prefer_a_little(config: TrainingConfig, _: float) -> float:
        return (0.48 if config.r1_penalty == 1 else 0.5) + 0.01 * config.seed

    result = judge_tuning(carry_out(plan(), prefer_a_little))
    assert result.best is None
    assert result.headline.startswith(
        "No better settings were found; the starting settings are as good: R1 penalty 1 gave "
        "0.49 ± 0.01, they 0.52 ± 0.01 after"
    )


def test_candidates_that_copy_the_pictures_come_last() -> None:
    def copy(config: TrainingConfig, _: float) -> RunMeasurement:
        return measure(0.2, copies=0.3) if config.r1_penalty == 1 else measure(0.5)

    tuning = carry_out(plan(), copy)
    assert not any("R1 penalty 1" in label for label in list_labels(tuning, -1))
    assert judge_tuning(tuning).best is None
    only = carry_out(plan(1), copy)
    assert judge_tuning(only).headline == (
        "No better settings were found: R1 penalty 1 gave 0.20 instead of 0.50 after 20 s, but by "
        "copying the training pictures."
    )


def test_starting_settings_that_copy_the_pictures_do_not_win_by_it() -> None:
    def copy(distance: float) -> Tuning:
        return carry_out(
            plan(1),
            lambda config, _: (
                measure(0.5) if config.r1_penalty == 1 else measure(distance, copies=0.9)
            ),
        )

    assert judge_tuning(copy(0.2)).headline == (
        "No verdict: the starting settings gave 0.20 after 20 s, but by copying the training "
        "pictures; the next best gave 0.50 (R1 penalty 1)."
    )
    farther = judge_tuning(copy(5.0))
    assert farther.best == 1


def test_a_candidate_that_fails_drops_out() -> None:
    def fail(config: TrainingConfig, seconds: float) -> float | None:
        return (
            None if config.generator_learning_rate > 2e-3 else prefer_one_and_half(config, seconds)
        )

    tuning = carry_out(plan(), fail)
    failed = [run for run in tuning.runs if run.problem]
    assert len(failed) == 1
    assert not failed[0].measurements
    assert judge_tuning(tuning).best is not None


def test_if_all_fail_there_is_no_better_setting() -> None:
    tuning = carry_out(plan(), lambda config, _: None)
    assert judge_tuning(tuning).headline == (
        "No better settings were found: no other settings could be measured."
    )
    only_default_fails = carry_out(
        plan(), lambda config, _: None if config.r1_penalty == 0.2 else 0.5
    )
    assert "as the starting settings could not be measured. It diverged." in (
        judge_tuning(only_default_fails).headline
    )


def test_in_a_minute_one_change_is_compared_with_one_seed() -> None:
    tuning = carry_out(plan(1), prefer_one_and_half)
    assert [len(each.runs) for each in tuning.rounds] == [2]
    assert judge_tuning(tuning).best == 1


def test_too_short_a_time_is_refused_with_the_least() -> None:
    with pytest.raises(ConfigError, match=r"--minutes: got 0.2; .* about 25 s is the least"):
        plan(0.2)


def test_a_saved_tuning_goes_on_as_it_would_have() -> None:
    straight = interrupted = plan()
    while not straight.is_finished:
        straight = run_next(straight, prefer_one_and_half)
        interrupted = Tuning.model_validate_json(interrupted.model_dump_json())
        interrupted = run_next(interrupted, prefer_one_and_half)
    assert interrupted == straight
    assert straight.runs[CONTROL].candidate == CONTROL


def test_a_tuning_of_an_older_version_has_the_values_of_that_version() -> None:
    content = plan().model_dump(mode="json")
    for config in (content["base"], *(each["config"] for each in content["candidates"])):
        del config["z_schedule"]
    found = Tuning.model_validate(content)
    configs = [found.base, *(candidate.config for candidate in found.candidates)]
    assert {config.z_schedule for config in configs} == {"falling"}

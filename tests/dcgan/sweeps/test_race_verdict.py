"""The verdict of a race, from numbers with a known answer."""

from __future__ import annotations

import pytest

from dcgan.sweeps.race_results import VariantResults
from dcgan.sweeps.race_verdict import RaceVerdict, judge_race, judge_variants
from tests.races import make_race, with_measurements

LATE, EARLY = 3000, 900
FRECHET = "frechet_distance"


def judge(*distances: tuple[float, ...], step: int = LATE, real: float = 0.07) -> RaceVerdict:
    """Judge variants A, B, … of these distances after a minute."""
    results = [
        VariantResults("ABCD"[index], found, (step,) * len(found))
        for index, found in enumerate(distances)
    ]
    return judge_variants(results, 60.0, real, "digit", FRECHET)


def test_a_difference_beyond_the_difference_of_seeds_has_a_winner() -> None:
    verdict = judge((0.36,), (0.24,))
    assert verdict.winner == 1
    assert verdict.headline == "“B” is nearer to real digits after 1 min: 0.24 instead of 0.36."
    assert verdict.reason == (
        "Likely: “A” has 1.5 times the distance of “B”. Another seed alone can make a distance "
        "up to 1.2 times as large. To be sure, race with 2 or 3 seeds."
    )


@pytest.mark.parametrize(
    ("distances", "step", "winner"),
    [
        (((0.24,), (0.28,)), LATE, None),  # 1.17 times; a seed makes 1.2.
        (((0.24,), (0.30,)), LATE, 0),  # 1.25 times.
        (((2.4,), (3.6,)), EARLY, None),  # 1.5 times; early a seed makes 1.7.
        (((2.4,), (4.8,)), EARLY, 0),
        # The bound of the mean of 3 seeds is 1.2^(1/√3) = 1.11.
        (((0.24, 0.25, 0.26), (0.28, 0.29, 0.30)), LATE, 0),
        (((0.24, 0.25), (0.26, 0.27)), LATE, None),
        # One seed points the other way, or the seeds disagree far more than usual.
        (((0.24, 0.30), (0.40, 0.29)), LATE, None),
        (((0.24, 0.24), (0.25, 0.60)), LATE, None),
        (((0.0,), (0.0,)), LATE, None),
    ],
)
def test_chance_is_smaller_with_more_seeds_and_larger_early_in_training(
    distances: tuple[tuple[float, ...], ...], step: int, winner: int | None
) -> None:
    assert judge(*distances, step=step).winner == winner


def test_distances_below_the_real_images_distance_do_not_rank() -> None:
    verdict = judge((0.03,), (0.06,))
    assert verdict.winner is None
    assert verdict.headline == (
        "As near as two sets of real digits after 1 min: “A” 0.03 and “B” 0.06."
    )
    assert verdict.reason == (
        "Two sets of real digits are 0.07 apart; below that the distance does not rank settings."
    )
    assert judge((0.03,), (0.08,)).winner == 0


def test_two_equally_near_variants_and_a_farther_one_are_named() -> None:
    verdict = judge((8.0,), (0.25,), (0.24,))
    assert verdict.winner is None
    assert verdict.headline == (
        "“C” and “B” are about equally near to real digits after 1 min (0.24 and 0.25); “A” 8.00 "
        "is farther."
    )
    assert verdict.reason.startswith("Very likely: “A” has about 33 times the distance of “C”. ")


def test_a_variant_measured_too_early_is_not_ranked_behind_a_farther_one() -> None:
    results = [
        VariantResults("A", (1.0,), (5000,)),
        VariantResults("B", (1.3,), (5000,)),
        VariantResults("C", (1.4,), (1000,), speed_settings=("wide",)),
    ]
    verdict = judge_variants(results, 60.0, 0.8, "digit", FRECHET)
    assert verdict.winner is None
    assert verdict.headline == (
        "“A” is among the nearest to real digits after 1 min (1.00); “B” 1.30 is farther; “C” 1.40 "
        "is too uncertain to rank."
    )
    assert verdict.reason.startswith(
        "Likely: “B” has 1.3 times the distance of “A”. Another seed alone can make a distance "
        "up to 1.2 times as large."
    )


def test_large_ratios_of_seeds_have_no_exponent() -> None:
    reason = judge((0.24, 0.24), (40.8, 41.0)).reason
    assert "“B” has about 170 times the distance of “A” with each seed." in reason


def test_without_a_difference_the_verdict_gives_all_distances() -> None:
    verdict = judge((0.26,), (0.24,))
    assert verdict.headline == ("After 1 min there is no clear difference: “B” 0.24 and “A” 0.26.")
    assert verdict.reason.startswith("Too close to call: “A” has 1.1 times the distance of “B”")


def test_equal_distances_are_nearly_the_same() -> None:
    reason = judge((0.260,), (0.262,)).reason
    assert reason.startswith("Too close to call: “B” has nearly the distance of “A”.")


def test_the_nearest_of_three_wins_if_it_is_clearly_nearer_than_both() -> None:
    verdict = judge((0.5, 0.6), (0.24, 0.26), (0.8, 0.7))
    assert verdict.winner == 1
    assert verdict.headline == (
        "“B” is nearest to real digits after 1 min: 0.25; “A” 0.55 and “C” 0.75."
    )
    assert verdict.reason == (
        "Very likely: “A” has 2.1 and 2.3 times the distance of “B”, one for each seed. With 2 "
        "seeds each, chance alone can make a distance up to 1.1 times as large."
    )


def test_the_headline_of_four_variants_names_only_the_nearest() -> None:
    assert judge((0.5,), (0.24,), (190.0,), (0.9,)).headline == (
        "“B” is nearest to real digits after 1 min: 0.24; the others are 0.50 to 190.0 away."
    )


def test_the_ratios_of_three_seeds_are_listed() -> None:
    reason = judge((0.5, 0.6, 0.5), (0.24, 0.26, 0.25)).reason
    assert "“A” has 2.1, 2.3 and 2.0 times the distance of “B”, one for each seed." in reason
    assert reason.endswith(
        "With 3 seeds each, chance alone can make a distance up to 1.1 times as large."
    )


@pytest.mark.parametrize("others", [(0.2, 0.4), (0.25, 0.9)])
def test_seeds_that_disagree_are_named_as_the_reason(others: tuple[float, float]) -> None:
    verdict = judge(others, (0.24, 0.24))
    assert verdict.winner is None
    assert verdict.reason.endswith("one for each seed. The seeds differ too much for an answer.")


def test_a_lead_in_steps_that_a_busy_computer_gave_wins_nothing() -> None:
    slow, fast = VariantResults("A", (3.6,), (1600,)), VariantResults("B", (2.0,), (3200,))
    verdict = judge_variants([slow, fast], 60.0, 0.07, "digit", FRECHET)
    assert verdict.winner is None
    assert verdict.headline == (
        "No verdict, as the computer was busy: “B” 2.00 and “A” 3.60 after 1 min."
    )
    assert verdict.reason == "The additional steps of “B” explain its lead over “A”."
    assert verdict.caution == (  # No winner, so the busy computer has decided nothing.
        "The steps were unequal (1,600 and 3,200), because the computer was busy. Close "
        "other programs, then race again."
    )
    # The difference is larger than the steps explain, but is not called likely.
    far = judge_variants([VariantResults("A", (6.0,), (1600,)), fast], 60.0, 0.07, "digit", FRECHET)
    assert (far.winner, far.caution) == (
        1,
        "The steps were unequal (1,600 and 3,200), so the busy computer may explain the "
        "difference. Close other programs, then race again.",
    )
    assert far.headline == "“B” came nearer to real digits after 1 min: 2.00 instead of 6.00."
    assert far.reason.startswith("“A” has 3.0 times the distance of “B”. Another seed ")
    third = VariantResults("C", (7.0,), (3200,))
    of_three = judge_variants(
        [VariantResults("A", (6.0,), (1600,)), fast, third], 60.0, 0.07, "digit", FRECHET
    )
    assert of_three.headline.startswith("“B” came nearest to real digits after 1 min: 2.00; ")
    # A step is slower by its settings.
    wide = VariantResults("A", (3.6,), (1600,), speed_settings=("wide",))
    by_design = judge_variants([wide, fast], 60.0, 0.07, "digit", FRECHET)
    assert (by_design.winner, by_design.caution) == (1, "")
    assert by_design.reason.startswith("Likely: ")
    # Nearer with fewer steps.
    few = VariantResults("B", (2.0,), (800,))
    with_fewer = judge_variants([slow, few], 60.0, 0.07, "digit", FRECHET)
    assert (with_fewer.winner, with_fewer.caution) == (1, "")
    # Without a winner, either may have been too slow.
    close = VariantResults("B", (3.5,), (800,))
    assert "(800 and 1,600)" in judge_variants([slow, close], 60.0, 0.07, "digit", FRECHET).caution


def test_a_race_is_judged_by_the_seeds_with_which_all_variants_were_measured() -> None:
    assert judge_race(with_measurements(make_race(), 0.3)) is None
    verdict = judge_race(with_measurements(make_race(), 0.36, 0.24, 0.9))
    assert verdict is not None
    assert verdict.headline == (
        "“beta_1 0” is nearer to real digits after 1 min: 0.24 instead of 0.36."
    )

"""The answers of the experiments: pure functions of a run's numbers. Imports no Streamlit.

Each function takes the numbers of the experiment's run and of a normal run. The outcome of its
answer is the index of the prediction that the numbers support, among the experiment's predictions.
"""

from __future__ import annotations

from dashboard.components.plain_text import keep_together
from dashboard.experiments.experiment import Answer, RunNumbers
from dcgan.comparison.seed_ratio import EARLY_STEP
from dcgan.diagnosis.thresholds import COLLAPSED_RELATIVE_SPREAD, WARM_UP_STEPS, WINNING_ACCURACY
from dcgan.durations import describe_seconds
from dcgan.evaluation.metric_info import format_distance

# Smallest ratio of two distances for a clear answer, from EARLY_STEP on and before it. `seed_ratio`
# has smaller ratios, 1.2 and 1.7: an answer here is a plain yes or no, without a word on chance.
_CLEAR_RATIO, _CLEAR_RATIO_EARLY = 1.5, 2.5
_MIN_READABLE = 0.75  # After two epochs with the default settings 87% are readable.
_MAX_SPOTS_DISTANCE = 60.0
_MIN_ONES_SHARE = 0.95  # For the answer that a run draws only ones.
_MAX_BALANCED_ACCURACY = 0.9  # In a healthy run the lower accuracy is at most 0.83.
# Pictures that differ at most this share of what real ones do, in half of the last 200 steps, stay
# the same. Measured in three runs of the experiment that collapses, with seeds 0 and 1: once it is
# at most 0.1 after step 300, it stays at most 0.09 to the end.
_ONE_PICTURE_SPREAD, _ONE_PICTURE_STEP = 0.1, 300
_MAX_READABLE_DROP = 0.1  # A smaller difference of two shares of readable pictures is chance.


def answer_normal(run: RunNumbers, normal: RunNumbers) -> Answer:
    """Classify the pictures of a normal run: 0 noise, 1 spots, 2 readable digits."""
    del normal
    if run.distance is None:
        return _make_undecided(run)
    is_digit_like = run.readable is not None and run.readable >= _MIN_READABLE
    outcome = 2 if is_digit_like else 1 if run.distance <= _MAX_SPOTS_DISTANCE else 0
    findings = [
        f"After {run.step:,} steps in {keep_together(describe_seconds(run.seconds))} the quick "
        f"distance to real digits is {format_distance(run.distance)}. Lower is better; between "
        "two sets of real digits it is 0.80."
    ]
    if run.readable is not None:
        findings.append(
            "A network that was trained to read digits can read "
            f"{run.readable:.0%} of the pictures."
        )
    return Answer(outcome, tuple(findings))


def answer_collapse(run: RunNumbers, normal: RunNumbers) -> Answer:
    """Decide on a collapse: 0 better pictures, 1 all nearly the same, 2 as in a normal run."""
    if run.relative_spread is None or run.real_spread is None:
        return _make_undecided(run)
    if run.step < WARM_UP_STEPS and not draws_one_picture(run):
        return _make_undecided(run)
    spread = run.relative_spread * run.real_spread
    findings = [
        f"In its last steps two of its pictures differ by {spread:.0%}, two real digits by "
        f"{run.real_spread:.0%}, as in the chart. Below "
        f"{COLLAPSED_RELATIVE_SPREAD * run.real_spread:.0%} is a collapse; in a normal run the "
        "pictures differ about as much as real digits.",
    ]
    if run.distance is not None:
        findings.append(
            f"Its quick distance to real digits is {format_distance(run.distance)}; a normal run "
            "without classes has 4 to 7 after as many steps. Lower is better."
        )
    if run.relative_spread < COLLAPSED_RELATIVE_SPREAD:
        return Answer(1, tuple(findings))
    common = run.find_common_distances(normal)
    is_better = common is not None and _compare_distances(*common) == 0
    findings.append("This run did not collapse, which also depends on chance. Run it again.")
    return Answer(0 if is_better else 2, tuple(findings))


def draws_one_picture(run: RunNumbers) -> bool:
    """Return whether a generator has drawn one picture for so long that it will draw no other."""
    is_one = run.relative_spread is not None and run.relative_spread <= _ONE_PICTURE_SPREAD
    return is_one and run.step >= _ONE_PICTURE_STEP


def answer_winner(run: RunNumbers, normal: RunNumbers) -> Answer:
    """Decide who wins: 0 the generator fools the discriminator, 1 the discriminator, 2 neither."""
    if run.step < WARM_UP_STEPS:
        return _make_undecided(run)
    findings = (
        f"The discriminator gets {run.real_accuracy:.0%} of the real pictures and "
        f"{run.fake_accuracy:.0%} of the fakes right. In a normal run it is "
        f"{normal.real_accuracy:.0%} and {normal.fake_accuracy:.0%} at step {normal.step:,}.",
        f"If both are above {WINNING_ACCURACY:.0%}, the discriminator is winning.",
    )
    lower = min(run.real_accuracy, run.fake_accuracy)
    if lower >= WINNING_ACCURACY:
        return Answer(1, findings)
    if run.fake_accuracy <= 0.5:
        return Answer(0, findings)
    return Answer(2 if lower < _MAX_BALANCED_ACCURACY else None, findings)


def answer_ones(run: RunNumbers, normal: RunNumbers) -> Answer:
    """Count the kinds of digits: 0 many, 1 only ones, 2 ones and a few that look like them."""
    del normal
    if not run.digit_shares:
        return _make_undecided(run)
    ones = run.digit_shares[1]
    others = [digit for digit, share in enumerate(run.digit_shares) if digit != 1 and share >= 0.01]
    other_digits = ", ".join(str(digit) for digit in others)
    findings = (
        f"A digit classifier reads {ones:.1%} of its pictures as ones.",
        f"Other digits with at least 1%: {other_digits}."
        if others
        else "No other digit reaches 1%.",
    )
    if ones >= _MIN_ONES_SHARE:
        return Answer(1, findings)
    return Answer(0 if len(others) >= 5 else 2, findings)


def answer_distance(run: RunNumbers, normal: RunNumbers) -> Answer:
    """Compare with a normal run: 0 clearly better, 1 clearly worse, 2 about the same."""
    common = run.find_common_distances(normal)
    if common is None:
        return _make_undecided(run)
    step, distance, normal_distance = common
    outcome = _compare_distances(step, distance, normal_distance)
    relation = ("clearly lower than", "clearly higher than", "about the same as")[outcome]
    findings = [
        f"At step {step:,} its quick distance to real digits is {format_distance(distance)}, "
        f"{relation} the normal run's {format_distance(normal_distance)}. Lower is better.",
    ]
    if run.readable is not None:
        normals = "" if normal.readable is None else f"; of the normal run's {normal.readable:.0%}"
        findings.append(f"{run.readable:.0%} of its pictures are readable{normals}.")
    findings.append(
        f"The discriminator gets {run.real_accuracy:.0%} of the real pictures and "
        f"{run.fake_accuracy:.0%} of the fakes right; in the normal run it is "
        f"{normal.real_accuracy:.0%} and {normal.fake_accuracy:.0%}."
    )
    return Answer(outcome, tuple(findings))


def answer_walk(readable_at_ends: float, readable_between: float, readable_blends: float) -> Answer:
    """Classify the pictures between two digits: 0 noise, 1 both at once, 2 other clean digits.

    Args:
        readable_at_ends: Share of readable pictures at the ends of the walks, in [0, 1].
        readable_between: Share of readable pictures between the ends.
        readable_blends: Share of readable pictures among mixtures of the pixels of both ends.
    """
    findings = (
        f"At the ends of the walks {readable_at_ends:.0%} of the pictures are readable digits, "
        f"between the ends {readable_between:.0%}.",
        f"Of pictures made by mixing the pixels of both ends, {readable_blends:.0%} are readable.",
    )
    if readable_between >= readable_at_ends - _MAX_READABLE_DROP:
        return Answer(2, findings)
    is_like_blends = readable_between >= readable_blends - _MAX_READABLE_DROP
    return Answer(1 if is_like_blends else 0, findings)


def _compare_distances(step: int, distance: float, normal_distance: float) -> int:
    """Compare a distance with a normal run's distance: 0 lower, 1 higher, 2 about the same."""
    ratio = _CLEAR_RATIO_EARLY if step < EARLY_STEP else _CLEAR_RATIO
    if distance < normal_distance / ratio:
        return 0
    return 1 if distance > normal_distance * ratio else 2


def _make_undecided(run: RunNumbers) -> Answer:
    """Return the answer of a run that ended too early."""
    return Answer(
        None,
        (
            f"The run ended at step {run.step:,}, too early for an answer. Run it again and let it "
            "finish.",
        ),
    )

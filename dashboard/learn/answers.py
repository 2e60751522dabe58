"""The answers of the experiments: pure functions of a run's numbers. Imports no Streamlit.

Each takes the numbers of the changed run and those of a normal run, and returns the index of the
prediction that they support. The order of the predictions is that in `experiments`.
"""

from __future__ import annotations

from dashboard.learn.experiment import Answer, Measured
from dcgan.diagnosis.thresholds import COLLAPSED_SPREAD, WARM_UP_STEPS, WINNING_ACCURACY
from dcgan.diagnosis.window import format_distance

# Ratios of two distances from which the difference is not chance. Measured: normal runs of two
# seeds differ by a factor of 1.7 at step 938 and 1.2 at step 1,876.
_CLEARLY, _CLEARLY_EARLY, _EARLY_STEPS = 1.5, 2.5, 1500
# Measured after two epochs with the default settings: 0.87 at a distance of 3.0. A classifier can
# be sure of what is no digit at all, so both count: a collapsed run had 1.0 at a distance of 154.
_MANY_READABLE, _NEAR = 0.75, 15.0
_FAR = 60.0
_MOSTLY = 0.95
_BALANCED_ACCURACY = 0.9  # In a healthy run the lower accuracy is at most 0.83.
_READABLE_LOSS = 0.1  # Of the share of readable pictures on a walk through z.


def answer_normal(run: Measured, normal: Measured) -> Answer:
    """Answer: 0 noise, 1 blots, 2 readable digits."""
    del normal
    if run.readable is None or run.distance is None:
        return _describe_missing(run)
    is_digit_like = run.readable >= _MANY_READABLE and run.distance <= _NEAR
    outcome = 2 if is_digit_like else 1 if run.distance <= _FAR else 0
    return Answer(
        outcome,
        (
            f"After {run.step:,} steps in {run.seconds:.0f} seconds {run.readable:.0%} of the "
            "pictures are readable digits, says a network that was trained to read them.",
            f"The distance to real digits is {format_distance(run.distance)}. Lower is better; "
            "real digits among themselves have 0.8.",
        ),
    )


def answer_collapse(run: Measured, normal: Measured) -> Answer:
    """Answer: 0 better sooner, 1 all pictures nearly the same, 2 no change."""
    if run.spread is None or run.step < WARM_UP_STEPS:
        return _describe_missing(run)
    findings = [
        f"Two of its pictures differ {run.spread:.0%} as much as two real digits. Below "
        f"{COLLAPSED_SPREAD:.0%} means collapse; a normal run has about 100%.",
    ]
    if run.distance is not None:
        findings.append(
            f"Its distance to real digits is {format_distance(run.distance)}; a normal run has 4 "
            "to 7 by then. Lower is better."
        )
    if run.spread < COLLAPSED_SPREAD:
        return Answer(1, tuple(findings))
    compared = run.compare_distances(normal)
    is_better = compared is not None and _compare(*compared) == 0
    findings.append("This run did not collapse: chance plays a part. Run it again to see.")
    return Answer(0 if is_better else 2, tuple(findings))


def answer_winner(run: Measured, normal: Measured) -> Answer:
    """Answer: 0 the generator still fools it, 1 the discriminator wins, 2 they stay in balance."""
    if run.step < WARM_UP_STEPS:
        return _describe_missing(run)
    findings = (
        f"The discriminator gets {run.real_accuracy:.0%} of the real images and "
        f"{run.fake_accuracy:.0%} of the fakes right. In a normal run it is "
        f"{normal.real_accuracy:.0%} and {normal.fake_accuracy:.0%}.",
        f"Above {WINNING_ACCURACY:.0%} of both, it is winning.",
    )
    lower = min(run.real_accuracy, run.fake_accuracy)
    if lower >= WINNING_ACCURACY:
        return Answer(1, findings)
    if run.fake_accuracy <= 0.5:
        return Answer(0, findings)
    return Answer(2 if lower < _BALANCED_ACCURACY else None, findings)


def answer_ones(run: Measured, normal: Measured) -> Answer:
    """Answer: 0 many kinds of digits, 1 only ones, 2 ones and a few that look like them."""
    del normal
    if not run.digit_shares:
        return _describe_missing(run)
    ones = run.digit_shares[1]
    others = [digit for digit, share in enumerate(run.digit_shares) if digit != 1 and share >= 0.01]
    named = ", ".join(str(digit) for digit in others)
    findings = (
        f"{ones:.1%} of its pictures are read as ones.",
        f"Other digits with at least 1%: {named}." if others else "No other digit reaches 1%.",
    )
    if ones >= _MOSTLY:
        return Answer(1, findings)
    return Answer(0 if len(others) >= 5 else 2, findings)


def answer_distance(run: Measured, normal: Measured) -> Answer:
    """Answer: 0 better than a normal run, 1 clearly worse, 2 about the same."""
    compared = run.compare_distances(normal)
    if compared is None or run.readable is None:
        return _describe_missing(run)
    step, found, usual = compared
    outcome = _compare(step, found, usual)
    words = ("clearly nearer than", "clearly farther than", "about as far as")[outcome]
    return Answer(
        outcome,
        (
            f"At step {step:,} its distance to real digits is {format_distance(found)}, {words} "
            f"that of the normal run, {format_distance(usual)}. Lower is better.",
            f"{run.readable:.0%} of its pictures are readable"
            + ("." if normal.readable is None else f", {normal.readable:.0%} of the normal run's."),
            f"The discriminator gets {run.real_accuracy:.0%} of the real images and "
            f"{run.fake_accuracy:.0%} of the fakes right; in the normal run it is "
            f"{normal.real_accuracy:.0%} and {normal.fake_accuracy:.0%}.",
        ),
    )


def answer_walk(ends: float, between: float, blended: float) -> Answer:
    """Answer: 0 noise between two digits, 1 a see-through mixture, 2 other clean digits.

    Args:
        ends: Share of readable pictures at the ends of the walks, in [0, 1].
        between: The same between the ends.
        blended: The same for pictures that mix the pixels of both ends.
    """
    findings = (
        f"At the ends of the walks {ends:.0%} of the pictures are readable digits, between them "
        f"{between:.0%}.",
        f"Of pictures whose pixels are half the one and half the other end, {blended:.0%} are.",
    )
    if between >= ends - _READABLE_LOSS:
        return Answer(2, findings)
    return Answer(1 if between >= blended - _READABLE_LOSS else 0, findings)


def _compare(step: int, found: float, usual: float) -> int:
    """Compare a distance with that of a normal run: 0 nearer, 1 farther, 2 about the same."""
    factor = _CLEARLY_EARLY if step < _EARLY_STEPS else _CLEARLY
    return 0 if found < usual / factor else 1 if found > usual * factor else 2


def _describe_missing(run: Measured) -> Answer:
    return Answer(
        None,
        (
            f"The run ended at step {run.step:,}, before what this question needs was measured. "
            "Run it again and let it finish.",
        ),
    )

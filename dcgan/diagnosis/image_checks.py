"""Checks of the pictures: collapse, a decline, and no more improvement."""

from __future__ import annotations

from dcgan.config.named_datasets import choose_noun
from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis.actions import (
    CONTINUE,
    STOP,
    suggest_lower_both_rates,
    suggest_lower_generator_rate,
    suggest_new_run,
    suggest_rollback,
    suggest_steadier_discriminator,
    suggest_varied_pictures,
)
from dcgan.diagnosis.convergence import find_convergence
from dcgan.diagnosis.evidence import (
    describe_balance,
    describe_data,
    describe_distances,
    describe_share,
    describe_spread,
    format_digits,
)
from dcgan.diagnosis.thresholds import (
    COLLAPSED_RELATIVE_SPREAD,
    FALLEN_RELATIVE_SPREAD,
    IDENTICAL_SPREAD,
    IMPROVEMENT,
    MATURE_STEPS,
    MIN_COVERAGE,
    PASSABLE_PRECISION,
    STALLED_EVALUATIONS,
    WARM_UP_STEPS,
    WORSE_FACTOR,
)
from dcgan.diagnosis.unusual_rates import explain_useless_discriminator, suggest_usual_rates
from dcgan.diagnosis.verdict import Verdict
from dcgan.diagnosis.window import Window
from dcgan.evaluation.copies import MAX_SEARCHED
from dcgan.evaluation.main_metric import COPYING_SHARE, get_distance, is_copying
from dcgan.evaluation.metric_info import UNLIKE_PRECISION, format_distance
from dcgan.evaluation.metrics import MISSING_SHARE

_CONVERGED = (
    "Training has converged, or further progress is too small to measure with so few pictures."
)


def check_training_images(window: Window, config: TrainingConfig) -> Verdict | None:
    """Report training images that are all the same."""
    if window.real_spread is None or window.real_spread > IDENTICAL_SPREAD:
        return None
    return Verdict(
        "collapsed",
        "The training pictures are all alike.",
        (
            f"Two of them differ by {window.real_spread:.1%}, where black and white differ by "
            f"100% (alike: up to {IDENTICAL_SPREAD:.0%}).",
        ),
        "The data contain the same picture again and again, so there is nothing else to learn.",
        (STOP,),
    )


def check_spread(window: Window, config: TrainingConfig) -> Verdict | None:
    """Report fakes that hardly differ from each other."""
    if window.relative_spread is None or window.relative_spread >= COLLAPSED_RELATIVE_SPREAD:
        return None
    return Verdict(
        "collapsed",
        "Collapsed: the generator draws nearly the same picture every time.",
        (*describe_spread(window), *describe_balance(window), *describe_distances(window)),
        "Usually the generator learns too fast for this discriminator, or too slowly to start, or "
        "ignores its random input. It rarely recovers without a change.",
        (
            *suggest_rollback(window.rollback_step),
            *suggest_new_run(suggest_varied_pictures(config)),
            STOP,
        ),
    )


def check_coverage(window: Window, config: TrainingConfig) -> Verdict | None:
    """Report fakes that look real but cover only a few kinds of the real images."""
    newest = window.current_evaluation
    if newest is None or newest.step - window.start_step < WARM_UP_STEPS:
        return None
    precision, real_precision = newest.metrics["precision"], newest.real_metrics["precision"]
    coverage, real_coverage = (
        metrics.get("coverage", 1.0) for metrics in (newest.metrics, newest.real_metrics)
    )
    is_narrow = coverage < MIN_COVERAGE * real_coverage
    missing, drawn = window.missing_digits, window.drawn_digits
    if precision < PASSABLE_PRECISION * real_precision or not (is_narrow or missing):
        return None
    is_collapsed = is_narrow or len(missing) >= len(drawn)
    headline = "Collapsed onto a few kinds of pictures."
    evidence = [
        f"At step {newest.step:,} {precision:.0%} of the pictures look real (precision). But only "
        f"{coverage:.0%} of the real pictures have a generated one nearby (coverage; with other "
        f"real pictures {real_coverage:.0%}; alarm below {MIN_COVERAGE * real_coverage:.0%})."
    ]
    if missing and drawn:
        headline = (
            f"Collapsed onto {format_digits(drawn)}."
            if is_collapsed
            else f"Collapsing: the generator hardly draws {format_digits(missing)}."
        )
        evidence.append(
            f"Of {newest.num_images:,} pictures less than {MISSING_SHARE:.0%} show "
            f"{'each of ' if len(missing) > 1 else ''}{format_digits(missing)}, unlike the "
            "training pictures."
        )
    return Verdict(
        "collapsed" if is_collapsed else "collapsing",
        headline,
        (*evidence, *describe_spread(window)),
        "The generator repeats some pictures that the discriminator accepts. Usually it learns too "
        "fast for this discriminator, or the training does not use all of the data.",
        (
            *suggest_rollback(window.rollback_step),
            *suggest_lower_generator_rate(config),
            *suggest_steadier_discriminator(config),
        ),
        digits=drawn if is_collapsed and missing else (),
    )


def check_copies(window: Window, config: TrainingConfig) -> Verdict | None:
    """Report a generator that repeats the training images."""
    newest = window.current_evaluation
    if newest is None or not is_copying(newest):
        return None
    num = min(newest.num_images, MAX_SEARCHED)
    num_copies = round(newest.metrics["copies"] * num)
    return Verdict(
        "copying",
        "Copying: the generator repeats training pictures.",
        (
            f"Of {num:,} pictures of step {newest.step:,}, {num_copies:,} are copies. Of real "
            "pictures that were not trained on, "
            f"{newest.real_metrics.get('copies', 0.0):.1%} look like copies by chance (alarm from "
            f"{COPYING_SHARE:.0%} on, if that is clearly more).",
            *describe_distances(window),
        ),
        "There are too few training pictures for such a long training: the discriminator knows "
        "them by heart. More pictures help; so does stopping earlier.",
        (*suggest_rollback(window.step_before_copying), STOP),
    )


def check_falling_spread(window: Window, config: TrainingConfig) -> Verdict | None:
    """Report fakes that differ clearly less than before."""
    spread, earlier = window.relative_spread, window.earlier_relative_spread
    if spread is None or earlier is None or earlier - spread < FALLEN_RELATIVE_SPREAD:
        return None
    return Verdict(
        "collapsing",
        "Collapsing: the pictures become alike.",
        (
            f"Variety: two fakes differ {describe_share(spread)} two training pictures, pixel by "
            f"pixel; before it was {earlier:.0%} (alarm from "
            f"{FALLEN_RELATIVE_SPREAD * 100:.0f} points less).",
        ),
        "Usually the generator exploits one weakness of the discriminator: it learns too fast for "
        "it.",
        (*suggest_lower_generator_rate(config), *suggest_rollback(window.rollback_step), STOP),
    )


def check_quality(window: Window, config: TrainingConfig) -> Verdict | None:
    """Report pictures that look like nothing in the data, or have become clearly worse."""
    newest, best, last_two = (
        window.current_evaluation,
        window.best_evaluation,
        window.comparable_evaluations[-2:],
    )
    if newest is None or best is None:
        return None
    precision, real_precision = newest.metrics["precision"], newest.real_metrics["precision"]
    is_mature = newest.step - window.start_step >= MATURE_STEPS and newest.digit_shares != ()
    if is_mature and precision <= UNLIKE_PRECISION * real_precision:
        return Verdict(
            "diverging",
            "Diverging: the pictures are like nothing in the data.",
            (
                f"Precision: {precision:.0%} look real (alarm up to {UNLIKE_PRECISION:.0%}).",
                *describe_distances(window),
            ),
            explain_useless_discriminator(config),
            (
                *suggest_rollback(window.rollback_step),
                *suggest_usual_rates(config),
                STOP,
            ),
        )
    is_recent = last_two[0].step > window.start_step
    # If the best is one of the last two, the smaller of their distances is its own: no alarm.
    if not is_recent or min(map(get_distance, last_two)) < WORSE_FACTOR * get_distance(best):
        return None
    return Verdict(
        "diverging",
        "Diverging: the pictures have become worse.",
        (
            *describe_distances(window),
            f"The last two distances are at least {WORSE_FACTOR:g} times the one at step "
            f"{best.step:,}.",
        ),
        "Usually the networks have lost their balance and cannot regain it at these learning "
        "rates.",
        (*suggest_rollback(window.rollback_step), *suggest_lower_both_rates(config), STOP),
    )


def check_convergence(window: Window, config: TrainingConfig, *, has_ended: bool) -> Verdict | None:
    """Report that the run has ended because it stopped improving."""
    if window.convergence_event is None or not has_ended:
        return None
    return Verdict(
        "converged",
        "No longer improving, so it ended by itself.",
        (
            window.convergence_event.text,
            *describe_distances(window),
            *describe_data(window),
        ),
        _CONVERGED,
        (STOP, *suggest_rollback(window.rollback_step), CONTINUE),
    )


def check_progress(window: Window, config: TrainingConfig) -> Verdict | None:
    """Report that the last evaluations brought no clear improvement."""
    recent = window.comparable_evaluations[-STALLED_EVALUATIONS:]
    before = window.comparable_evaluations[:-STALLED_EVALUATIONS]
    if not before or recent[0].step <= window.start_step:
        return None
    recent_best, earlier_best = min(map(get_distance, recent)), min(map(get_distance, before))
    if recent_best < IMPROVEMENT * earlier_best:
        return None
    # Near real images, a clear improvement can be less than a tenth.
    if window.is_at_quick_limit and find_convergence(window.evaluations_since_change) is None:
        return None
    noun = choose_noun(are_digits=bool(recent[0].digit_shares))
    return Verdict(
        "converged",
        f"No longer improving, measured with {recent[0].num_images:,} {noun}s.",
        (
            f"The smallest distance to real ones in the last {STALLED_EVALUATIONS} measurements "
            f"is {format_distance(recent_best)}; before them it was "
            f"{format_distance(earlier_best)} (improving: below "
            f"{format_distance(IMPROVEMENT * earlier_best)}).",
            *describe_distances(window),
            *describe_data(window),
        ),
        _CONVERGED,
        (STOP, *suggest_rollback(window.rollback_step), CONTINUE),
    )

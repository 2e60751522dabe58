"""The verdict on a run: how it stands, what shows it, what usually causes it and what to do.

It reads reports as a run's history holds them, and knows no tensor, no file and no screen. From
where on a number is bad, and how that is known, is `thresholds`'s; what to do, `remedies`'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.config import TrainingConfig
from dcgan.diagnosis.actions import (
    CONTINUE,
    STOP,
    help_discriminator,
    help_generator,
    lower_both_rates,
    lower_discriminator_rate,
    lower_generator_rate,
    roll_back,
    start_new_run,
    steady_discriminator,
)
from dcgan.diagnosis.thresholds import (
    ALIKE,
    COLLAPSED_SPREAD,
    EXPLODED_GRADIENT,
    FALLEN_SPREAD,
    FEW_COVERAGE,
    FOOLED_ACCURACY,
    INVERTED_GAP,
    PASSABLE_PRECISION,
    PATIENCE,
    RIPE_STEPS,
    SPOILED,
    UNLIKE_PRECISION,
    WARM_UP_STEPS,
    WINNING_ACCURACY,
)
from dcgan.diagnosis.verdict import Verdict
from dcgan.diagnosis.window import IMPROVEMENT, MIN_REPORTS, WINDOW_STEPS, Window, distance
from dcgan.evaluation.metrics import MISSING_SHARE
from dcgan.reports import EvaluationReport, EventReport, StepReport


def diagnose(
    steps: Sequence[StepReport],
    evaluations: Sequence[EvaluationReport],
    events: Sequence[EventReport],
    config: TrainingConfig,
) -> Verdict:
    """Say how a run stands by its reports so far.

    Args:
        steps: The run's step reports, oldest first; however many, the newest are looked at.
        evaluations: Its evaluations, oldest first.
        events: What was done to it, oldest first.
        config: Its settings as they are now.

    Returns:
        What is wrong, the most fundamental first; else whether it is too early to tell, still
        learning or at rest.
    """
    window = Window(steps, evaluations, events)
    for find in (
        _find_divergence,
        _find_dull_data,
        _find_explosion,
        _find_early_days,
        _find_fooled_discriminator,
        _find_alike_pictures,
        _find_few_kinds,
        _find_falling_spread,
        _find_sure_discriminator,
        _find_spoiled_pictures,
        _find_rest,
    ):
        verdict = find(window, config)
        if verdict is not None:
            return verdict
    evidence = _balance(window) + _spread(window) + _quality(window) + _data(window)
    meaning = "Neither network is far ahead, and the pictures differ as the training images do."
    return Verdict("learning", "Learning.", evidence, meaning, (CONTINUE,))


def _find_divergence(run: Window, config: TrainingConfig) -> Verdict | None:
    has_recovered = run.step >= run.since + WINDOW_STEPS
    if run.event is None or run.event.event != "diverged" or has_recovered:
        return None
    return Verdict(
        "diverging",
        "Diverging: the numbers burst, and it went back by itself.",
        (run.event.text,),
        "Usually a learning rate is too high; both were halved.",
        (CONTINUE, STOP),
    )


def _find_dull_data(run: Window, config: TrainingConfig) -> Verdict | None:
    if run.real_spread is None or run.real_spread > ALIKE:
        return None
    return Verdict(
        "collapsed",
        "The training images are all alike.",
        (f"Two differ by {run.real_spread:.1%} of black to white (alike: up to {ALIKE:.0%}).",),
        "The data hold one image again and again, so there is nothing else to learn.",
        (STOP,),
    )


def _find_explosion(run: Window, config: TrainingConfig) -> Verdict | None:
    if len(run.window) < MIN_REPORTS:
        return None
    of_generator = run.median("generator_gradient_norm")
    of_discriminator = run.median("discriminator_gradient_norm")
    if max(of_generator, of_discriminator) < EXPLODED_GRADIENT:
        return None
    return Verdict(
        "diverging",
        "Diverging: the gradients have exploded.",
        (
            f"The gradient's norm is {of_generator:,.4g} for G and {of_discriminator:,.4g} for D "
            f"(alarm from {EXPLODED_GRADIENT:,.0f}).",
            *_spread(run),
        ),
        "Usually a learning rate is too high, so that each update overshoots.",
        (*roll_back(run.better_step), *start_new_run(lower_both_rates(config)), STOP),
    )


def _find_early_days(run: Window, config: TrainingConfig) -> Verdict | None:
    first = run.since + WARM_UP_STEPS
    if run.step >= first and len(run.window) >= MIN_REPORTS:
        return None
    evidence = f"Step {run.step:,} of the {first:,} that a verdict takes."
    if run.event is None:
        headline = "Too early to tell."
        cause = "At first both networks swing, whatever becomes of them."
    else:
        headline = f"Settling since step {run.since:,}."
        evidence = f"{run.event.text} {evidence}"
        cause = "Both networks take a while to answer; another change now would hide what this did."
    return Verdict("starting", headline, (evidence,), cause, (CONTINUE,))


def _find_fooled_discriminator(run: Window, config: TrainingConfig) -> Verdict | None:
    on_fakes = run.median("fake_accuracy")
    if on_fakes > FOOLED_ACCURACY:
        return None
    of_real, of_fake = run.median("real_probability"), run.median("fake_probability")
    is_inverted = of_fake - of_real >= INVERTED_GAP
    if is_inverted:
        cause = "D is sure, and wrong: what it is taught as real and as fake is swapped."
    else:
        cause = "Usually D learns too slowly for this G, so nobody tells G what is wrong."
    return Verdict(
        "generator_winning",
        "G is winning: D takes fakes for real.",
        (
            f"D names {on_fakes:.0%} of the fakes rightly (alarm up to {FOOLED_ACCURACY:.0%}). It "
            f"takes fakes for real with {of_fake:.2f}, real images with {of_real:.2f} (swapped: "
            f"{INVERTED_GAP:g} less).",
            *_spread(run),
        ),
        cause,
        (STOP,)
        if is_inverted
        else (*help_discriminator(config), *roll_back(run.better_step), STOP),
    )


def _find_alike_pictures(run: Window, config: TrainingConfig) -> Verdict | None:
    if run.spread is None or run.spread >= COLLAPSED_SPREAD:
        return None
    return Verdict(
        "collapsed",
        "Collapsed: G draws nearly the same picture for every z.",
        (*_spread(run), *_balance(run), *_quality(run)),
        "Usually G learns too fast for this D, or z does not reach it; by itself it finds back "
        "rarely.",
        (*roll_back(run.better_step), *start_new_run(help_discriminator(config)), STOP),
    )


def _find_few_kinds(run: Window, config: TrainingConfig) -> Verdict | None:
    newest = run.evaluation
    if newest is None or newest.step - run.since < WARM_UP_STEPS:
        return None
    precision, real_precision = newest.figures["precision"], newest.real_figures["precision"]
    coverage, real_coverage = (
        figures.get("coverage", 1.0) for figures in (newest.figures, newest.real_figures)
    )
    are_few = coverage < FEW_COVERAGE * real_coverage
    missing, drawn = run.missing_digits, run.drawn_digits
    if precision < PASSABLE_PRECISION * real_precision or not (are_few or missing):
        return None
    is_collapsed = are_few or len(missing) >= len(drawn)
    headline = "Collapsed onto a few kinds of pictures."
    evidence = [
        f"The pictures of step {newest.step:,} have {coverage:.0%} of the real images nearby "
        f"(other real ones {real_coverage:.0%}; alarm below {FEW_COVERAGE * real_coverage:.0%}), "
        f"though {precision:.0%} of them look real."
    ]
    if missing:
        headline = (
            f"Collapsed onto digits {_list(drawn)}."
            if is_collapsed
            else f"Collapsing: digits {_list(missing)} are hardly drawn."
        )
        evidence.append(
            f"Of {newest.num_images:,} pictures less than {MISSING_SHARE:.0%} each are "
            f"{_list(missing)}, which the training images hold."
        )
    return Verdict(
        "collapsed" if is_collapsed else "collapsing",
        headline,
        (*evidence, *_spread(run)),
        "G keeps to some pictures that pass; usually it learns too fast for this D, or it is not "
        "shown all of the data.",
        (*roll_back(run.better_step), *lower_generator_rate(config), steady_discriminator(config)),
        digits=drawn if is_collapsed and missing else (),
    )


def _find_falling_spread(run: Window, config: TrainingConfig) -> Verdict | None:
    now, earlier = run.spread, run.earlier_spread
    if now is None or earlier is None or earlier - now < FALLEN_SPREAD:
        return None
    return Verdict(
        "collapsing",
        "Collapsing: the pictures grow alike.",
        (
            f"Two fakes differ {now:.0%} as much as two training images, pixel by pixel; it was "
            f"{earlier:.0%} (alarm from {FALLEN_SPREAD * 100:.0f} points less).",
        ),
        "Usually G runs after one weakness of D: it learns too fast for this D.",
        (*lower_generator_rate(config), *roll_back(run.better_step), STOP),
    )


def _find_sure_discriminator(run: Window, config: TrainingConfig) -> Verdict | None:
    if min(run.median("real_accuracy"), run.median("fake_accuracy")) < WINNING_ACCURACY:
        return None
    return Verdict(
        "discriminator_winning",
        "D is winning: it tells nearly every fake.",
        (*_balance(run), f"G's loss is {run.median('generator_loss'):.2f}.", *_spread(run)),
        "Usually D learns too fast for this G, whose pictures then all get the same bad mark.",
        (*help_generator(config), steady_discriminator(config), *roll_back(run.better_step)),
    )


def _find_spoiled_pictures(run: Window, config: TrainingConfig) -> Verdict | None:
    newest, best, last_two = run.evaluation, run.best, run.evaluations[-2:]
    if newest is None or best is None:
        return None
    precision, real_precision = newest.figures["precision"], newest.real_figures["precision"]
    is_ripe = newest.step - run.since >= RIPE_STEPS and newest.digit_shares != ()
    if is_ripe and precision <= UNLIKE_PRECISION * real_precision:
        return Verdict(
            "diverging",
            "Diverging: the pictures are like nothing in the data.",
            (f"{precision:.0%} look real (alarm up to {UNLIKE_PRECISION:.0%}).", *_quality(run)),
            "Usually D's learning rate is far too high, so that its marks change too fast.",
            (*roll_back(run.better_step), *start_new_run(lower_discriminator_rate(config)), STOP),
        )
    # The best may be one of the two.
    if last_two[0].step <= run.since or min(map(distance, last_two)) < SPOILED * distance(best):
        return None
    return Verdict(
        "diverging",
        "Diverging: the pictures have got worse.",
        (*_quality(run), f"The last two are {SPOILED:g} times that of step {best.step:,} or more."),
        "Usually the networks have lost a balance that they do not find again at these rates.",
        (*roll_back(run.better_step), *lower_both_rates(config), STOP),
    )


def _find_rest(run: Window, config: TrainingConfig) -> Verdict | None:
    recent, before = run.evaluations[-PATIENCE:], run.evaluations[:-PATIENCE]
    if not before or recent[0].step <= run.since:
        return None
    now, best = min(map(distance, recent)), min(map(distance, before))
    if now < IMPROVEMENT * best:
        return None
    return Verdict(
        "converged",
        f"No longer improving, as far as {recent[0].num_images:,} pictures show.",
        (
            f"The best Fréchet distance of the last {PATIENCE} evaluations is {now:.3g}, of those "
            f"before {best:.3g} (improving: below {IMPROVEMENT * best:.3g}).",
            *_quality(run),
            *_data(run),
        ),
        "The networks have come to rest, or finer progress does not show in so few pictures.",
        (STOP, *roll_back(run.better_step), CONTINUE),
    )


def _balance(run: Window) -> tuple[str, ...]:
    on_real, on_fakes = run.median("real_accuracy"), run.median("fake_accuracy")
    return (
        f"D names {on_real:.0%} of the real images and {on_fakes:.0%} of the fakes rightly (it "
        f"wins from {WINNING_ACCURACY:.0%} of both).",
    )


def _spread(run: Window) -> tuple[str, ...]:
    if run.spread is None:
        return ()
    return (
        f"Two fakes differ {run.spread:.0%} as much as two training images, pixel by pixel "
        f"(collapsed: below {COLLAPSED_SPREAD:.0%}).",
    )


def _quality(run: Window) -> tuple[str, ...]:
    newest, best = run.evaluation, run.best
    if newest is None or best is None:
        return ()
    return (
        f"Fréchet distance {distance(newest):.3g} at step {newest.step:,}; the best was "
        f"{distance(best):.3g}, real images get {newest.real_figures['frechet_distance']:.3g}.",
    )


def _data(run: Window) -> tuple[str, ...]:
    """Say so where the training images themselves lack digits."""
    if not 0 < len(run.real_digits) < 10:
        return ()
    return (f"The training images themselves hold only the digits {_list(run.real_digits)}.",)


def _list(digits: Sequence[int]) -> str:
    return "{" + ", ".join(map(str, digits)) + "}"

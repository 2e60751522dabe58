"""Checks of the two networks: divergence, exploded gradients, and one that is far ahead."""

from __future__ import annotations

from dcgan.config.loss_kinds import LOSS_KINDS
from dcgan.config.sections.few_pictures import MAX_ADAPTIVE_PROBABILITY
from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis.actions import (
    CONTINUE,
    STOP,
    Action,
    suggest_augmentation,
    suggest_discriminator_help,
    suggest_generator_help,
    suggest_lower_both_rates,
    suggest_new_run,
    suggest_rollback,
    suggest_steadier_discriminator,
)
from dcgan.diagnosis.evidence import describe_balance, describe_distances, describe_spread
from dcgan.diagnosis.thresholds import (
    EXPLODED_GRADIENT,
    FOOLED_ACCURACY,
    INVERTED_GAP,
    MEMORISED_ACCURACY,
    MEMORISED_PASSES,
    WINNING_ACCURACY,
)
from dcgan.diagnosis.verdict import Verdict
from dcgan.diagnosis.window import MIN_REPORTS, WINDOW_STEPS, Window
from dcgan.wording import format_number


def check_rollback(window: Window, config: TrainingConfig) -> Verdict | None:
    """Report a rollback after NaN or infinite values, until the run has recovered."""
    has_recovered = window.step >= window.start_step + WINDOW_STEPS
    if window.last_change is None or window.last_change.event != "diverged" or has_recovered:
        return None
    return Verdict(
        "diverging",
        "Diverging: the numbers overflowed, and the run was rolled back.",
        (window.last_change.text,),
        "Usually a learning rate is too high; both were halved.",
        (CONTINUE, STOP),
    )


def check_gradients(window: Window, config: TrainingConfig) -> Verdict | None:
    """Report exploded gradients."""
    if len(window.step_reports) < MIN_REPORTS:
        return None
    generator_norm = window.compute_median("generator_gradient_norm")
    discriminator_norm = window.compute_median("discriminator_gradient_norm")
    if max(generator_norm, discriminator_norm) < EXPLODED_GRADIENT:
        return None
    return Verdict(
        "diverging",
        "Diverging: the gradients have exploded.",
        (
            f"The gradient's norm is {format_number(generator_norm)} for the generator and "
            f"{format_number(discriminator_norm)} for the discriminator (alarm from "
            f"{EXPLODED_GRADIENT:,.0f}).",
            *describe_spread(window),
        ),
        "Usually a learning rate is too high, so that each update overshoots.",
        (
            *suggest_rollback(window.rollback_step),
            *suggest_new_run(suggest_lower_both_rates(config)),
            STOP,
        ),
    )


def check_fooled_discriminator(window: Window, config: TrainingConfig) -> Verdict | None:
    """Report a discriminator that takes most fakes for real images."""
    fake_accuracy = window.compute_median("fake_accuracy")
    if fake_accuracy > FOOLED_ACCURACY:
        return None
    real_probability = window.compute_median("real_probability")
    fake_probability = window.compute_median("fake_probability")
    is_inverted = fake_probability - real_probability >= INVERTED_GAP
    if is_inverted:
        cause = (
            "The discriminator is confident and wrong: the labels of real and fake pictures are "
            "swapped."
        )
        actions: tuple[Action, ...] = (STOP,)
    else:
        cause = (
            "Usually the discriminator learns too slowly for this generator, which then gets no "
            "useful feedback."
        )
        actions = (
            *suggest_discriminator_help(config),
            *suggest_rollback(window.rollback_step),
            STOP,
        )
    return Verdict(
        "generator_winning",
        "The generator is winning: the discriminator takes fakes for real.",
        (
            f"The discriminator recognizes {fake_accuracy:.0%} of the fakes (alarm up to "
            f"{FOOLED_ACCURACY:.0%}). On average it gives fakes a probability of "
            f"{fake_probability:.2f} to be real, and real pictures {real_probability:.2f} (with "
            f"swapped labels at least {INVERTED_GAP:g} less).",
            *describe_spread(window),
        ),
        cause,
        actions,
    )


def check_memorising_discriminator(
    window: Window, config: TrainingConfig, *, num_images: int
) -> Verdict | None:
    """Report a discriminator that has memorised the training images.

    With augmentation that can still become stronger, it is too early to say.
    """
    if LOSS_KINDS[config.loss].may_discriminator_win or window.epoch < MEMORISED_PASSES:
        return None
    accuracy = window.compute_median("real_accuracy")
    probability = window.step_reports[0].augment_probability
    is_adapting = (
        config.augment == "auto"
        and probability is not None
        and probability < MAX_ADAPTIVE_PROBABILITY
    )
    if accuracy < MEMORISED_ACCURACY or is_adapting:
        return None
    augmentation = suggest_augmentation(config, num_images)
    remedies = "more pictures, or a run to start from"
    if augmentation:
        remedies = "augmentation, more pictures, or a run to start from"
    return Verdict(
        "memorising",
        "The discriminator memorises the training pictures.",
        (
            f"It has seen each of them {window.epoch:,} times, and recognizes {accuracy:.0%} of "
            f"them (alarm from {MEMORISED_ACCURACY:.0%}, after {MEMORISED_PASSES} times).",
            *describe_balance(window),
            *describe_spread(window),
            *describe_distances(window),
        ),
        "It knows these pictures by heart, so its feedback pulls the generator towards copies of "
        f"them. These help: {remedies}. Or stop here: more training makes it worse.",
        (
            *augmentation,
            *suggest_new_run(augmentation),
            *suggest_rollback(window.rollback_step),
            STOP,
        ),
    )


def check_winning_discriminator(window: Window, config: TrainingConfig) -> Verdict | None:
    """Report a discriminator that recognizes nearly all real images and nearly all fakes.

    WGAN-GP is left out: its discriminator should be as good as possible, and the generator still
    learns from it (Arjovsky et al., 2017, arXiv:1701.07875, section 3).
    """
    if LOSS_KINDS[config.loss].may_discriminator_win:
        return None
    if (
        window.compute_median("real_accuracy") < WINNING_ACCURACY
        or window.compute_median("fake_accuracy") < WINNING_ACCURACY
    ):
        return None
    return Verdict(
        "discriminator_winning",
        "The discriminator is winning: it recognizes nearly every fake.",
        (
            *describe_balance(window),
            f"The generator's loss is {window.compute_median('generator_loss'):.2f}.",
            *describe_spread(window),
        ),
        "Usually the discriminator learns too fast for this generator, so that all of its pictures "
        "get the same low score.",
        (
            *suggest_generator_help(config),
            *suggest_steadier_discriminator(config),
            *suggest_rollback(window.rollback_step),
        ),
    )

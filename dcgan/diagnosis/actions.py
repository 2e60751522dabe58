"""The actions that a verdict suggests: settings to change, or a step to roll back to.

An action is plain data: a page can show it as a button, a script can carry it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from dcgan.config.sections.few_pictures import AUGMENTED_BELOW
from dcgan.config.setting_info import get_setting_schema, list_settings_that_change
from dcgan.config.training_config import TrainingConfig

ActionKind = Literal[
    "lower_discriminator_rate",
    "lower_generator_rate",
    "raise_generator_rate",
    "raise_discriminator_rate",
    "lower_both_rates",
    "raise_label_smoothing",
    "raise_r1_penalty",
    "augment",
    "roll_back",
    "new_run",
    "stop",
    "continue",
]


@dataclass(frozen=True)
class Action:
    """An action that a verdict suggests.

    Attributes:
        kind: The kind of action.
        changes: The new values of settings, by name; empty if no setting changes. For a new run,
            the settings that differ from this run's.
        step: For a rollback, the step of the best evaluation, whose checkpoint the run keeps.
    """

    kind: ActionKind
    changes: Mapping[str, float | str] = field(default_factory=dict, hash=False)
    step: int | None = None

    @property
    def is_live(self) -> bool:
        """Whether it can be done while the run trains; otherwise it needs a branch."""
        return self.changes.keys() <= set(list_settings_that_change("live"))


# Without an R1 penalty, the discriminator must learn this many times slower than the generator.
# Measured for the `fast` preset (docs/design.md, "Networks").
RATE_FACTOR = 4.0

# No rate is lowered below this share of its default, because smaller rates do not help a collapsed
# generator. Measured in two runs: one began with a generator learning rate 20 times too high, the
# other with a discriminator learning rate 100 times too low. The generator's rate was cut to a
# quarter at each alarm, and the generator stayed collapsed.
MIN_RATE_SHARE = 1 / RATE_FACTOR

CONTINUE = Action("continue")
STOP = Action("stop")


def suggest_rollback(step: int | None) -> tuple[Action, ...]:
    """Suggest a rollback to a step, if there is one."""
    return () if step is None else (Action("roll_back", step=step),)


def suggest_lower_discriminator_rate(config: TrainingConfig) -> tuple[Action, ...]:
    """Suggest a lower discriminator learning rate, unless it is already low."""
    names = ("discriminator_learning_rate",)
    return _lower(config, "lower_discriminator_rate", 1 / RATE_FACTOR, names)


def suggest_lower_generator_rate(config: TrainingConfig) -> tuple[Action, ...]:
    """Suggest a lower generator learning rate, unless it is already low."""
    return _lower(config, "lower_generator_rate", 1 / RATE_FACTOR, ("generator_learning_rate",))


def suggest_discriminator_help(config: TrainingConfig) -> tuple[Action, ...]:
    """Suggest the default discriminator rate if the rate is lower, else a lower generator rate.

    Measured: a run whose discriminator learning rate was 100 times too low was healthy 500 steps
    after the rate was set to the default.
    """
    default = TrainingConfig().discriminator_learning_rate
    if config.discriminator_learning_rate < default:
        return (Action("raise_discriminator_rate", {"discriminator_learning_rate": default}),)
    return suggest_lower_generator_rate(config)


def suggest_varied_pictures(config: TrainingConfig) -> tuple[Action, ...]:
    """Suggest rates for a generator that draws nearly the same picture for every z.

    If its rate is far below the default, it may still draw the grey of its first step; otherwise it
    learns too fast for its discriminator.
    """
    default = TrainingConfig().generator_learning_rate
    if config.generator_learning_rate < MIN_RATE_SHARE * default:
        return (Action("raise_generator_rate", {"generator_learning_rate": default}),)
    return suggest_discriminator_help(config)


def suggest_new_run(changes: tuple[Action, ...]) -> tuple[Action, ...]:
    """Suggest a new run with these changes, as badly damaged networks do not recover.

    Measured in three runs: a collapsed generator, a discriminator learning rate 200 times too high,
    and both rates at 1. A thousand steps after the rates were set to the defaults, none of them
    drew anything like digits.
    """
    return tuple(Action("new_run", action.changes) for action in changes)


def suggest_lower_both_rates(config: TrainingConfig) -> tuple[Action, ...]:
    """Suggest half of each learning rate, or its default where that is lower."""
    names = ("generator_learning_rate", "discriminator_learning_rate")
    return _lower(config, "lower_both_rates", 1 / 2, names)


def suggest_generator_help(config: TrainingConfig) -> tuple[Action, ...]:
    """Suggest a higher generator learning rate, at most the discriminator's.

    If it is already as high, suggest a lower discriminator learning rate.
    """
    rate, max_rate = config.generator_learning_rate, config.discriminator_learning_rate
    if rate < max_rate:
        changes = {"generator_learning_rate": min(max_rate, _round(rate * RATE_FACTOR))}
        return (Action("raise_generator_rate", changes),)
    return suggest_lower_discriminator_rate(config)


def suggest_steadier_discriminator(config: TrainingConfig) -> tuple[Action, ...]:
    """Suggest more regularization of the discriminator, in this order.

    First the default R1 penalty, then the default label smoothing, then a larger R1 penalty.
    Returns no action if the loss has its own penalty.
    """
    default = TrainingConfig()
    if config.loss_kind.has_gradient_penalty:
        return ()
    if config.r1_penalty == 0:
        return (Action("raise_r1_penalty", {"r1_penalty": default.r1_penalty}),)
    if config.loss_kind.has_targets and config.label_smoothing == 0:
        return (Action("raise_label_smoothing", {"label_smoothing": default.label_smoothing}),)
    maximum = float(get_setting_schema("r1_penalty")["maximum"])
    raised = min(maximum, _round(config.r1_penalty * RATE_FACTOR))
    return (Action("raise_r1_penalty", {"r1_penalty": raised}),)


def suggest_augmentation(config: TrainingConfig, num_images: int) -> tuple[Action, ...]:
    """Suggest adaptive augmentation, unless the run has it or its data set is too large for it."""
    if config.augment == "auto" or num_images >= AUGMENTED_BELOW:
        return ()
    return (Action("augment", {"augment": "auto"}),)


def _lower(
    config: TrainingConfig, kind: ActionKind, factor: float, names: Sequence[str]
) -> tuple[Action, ...]:
    changes = {}
    for name in names:
        rate, default = getattr(config, name), getattr(TrainingConfig(), name)
        lowest = MIN_RATE_SHARE * default
        if rate > lowest:
            changes[name] = max(lowest, min(default, _round(rate * factor)))
    return (Action(kind, changes),) if changes else ()


def _round(value: float) -> float:
    return float(f"{value:.3g}")

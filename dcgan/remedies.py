"""What can be done about a run that is not well: settings to change, or a step to go back to.

An action is plain data, so that a page can make a button of it and a script can follow it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dcgan.config import TrainingConfig, setting_schema, settings_that_change

ActionKind = Literal[
    "lower_discriminator_rate",
    "lower_generator_rate",
    "raise_generator_rate",
    "lower_both_rates",
    "raise_label_smoothing",
    "raise_r1_penalty",
    "roll_back",
    "stop",
    "go_on",
]


@dataclass(frozen=True)
class Action:
    """Something that a person can do about a verdict.

    Attributes:
        kind: What to do.
        changes: Settings to change, by name, and their new values; empty where none changes.
        step: Of a rollback, the step of the best evaluation, whose checkpoint a run keeps.
    """

    kind: ActionKind
    changes: Mapping[str, float] = field(default_factory=dict, hash=False)
    step: int | None = None

    @property
    def is_live(self) -> bool:
        """Whether it can be done while the run trains; otherwise it takes a branch."""
        return self.changes.keys() <= set(settings_that_change("live"))


# How much slower the discriminator has to learn than the generator where nothing else holds it
# back: measured for the `fast` preset without its R1 penalty (README, "Design decisions").
RATE_FACTOR = 4.0

GO_ON = Action("go_on")
STOP = Action("stop")


def roll_back(step: int | None) -> tuple[Action, ...]:
    """Go back to a step's checkpoint, where there is one worth it."""
    return () if step is None else (Action("roll_back", step=step),)


def lower_discriminator_rate(config: TrainingConfig) -> Action:
    """Let the discriminator learn slower."""
    return _scale(
        config, "lower_discriminator_rate", 1 / RATE_FACTOR, "discriminator_learning_rate"
    )


def lower_generator_rate(config: TrainingConfig) -> Action:
    """Let the generator learn slower."""
    return _scale(config, "lower_generator_rate", 1 / RATE_FACTOR, "generator_learning_rate")


def lower_both_rates(config: TrainingConfig) -> Action:
    """Halve both learning rates, as `recording` does where a number is none any more."""
    names = ("generator_learning_rate", "discriminator_learning_rate")
    return _scale(config, "lower_both_rates", 1 / 2, *names)


def help_generator(config: TrainingConfig) -> Action:
    """Bring the two learning rates nearer to each other, or let the discriminator learn slower."""
    if config.generator_learning_rate < config.discriminator_learning_rate:
        return _scale(config, "raise_generator_rate", RATE_FACTOR, "generator_learning_rate")
    return lower_discriminator_rate(config)


def steady_discriminator(config: TrainingConfig) -> Action:
    """Keep the discriminator from growing too sure: by what the default has and this run lacks."""
    default = TrainingConfig()
    if config.r1_penalty == 0:
        return Action("raise_r1_penalty", {"r1_penalty": default.r1_penalty})
    if config.label_smoothing == 0:
        return Action("raise_label_smoothing", {"label_smoothing": default.label_smoothing})
    return _scale(config, "raise_r1_penalty", RATE_FACTOR, "r1_penalty")


def _scale(config: TrainingConfig, kind: ActionKind, factor: float, *names: str) -> Action:
    """Multiply settings, within what they allow."""
    changes = {}
    for name in names:
        most = float(setting_schema(name)["maximum"])
        changes[name] = min(most, float(f"{getattr(config, name) * factor:.3g}"))
    return Action(kind, changes)

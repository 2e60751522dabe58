"""What can be done about a run that is not well: settings to change, or a step to go back to.

An action is plain data, so that a page can make a button of it and a script can follow it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from dcgan.config import TrainingConfig, setting_schema, settings_that_change

ActionKind = Literal[
    "lower_discriminator_rate",
    "lower_generator_rate",
    "raise_generator_rate",
    "raise_discriminator_rate",
    "lower_both_rates",
    "raise_label_smoothing",
    "raise_r1_penalty",
    "roll_back",
    "new_run",
    "stop",
    "continue",
]


@dataclass(frozen=True)
class Action:
    """Something that a person can do about a verdict.

    Attributes:
        kind: What to do.
        changes: Settings to change, by name, and their new values; empty where none changes. Of a
            new start, those that differ from this run's.
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
# back: measured for the `fast` preset without its R1 penalty (docs/design.md, "Networks").
RATE_FACTOR = 4.0

# A rate that is too high is lowered to the default's at least, which is known to do, and none
# further than to so much of it: ever smaller ones bring nothing back (measured: at a generator lr
# twenty times too high, cut to a quarter at each alarm, and at a discriminator lr a hundred times
# too low, the generator stayed collapsed down to nothing).
LOWEST_RATE = 1 / RATE_FACTOR

CONTINUE = Action("continue")
STOP = Action("stop")


def roll_back(step: int | None) -> tuple[Action, ...]:
    """Go back to a step's checkpoint, where there is one worth it."""
    return () if step is None else (Action("roll_back", step=step),)


def lower_discriminator_rate(config: TrainingConfig) -> tuple[Action, ...]:
    """Let the discriminator learn slower, where it is not slow already."""
    names = ("discriminator_learning_rate",)
    return _lower(config, "lower_discriminator_rate", 1 / RATE_FACTOR, names)


def lower_generator_rate(config: TrainingConfig) -> tuple[Action, ...]:
    """Let the generator learn slower, where it is not slow already."""
    return _lower(config, "lower_generator_rate", 1 / RATE_FACTOR, ("generator_learning_rate",))


def help_discriminator(config: TrainingConfig) -> tuple[Action, ...]:
    """Let a discriminator that is slower than the default's learn as fast, or the generator slower.

    Measured: with a discriminator lr a hundred times too low the run is well again 500 steps later.
    """
    default = TrainingConfig().discriminator_learning_rate
    if config.discriminator_learning_rate < default:
        return (Action("raise_discriminator_rate", {"discriminator_learning_rate": default}),)
    return lower_generator_rate(config)


def start_new_run(changes: tuple[Action, ...]) -> tuple[Action, ...]:
    """Make these changes in a new run: networks that are ruined do not find back by themselves.

    Measured: a generator that had collapsed, one under a discriminator lr two hundred times too
    high, and two networks at rates of 1 drew nothing like digits a thousand steps after their rates
    were the default's.
    """
    return tuple(Action("new_run", action.changes) for action in changes)


def lower_both_rates(config: TrainingConfig) -> tuple[Action, ...]:
    """Let both learn at half their rates, or at the default's where that is lower."""
    names = ("generator_learning_rate", "discriminator_learning_rate")
    return _lower(config, "lower_both_rates", 1 / 2, names)


def help_generator(config: TrainingConfig) -> tuple[Action, ...]:
    """Bring the two learning rates nearer to each other, or let the discriminator learn slower."""
    now, other = config.generator_learning_rate, config.discriminator_learning_rate
    if now < other:
        changes = {"generator_learning_rate": min(other, _rounded(now * RATE_FACTOR))}
        return (Action("raise_generator_rate", changes),)
    return lower_discriminator_rate(config)


def steady_discriminator(config: TrainingConfig) -> Action:
    """Keep the discriminator from growing too sure: by what the default has and this run lacks."""
    default = TrainingConfig()
    if config.r1_penalty == 0:
        return Action("raise_r1_penalty", {"r1_penalty": default.r1_penalty})
    if config.label_smoothing == 0:
        return Action("raise_label_smoothing", {"label_smoothing": default.label_smoothing})
    most = float(setting_schema("r1_penalty")["maximum"])
    return Action(
        "raise_r1_penalty", {"r1_penalty": min(most, _rounded(config.r1_penalty * RATE_FACTOR))}
    )


def _lower(
    config: TrainingConfig, kind: ActionKind, factor: float, names: Sequence[str]
) -> tuple[Action, ...]:
    changes = {}
    for name in names:
        now, default = getattr(config, name), getattr(TrainingConfig(), name)
        least = LOWEST_RATE * default
        if now > least:
            changes[name] = max(least, min(default, _rounded(now * factor)))
    return (Action(kind, changes),) if changes else ()


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")

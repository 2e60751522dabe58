"""The verdict on a run: its kind, a headline, the evidence, the cause and suggested actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dcgan.diagnosis.actions import Action

VerdictKind = Literal[
    "starting",
    "learning",
    "discriminator_winning",
    "generator_winning",
    "memorising",
    "collapsing",
    "collapsed",
    "copying",
    "diverging",
    "converged",
]
# The verdicts of a run with a problem.
ALARMS: frozenset[VerdictKind] = frozenset(
    (
        "discriminator_winning",
        "generator_winning",
        "memorising",
        "collapsing",
        "collapsed",
        "copying",
        "diverging",
    )
)


@dataclass(frozen=True)
class Verdict:
    """The result of a diagnosis.

    Attributes:
        kind: The kind of verdict, for programs.
        headline: The verdict as a short sentence.
        evidence: Sentences with the measured values and their thresholds.
        cause: The usual cause as a sentence; if nothing is wrong, the meaning.
        actions: Suggestions, the best one first.
        digits: After a collapse onto some digits, those that are still drawn, ascending.
        outlook: If nothing is wrong, the distance to real images and the effect of more training,
            in one to three sentences; empty before the first evaluation.
    """

    kind: VerdictKind
    headline: str
    evidence: tuple[str, ...]
    cause: str
    actions: tuple[Action, ...]
    digits: tuple[int, ...] = ()
    outlook: str = ""

    @property
    def is_alarm(self) -> bool:
        """Whether something is wrong."""
        return self.kind in ALARMS

    @property
    def suggests_stopping(self) -> bool:
        """Whether nothing is wrong and more training would bring little."""
        return not self.is_alarm and any(action.kind == "stop" for action in self.actions)

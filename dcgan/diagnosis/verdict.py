"""The verdict on a run: what is wrong or right with it, the evidence, the cause and the actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dcgan.diagnosis.actions import Action

VerdictKind = Literal[
    "starting",
    "learning",
    "discriminator_winning",
    "generator_winning",
    "collapsing",
    "collapsed",
    "diverging",
    "converged",
]
# The verdicts that something is wrong.
ALARMS: frozenset[VerdictKind] = frozenset(
    ("discriminator_winning", "generator_winning", "collapsing", "collapsed", "diverging")
)


@dataclass(frozen=True)
class Verdict:
    """The result of a diagnosis.

    Attributes:
        kind: The verdict as a constant, for programs.
        headline: The verdict as a short sentence.
        evidence: Sentences with the measured values and their thresholds.
        cause: The usual cause as a sentence; if nothing is wrong, the meaning.
        actions: Suggestions, the best one first.
        digits: After a collapse onto some digits, those that are still drawn, ascending.
        outlook: If nothing is wrong, the distance to real images and what more training would
            bring, in one or two sentences; empty before the first evaluation.
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
    def says_enough(self) -> bool:
        """Whether nothing is wrong, and more training would bring little."""
        return not self.is_alarm and any(action.kind == "stop" for action in self.actions)

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
# The states in which something is wrong.
ALARMS: frozenset[VerdictKind] = frozenset(
    ("discriminator_winning", "generator_winning", "collapsing", "collapsed", "diverging")
)


@dataclass(frozen=True)
class Verdict:
    """How a run stands.

    Attributes:
        kind: In a word.
        headline: In a short sentence.
        evidence: Sentences with the numbers and the thresholds that they are held against.
        cause: What usually lies behind it; where nothing is wrong, what it means. A sentence.
        actions: What to do, the first choice first.
        digits: Where it collapsed onto some digits, those that are still drawn, ascending.
    """

    kind: VerdictKind
    headline: str
    evidence: tuple[str, ...]
    cause: str
    actions: tuple[Action, ...]
    digits: tuple[int, ...] = ()

    @property
    def is_alarm(self) -> bool:
        """Whether something is wrong."""
        return self.kind in ALARMS

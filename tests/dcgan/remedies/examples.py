"""A run whose remedies were tried, and the plan of its trials."""

from __future__ import annotations

from dataclasses import dataclass

from dcgan.diagnosis.actions import Action
from dcgan.remedies.study import Study
from dcgan.runs.run_folder import Run
from tests.states import State

CHANGE = Action("lower_generator_rate", {"generator_learning_rate": 0.0005})
SECONDS = 1e-6  # Ends a trial at its second step: the first one is not counted.


@dataclass(frozen=True)
class Tried:
    """A run whose remedies were tried once for all tests; its folder must not be changed.

    Attributes:
        states: The state at the end of each trial.
    """

    run: Run
    study: Study
    states: list[State]

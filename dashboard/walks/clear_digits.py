"""The clear digits to choose from: an example of each digit that a generator draws.

While a run trains, newer surveys find others, which replace the shown ones: a digit that was clear
some hundred steps ago may be a blob by now. A tab keeps an example while there is no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from dashboard.generators import class_examples, findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.included_findings import list_clearest_z

# Keys of the session.
_SHOWN_DIGITS = "shown_clear_digits"  # The `_ShownDigits` of this tab.


@dataclass(frozen=True)
class ShownGenerator:
    """The generator whose digits a tab shows; it may be in training.

    Attributes:
        run_path, created: Folder and start of its run.
        step: Step of its checkpoint; None in training.
    """

    run_path: Path
    created: str
    step: int | None

    @classmethod
    def of(cls, source: GeneratorSource) -> ShownGenerator:
        """Return the generator of a source."""
        return cls(source.run.path, source.run.created, source.step)

    def matches(self, source: GeneratorSource) -> bool:
        """Return whether a source has this generator.

        The generator in training and the newest checkpoint count as the same, so that nothing
        changes when a training ends or is continued.
        """
        other, steps = ShownGenerator.of(source), {self.step, source.step}
        is_same_step = len(steps) == 1 or steps == {None, source.run.checkpoints.find_newest()}
        return (other.run_path, other.created) == (self.run_path, self.created) and is_same_step


@dataclass(frozen=True, eq=False)
class _ShownDigits:
    generator: ShownGenerator
    z: dict[int, np.ndarray]


def find_clear_digits(source: GeneratorSource) -> Mapping[int, np.ndarray]:
    """Find the z of a clear example of each digit, shape (latent_dim,), and keep them for this tab.

    Digits that are not found yet, or that the generator does not draw, are missing.
    """
    shown: _ShownDigits | None = st.session_state.get(_SHOWN_DIGITS)
    z = _find_newest(source)
    if shown is not None and shown.generator.matches(source):
        z = {**shown.z, **z}
    st.session_state[_SHOWN_DIGITS] = _ShownDigits(ShownGenerator.of(source), z)
    return z


def is_search_over(source: GeneratorSource) -> bool:
    """Return whether the digits have been sorted, or could not be."""
    is_sorted = findings_cache.get_findings(source) is not None
    return is_sorted or bool(findings_cache.describe_problem(source))


def _find_newest(source: GeneratorSource) -> dict[int, np.ndarray]:
    if known := list_clearest_z(source):
        return known
    if source.class_name:
        return {int(name): z for name, z in class_examples.get_examples(source).items()}
    findings = findings_cache.get_findings(source)
    if findings is None:
        return {}
    return {
        digit: findings.survey.z[index]
        for digit in source.digits
        for index in findings.survey.find_clearest(digit, 1)
    }

"""Readings of a walk in a run that learned the digits, and the examples that it finds."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.generators import class_examples
from tests.dashboard.explore.examples import DIGITS

SELECTED = "The selected digit"


def find_ends(walk: AppTest) -> list[str]:
    """Return the classes at both ends, each of which has all the weight there."""
    weights = walk.session_state["shown"]
    ends = weights[[0, -1]]
    np.testing.assert_allclose(np.sort(ends)[:, -2:], [[0, 1], [0, 1]], atol=0.01)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    return [DIGITS[place] for place in ends.argmax(axis=1)]


def find_examples(monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """Make these the clearest examples of the digits, and return them."""
    examples = dict(zip(DIGITS, np.eye(10, 4, dtype=np.float32) + 1, strict=True))
    monkeypatch.setattr(class_examples, "get_examples", lambda source: examples)
    return examples

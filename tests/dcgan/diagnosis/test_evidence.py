"""The sentences with which a verdict gives its reasons."""

from __future__ import annotations

import pytest

from dcgan.diagnosis.evidence import describe_share


@pytest.mark.parametrize(
    ("spread", "text"),
    [(0.07, "7% as much as"), (0.99, "99% as much as"), (1.0, "as much as"), (1.3, "as much as")],
)
def test_full_variety_has_no_percentage(spread: float, text: str) -> None:
    assert describe_share(spread) == text

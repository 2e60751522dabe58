"""The length of a run that ends when it stops improving."""

from __future__ import annotations

import pytest

from dcgan.config.training_config import TrainingConfig


@pytest.mark.parametrize(
    ("given", "epochs", "max_seconds"),
    [
        ({}, None, 3600.0),
        ({"epochs": 25}, 25, None),
        ({"max_seconds": 600.0}, 10, 600.0),
        ({"until_converged": False}, 10, None),
    ],
)
def test_a_run_until_converged_takes_an_hour_at_most_unless_its_length_is_given(
    given: dict[str, object], epochs: int | None, max_seconds: float | None
) -> None:
    config = TrainingConfig.preset("fast", **{"until_converged": True, **given})
    assert (config.epochs, config.max_seconds) == (epochs, max_seconds)

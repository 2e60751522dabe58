"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcgan.cli.options import has_time_limit_only
from tests.command_line import invoke


@pytest.mark.parametrize(
    ("settings", "is_only"),
    [
        ({}, False),
        ({"max_seconds": "60"}, True),
        ({"max_seconds": "60", "epochs": "3"}, False),
        ({"max_seconds": "none"}, False),
        ({"max_seconds": [60.0, 120.0]}, True),  # The values of a sweep.
    ],
)
def test_only_a_time_limit_without_epochs_replaces_the_epochs_of_the_preset(
    settings: dict[str, object], is_only: bool
) -> None:
    assert has_time_limit_only(settings) == is_only


def test_no_time_limit_leaves_the_epochs_of_the_preset(tmp_path: Path) -> None:
    result = invoke(
        "sweep", "--vary=seed=1,2", "--max-seconds=none", "--dry-run", "--root", tmp_path
    )
    assert result.exit_code == 0, result.output


def test_the_list_of_commands_says_what_each_does_without_cutting_a_sentence() -> None:
    assert "..." not in invoke("--help").stdout.partition("Commands:")[2]

"""Campaigns of minutes to an hour: many kills, long fuzzing, a soak of the server, a benchmark."""

from __future__ import annotations

import faulthandler
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("kills.py", "--kills", "100"), id="a hundred kills lose nothing"),
        pytest.param(("fuzz.py", "--inputs", "500"), id="no damaged file crashes a reader"),
        pytest.param(("soak.py", "--minutes", "10"), id="ten tabs see no error"),
        pytest.param(
            ("gpu.py", "--seconds", "0.2", "--budget", "120", "--presets", "fast"),
            id="the measurement for GPUs runs on a CPU",
        ),
    ],
)
def test_a_campaign_finds_nothing(command: tuple[str, ...]) -> None:
    faulthandler.cancel_dump_traceback_later()  # The time limit of pyproject.toml is for others.
    script = REPOSITORY / "tests" / "benchmarks" / command[0]
    done = subprocess.run(
        [sys.executable, str(script), *command[1:]],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]

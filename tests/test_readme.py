"""The README: its length, the command that CI runs, and the run that it names."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = re.search(r"^python3 -m venv .*pytest$", README, re.MULTILINE)
    assert command, "the README names one command that sets everything up and tests"
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    quiet = command[0].replace("pip install -r", "pip install -q -r")
    places = [script.index(f"\n{part}") for part in quiet.split(" && ")]
    assert places == sorted(places)


def test_the_run_that_the_readme_names_comes_with_the_program() -> None:
    assert "`pretrained`" in README
    assert (REPOSITORY / "checkpoints" / "pretrained" / "config.json").exists()

"""Modules that Python loads, in a separate process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).parents[1]


def list_loaded_modules(statements: str) -> set[str]:
    """Return the top-level modules that a fresh Python has loaded after some statements."""
    script = f"{statements}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=_REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in done.stdout.split()}

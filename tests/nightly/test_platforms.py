"""Wheels of all requirements for every system and Python that docs/deployment.md names.

uv (`pip install uv`) resolves the requirements files, with all that they need in turn, as for
another machine. Only wheels count, so nobody has to compile. It downloads only the packages'
metadata, and runs nothing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13")
# Names of uv. Older systems than manylinux 2.28 (2018) are not asked about.
PLATFORMS = (
    "x86_64-manylinux_2_28",
    "aarch64-manylinux_2_28",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)


def resolve(platform: str, python: str, *files: str) -> subprocess.CompletedProcess[str]:
    """Resolve requirements files for another machine."""
    options = ("--only-binary", ":all:", "--python-platform", platform, "--python-version", python)
    return subprocess.run(
        (sys.executable, "-m", "uv", "pip", "compile", "--quiet", *options, *files),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_all_requirements_have_wheels(platform: str, python: str) -> None:
    resolved = resolve(platform, python, *sorted(map(str, REPOSITORY.glob("requirements*.txt"))))
    assert resolved.returncode == 0, resolved.stderr
    assert "tensorflow" in resolved.stdout


def test_tensorflow_has_no_wheel_for_a_mac_with_an_intel_processor() -> None:
    resolved = resolve("x86_64-apple-darwin", PYTHONS[-1], "requirements.txt")
    assert resolved.returncode != 0
    assert "tensorflow" in resolved.stderr
    assert "no wheels with a matching platform tag" in resolved.stderr

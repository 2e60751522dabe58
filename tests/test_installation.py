"""The wheel: its files, and the installed program in a folder without the repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from dcgan import __version__

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it into a folder, as an installation does; it is read-only."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for path in (site, *site.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return site


# Runs several commands in one process, so that TensorFlow is imported once.
RUN_COMMANDS = """
import json, sys
from dcgan.cli.main import main

for arguments in json.loads(sys.argv[1]):
    main(arguments, standalone_mode=False)
"""


def run_installed(
    installed: Path, folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, with the installed program and without the repository."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        (sys.executable, *arguments),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def get_metadata(installed: Path) -> Distribution:
    (found,) = distributions(path=[str(installed)])
    return found


def read_requirements(names: Iterable[str]) -> set[str]:
    return {
        line.split("==")[0]
        for name in names
        for line in (REPOSITORY / name).read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    }


def test_the_wheel_holds_the_packages_with_their_data_and_nothing_else(installed: Path) -> None:
    tops = {path.name for path in installed.iterdir()}
    assert tops == {"dcgan", "dashboard", f"dcgan_studio-{__version__}.dist-info"}
    for path in (
        "dcgan/data/mnist.npz",
        "dcgan/digit_classifier/weights.npz",
        "dcgan/included_runs/pretrained/config.json",
        "dcgan/included_runs/pretrained-classes/config.json",
        "dcgan/documents/templates/report.html.jinja",
        "dashboard/.streamlit/config.toml",
        "dcgan/documents/frontend/generator.js",
        "dcgan/documents/templates/generator_page.html.jinja",
        "dashboard/components/frontend/explore/sliders.js",
        "dashboard/wording/glossary.toml",
    ):
        assert (installed / path).is_file(), path
    suffixes = {path.suffix for path in installed.rglob("*") if path.is_file()}
    assert ".pyc" not in suffixes


def test_the_requirements_files_are_those_of_the_wheel(installed: Path) -> None:
    metadata = get_metadata(installed)
    needed = {line.split("==")[0] for line in metadata.requires or []}
    assert read_requirements(path.name for path in REPOSITORY.glob("requirements*.txt")) == needed
    extras = set(metadata.metadata.get_all("Provides-Extra") or [])
    assert extras == {"gpu", "login", "notebook", "onnx", "ray", "tell"}
    assert metadata.version == __version__


def test_all_builds_of_tensorflow_have_one_version() -> None:
    files = ("requirements.txt", "requirements-gpu.txt")
    lines = "".join((REPOSITORY / name).read_text("utf-8") for name in files)
    builds = re.findall(r"^(tensorflow\S*)==(\S+)", lines, re.MULTILINE)
    assert {name for name, _ in builds} == {
        "tensorflow",
        "tensorflow-cpu",
        "tensorflow[and-cuda]",
    }
    assert len({version for _, version in builds}) == 1  # They install the same files.


def test_the_commands_are_entry_points(installed: Path) -> None:
    commands = get_metadata(installed).entry_points.select(group="console_scripts")
    assert {command.name for command in commands} == {"dcgan", "dcgan-studio"}
    assert all(callable(command.load()) for command in commands)


def test_the_installed_program_trains_and_draws_in_the_folder_where_it_is_started(
    installed: Path, tmp_path: Path
) -> None:
    commands = (
        ("generate", "pretrained-classes", "--text", "2026", "--out", "year.png"),
        # The second derivative of the penalty would be half of what tracing takes.
        ("train", "--max-seconds=0.001", "--r1-penalty=0", "--evaluate-every=0"),
        ("runs", "--json"),
    )
    done = run_installed(installed, tmp_path, "-c", RUN_COMMANDS, json.dumps(commands))
    assert done.returncode == 0, done.stderr
    drawn, folder, listed = done.stdout.split("\n", 2)
    assert drawn == "year.png"
    assert Path(folder).parent == tmp_path / "checkpoints"
    names = [run["name"] for run in json.loads(listed)]
    assert sorted(names) == sorted([Path(folder).name, "pretrained", "pretrained-classes"])
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoints", "year.png"}


def test_messages_name_the_installed_commands(installed: Path, tmp_path: Path) -> None:
    for module, name in (("dcgan", "dcgan"), ("dashboard", "dcgan-studio")):
        version = run_installed(installed, tmp_path, "-m", module, "--version")
        assert version.stdout == f"DCGAN Studio {__version__}\n"
        usage = run_installed(installed, tmp_path, "-m", module, "--no-such")
        assert f"Usage: {name} " in usage.stderr


def test_a_server_from_either_script_has_the_same_settings() -> None:
    texts = [
        (REPOSITORY / folder / ".streamlit" / "config.toml").read_text("utf-8")
        for folder in (".", "dashboard")
    ]
    assert texts[0] == texts[1]
    assert tomllib.loads(texts[0])["server"]["address"] == "127.0.0.1"

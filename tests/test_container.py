"""The Dockerfiles of the container and of the Space: the files they copy, what they start."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from dashboard.__main__ import main
from dashboard.process.demo_bounds import DEMO_VARIABLE
from dcgan.installation import list_included_runs

REPOSITORY = Path(__file__).resolve().parents[1]
SPACE = REPOSITORY / "docs" / "hosting" / "huggingface"
DOCKERFILE, SPACE_DOCKERFILE = (
    (folder / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    for folder in (REPOSITORY, SPACE)
)
COMPOSE = (REPOSITORY / "compose.yaml").read_text(encoding="utf-8")


def list_arguments(instruction: str, dockerfile: str = DOCKERFILE) -> list[str]:
    """Return the arguments of each use of an instruction in a Dockerfile."""
    return re.findall(rf"^{instruction} +(.+)$", dockerfile, re.MULTILINE)


def read_environment(dockerfile: str) -> dict[str, str]:
    """Return the variables that a Dockerfile sets."""
    words = " ".join(list_arguments("ENV", dockerfile)).split()
    return dict(word.split("=", 1) for word in words)


def read_front_matter() -> dict[str, str]:
    """Return the settings of the Space, the first block of its README."""
    block = re.match(r"---\n(.+?)\n---\n", (SPACE / "README.md").read_text("utf-8"), re.DOTALL)
    assert block
    return dict(line.split(": ", 1) for line in block[1].splitlines())


@pytest.mark.parametrize("source", [line.split()[:-1] for line in list_arguments("COPY")])
def test_the_files_that_the_container_copies_exist_and_are_not_ignored(source: list[str]) -> None:
    patterns = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").split()
    for name in source:
        assert (REPOSITORY / name).exists()
        assert f"!{name}" in patterns


def test_the_container_has_all_included_runs() -> None:
    copied = {line.split()[0] for line in list_arguments("COPY")}
    for path in list_included_runs():
        assert str(path.relative_to(REPOSITORY)) in copied


def test_the_container_starts_the_dashboard_with_flags_that_it_knows() -> None:
    (entry,) = list_arguments("ENTRYPOINT")
    words = json.loads(entry)
    assert words[:3] == ["python", "-m", "dashboard"]
    context = main.make_context("dashboard", words[3:])
    assert context.params["host"] == "0.0.0.0"
    assert context.params["no_browser"]
    assert str(context.params["root"]) in list_arguments("VOLUME")


def test_the_health_check_requests_the_address_that_the_server_answers() -> None:
    (check,) = list_arguments("HEALTHCHECK")
    port, path = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", check)[0]
    assert [port] == list_arguments("EXPOSE")
    assert "ProxyHandler({})" in check
    assert f'"127.0.0.1:{port}:{port}"' in COMPOSE
    server_parts = (REPOSITORY / "dashboard" / "server_parts.py").read_text("utf-8")
    assert f'Route(f"{{base}}{path}"' in server_parts
    assert "X-Forwarded-Prefix" in check  # So that it is found below a base path, too.


def test_people_can_sign_in_to_the_container() -> None:
    assert "-r requirements-login.txt" in DOCKERFILE
    # Runs record the host name, so a new container of the same name recognizes them as its own.
    assert "hostname: studio" in COMPOSE


def test_the_container_runs_as_an_ordinary_user_and_is_stopped_by_sigterm() -> None:
    assert list_arguments("USER") == ["studio"]
    assert DOCKERFILE.index("\nUSER") < DOCKERFILE.index("\nENTRYPOINT")
    assert list_arguments("STOPSIGNAL") == ["SIGTERM"]
    assert f"runs:{list_arguments('VOLUME')[0]}" in COMPOSE


def test_the_space_is_built_from_its_dockerfile_and_shown_at_the_port_of_the_server() -> None:
    settings = read_front_matter()
    assert settings["sdk"] == "docker"
    assert len(settings["short_description"]) <= 60  # The hub refuses longer ones.
    (entry,) = list_arguments("ENTRYPOINT", SPACE_DOCKERFILE)
    command, *flags = json.loads(entry)
    commands = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    assert command in commands["project"]["scripts"]
    options = main.make_context(command, flags).params
    assert options["host"] == "0.0.0.0"
    assert (
        [settings["app_port"]]
        == list_arguments("EXPOSE", SPACE_DOCKERFILE)
        == [str(options["port"])]
    )


def test_the_space_runs_as_user_1000_who_may_write_the_runs() -> None:
    (user,) = list_arguments("USER", SPACE_DOCKERFILE)
    assert f"useradd --uid 1000 --create-home {user}" in SPACE_DOCKERFILE
    (entry,) = list_arguments("ENTRYPOINT", SPACE_DOCKERFILE)
    root = Path(main.make_context("dcgan-studio", json.loads(entry)[1:]).params["root"])
    assert root.is_relative_to(f"/home/{user}")
    variables = read_environment(SPACE_DOCKERFILE)
    assert Path(variables["KERAS_HOME"]).is_relative_to(root)


def test_the_space_shows_the_demo() -> None:
    assert read_environment(SPACE_DOCKERFILE)[DEMO_VARIABLE] == "1"


def test_the_space_differs_from_the_container_only_where_it_must() -> None:
    for instruction in ("FROM", "USER", "STOPSIGNAL"):
        assert list_arguments(instruction, SPACE_DOCKERFILE) == list_arguments(instruction)
    theirs, ours = read_environment(SPACE_DOCKERFILE), read_environment(DOCKERFILE)
    assert theirs.keys() >= ours.keys()
    (entry,), (space_entry,) = (
        list_arguments("ENTRYPOINT"),
        list_arguments("ENTRYPOINT", SPACE_DOCKERFILE),
    )
    flags = [word for word in json.loads(entry) if word.startswith("--")]
    assert flags == [word for word in json.loads(space_entry) if word.startswith("--")]

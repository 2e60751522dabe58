"""The container's files: what they copy is there, and they start what this program has."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dashboard.__main__ import main
from dcgan.runs.run_folder import list_shipped

REPOSITORY = Path(__file__).resolve().parents[1]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE = (REPOSITORY / "compose.yaml").read_text(encoding="utf-8")


def lines(instruction: str) -> list[str]:
    """Return the arguments of each use of an instruction in the Dockerfile."""
    return re.findall(rf"^{instruction} +(.+)$", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("source", [line.split()[:-1] for line in lines("COPY")])
def test_the_files_that_the_container_copies_exist_and_are_not_ignored(source: list[str]) -> None:
    taken = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").split()
    for name in source:
        assert (REPOSITORY / name).exists()
        assert f"!{name}" in taken


def test_the_container_has_all_included_runs() -> None:
    copied = {line.split()[0] for line in lines("COPY")}
    for path in list_shipped():
        assert str(path.relative_to(REPOSITORY)) in copied


def test_the_container_starts_the_dashboard_with_flags_that_it_knows() -> None:
    (entry,) = lines("ENTRYPOINT")
    words = json.loads(entry)
    assert words[:3] == ["python", "-m", "dashboard"]
    context = main.make_context("dashboard", words[3:])
    assert context.params["host"] == "0.0.0.0"
    assert context.params["no_browser"]
    assert str(context.params["root"]) in lines("VOLUME")


def test_its_health_is_asked_for_where_the_server_answers() -> None:
    (check,) = lines("HEALTHCHECK")
    port, path = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", check)[0]
    assert [port] == lines("EXPOSE")
    assert "ProxyHandler({})" in check
    assert f'"127.0.0.1:{port}:{port}"' in COMPOSE
    application = (REPOSITORY / "dashboard" / "application.py").read_text("utf-8")
    assert f'Route(f"{{base}}{path}"' in application
    assert "X-Forwarded-Prefix" in check  # So that it is found below a base path, too.


def test_people_can_sign_in_at_it() -> None:
    assert "-r requirements-login.txt" in DOCKERFILE
    assert "hostname: studio" in COMPOSE  # By which a run is known to be its own.


def test_it_runs_as_an_ordinary_user_and_is_stopped_as_the_dashboard_wants_it() -> None:
    assert lines("USER") == ["studio"]
    assert DOCKERFILE.index("\nUSER") < DOCKERFILE.index("\nENTRYPOINT")
    assert lines("STOPSIGNAL") == ["SIGTERM"]
    assert f"runs:{lines('VOLUME')[0]}" in COMPOSE

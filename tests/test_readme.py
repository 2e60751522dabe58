"""The README says what is true: its settings table, its commands, its examples."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from dashboard.server.access_rules import Role, read_admission
from dcgan.config import PRESETS, TrainingConfig, describe_bounds

REPOSITORY = Path(__file__).resolve().parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def plain(value: object) -> str:
    if value is None:
        return "no limit"
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, tuple) else f"{value}"


def settings_table() -> str:
    fast, classic = (TrainingConfig.preset(name) for name in PRESETS)
    rows = [
        "| setting | fast | classic | allowed | what it is |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, field in TrainingConfig.model_fields.items():
        cells = (
            f"`{name}`",
            plain(getattr(fast, name)),
            plain(getattr(classic, name)),
            describe_bounds(name),
            field.description,
        )
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows)


def test_the_settings_table_is_drawn_from_the_settings() -> None:
    expected = settings_table()
    assert expected in README, f"the README's table should be:\n\n{expected}\n"


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = re.search(r"^python3 -m venv .*pytest$", README, re.MULTILINE)
    assert command, "the README names one command that sets everything up and tests"
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    quiet = command[0].replace("pip install -r", "pip install -q -r")
    assert quiet in script


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_what_the_readme_links_to_is_there(target: str) -> None:
    assert (REPOSITORY / target).exists()


def test_the_secrets_file_of_the_readme_lets_in_whom_it_says() -> None:
    found = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert found, "the README has an example of a secrets file"
    rules = read_admission(tomllib.loads(found[1].replace('"..."', f'"{"x" * 64}"')))
    roles = {
        email: rules.role_of({"is_logged_in": True, "email": email})
        for email in ("ada@example.org", "grace@staff.school.edu", "wim@school.edu", "eve@b.org")
    }
    assert list(roles.values()) == [Role.OPERATOR, Role.OPERATOR, Role.WATCHER, Role.STRANGER]

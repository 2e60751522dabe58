"""Commands of watchers are refused by the function itself, not only left out of the page."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.access import permissions
from dashboard.access.rules import (
    WATCH_ONLY_VARIABLE,
    AccessRulesError,
    Role,
    parse_access_rules,
)
from dashboard.process.demo_bounds import DEMO_VARIABLE
from dashboard.state.trainer import Trainer
from dashboard.tab.continue_run import continue_run
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from tests.dashboard.rendering import prepare_page
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")

WITH_LOGIN: dict[str, object] = {
    "auth": {
        "redirect_uri": "https://studio.example.org/oauth2callback",
        "cookie_secret": "x" * 32,
        **dict.fromkeys(("client_id", "client_secret", "server_metadata_url"), "x"),
    },
    "roles": {"operators": ["*"]},
}


def test_a_command_runs_only_for_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []

    @permissions.operators_only
    def command(number: int) -> int:
        done.append(number)
        return 2 * number

    for role in (Role.NOBODY, Role.STRANGER, Role.WATCHER):
        monkeypatch.setattr(permissions, "get_role", lambda role=role: role)
        with pytest.raises(
            permissions.NotAllowedError, match=f"for operators; this person {role.value}"
        ):
            command(3)
    assert done == []
    monkeypatch.setattr(permissions, "get_role", lambda: Role.OPERATOR)
    assert command(3) == 6
    assert done == [3]


# Pages.


@pytest.fixture
def run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, trainer: Trainer) -> Run:
    """Put an interrupted run in the library."""
    run = Run.create(tiny_config, tiny_dataset, path=trainer.root / "first")
    run.write(step_report(20, epoch=2, seconds=70.0))
    run.save_checkpoint({"step": np.array(20), "seconds": np.array(70.0)})
    run.write_status("interrupted", step=20, seconds=70.0)
    run.lock.release()
    return run


def show(page: str) -> AppTest:
    return prepare_page(page).run()


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("page", ["train", "runs"])
def test_a_watcher_sees_no_commands(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    as_operator = {button.label for button in show(page).button}
    monkeypatch.setattr(permissions, "get_role", lambda: Role.WATCHER)
    seen = show(page)
    assert not seen.exception
    expected = {"train": set[str](), "runs": {"Explore", "Open", "Compare with another run"}}[page]
    assert {button.label for button in seen.button} == expected < as_operator
    assert not seen.get("file_uploader")
    assert not seen.text_input


@pytest.mark.parametrize(
    ("page", "key"),
    [
        ("runs", "delete-first"),
        ("train", "continue-interrupted"),
    ],
)
def test_a_click_on_a_hidden_button_is_refused(
    page: str, key: str, run: Run, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show(page)  # The browser still has the page of an operator.
    refusals: list[str] = []

    class RecordedError(permissions.NotAllowedError):
        def __init__(self, text: str) -> None:
            refusals.append(text)  # The page shows it without its text.
            super().__init__(text)

    monkeypatch.setattr(permissions, "NotAllowedError", RecordedError)
    monkeypatch.setattr(permissions, "get_role", lambda: Role.WATCHER)
    shown.button(key=key).click().run()
    assert [text.startswith("Refused") for text in refusals] == [True]
    assert len(shown.exception) == 1
    assert [listed.path for listed in list_runs(trainer.root)[0]] == [run.path]
    assert trainer.snapshot().phase == "idle"


def test_a_dialog_behind_a_hidden_button_is_refused(
    run: Run, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "get_role", lambda: Role.WATCHER)
    with pytest.raises(permissions.NotAllowedError):
        continue_run(trainer, run, epochs=1)
    assert trainer.snapshot().phase == "idle"


def test_a_demo_is_for_visitors_and_takes_no_other_rules() -> None:
    rules = parse_access_rules({}, is_demo=True)
    assert rules.find_role({}) is Role.VISITOR
    assert not rules.admits_only_operators
    for secrets, is_watch_only in ((WITH_LOGIN, False), ({}, True)):
        with pytest.raises(AccessRulesError, match="a demo is open to everybody"):
            parse_access_rules(secrets, is_demo=True, is_watch_only=is_watch_only)


# The rules of the process.


@pytest.fixture
def secrets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the secrets file of this process, which is not there yet."""
    file = tmp_path / "secrets.toml"
    options = {"secrets.files": [str(file)], "server.trustedUserHeaders": {}}
    monkeypatch.setattr(st, "get_option", options.__getitem__)
    monkeypatch.delenv(WATCH_ONLY_VARIABLE, raising=False)
    permissions.load_rules.cache_clear()
    yield file
    permissions.load_rules.cache_clear()


def set_secrets(monkeypatch: pytest.MonkeyPatch, file: Path, secrets: dict[str, object]) -> None:
    """Create the secrets file, and make Streamlit read these secrets from it."""
    file.touch()

    class Secrets:
        def to_dict(self) -> dict[str, object]:
            return secrets

    monkeypatch.setattr(st, "secrets", Secrets())


@pytest.mark.usefixtures("secrets_file")
def test_the_variable_of_a_demo_makes_everybody_a_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DEMO_VARIABLE, "1")
    assert permissions.get_role() is Role.VISITOR
    permissions.load_rules.cache_clear()
    monkeypatch.setenv(WATCH_ONLY_VARIABLE, "1")
    with pytest.raises(AccessRulesError, match=r"^a demo is open to everybody"):
        permissions.get_role()


@pytest.mark.usefixtures("secrets_file")
def test_without_a_secrets_file_everybody_is_an_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    assert permissions.get_role() is Role.OPERATOR
    permissions.load_rules.cache_clear()
    monkeypatch.setenv(WATCH_ONLY_VARIABLE, "1")
    assert permissions.get_role() is Role.WATCHER


def test_the_error_names_a_wrong_file(secrets_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_secrets(monkeypatch, secrets_file, {"roles": {"operators": ["*"]}})
    with pytest.raises(AccessRulesError) as caught:
        permissions.load_rules()
    assert str(caught.value).startswith(f"{secrets_file}: there is a section [roles] but no [auth]")


def test_missing_packages_for_signing_in_are_reported_at_the_start(
    secrets_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_secrets(monkeypatch, secrets_file, WITH_LOGIN)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(AccessRulesError, match=r"authlib and httpx2.*requirements-login\.txt"):
        permissions.load_rules()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert permissions.load_rules().has_login
    assert permissions.get_role() is Role.NOBODY  # No session, so nobody is signed in.


def test_trusted_user_headers_are_refused_with_a_login(
    secrets_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_secrets(monkeypatch, secrets_file, WITH_LOGIN)
    options = {
        "secrets.files": [str(secrets_file)],
        "server.trustedUserHeaders": {"X-User": "email"},
    }
    monkeypatch.setattr(st, "get_option", options.__getitem__)
    with pytest.raises(AccessRulesError, match=r"server\.trustedUserHeaders is set"):
        permissions.load_rules()

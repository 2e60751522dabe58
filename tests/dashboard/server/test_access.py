"""Commands of watchers are refused by the function itself, not only left out of the page."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.process.demo_bounds import DEMO_VARIABLE
from dashboard.server import access
from dashboard.server.access_rules import (
    WATCH_ONLY_VARIABLE,
    AccessRulesError,
    Role,
    parse_access_rules,
)
from dashboard.shared.continue_run import continue_run
from dashboard.state.demo import Demo
from dashboard.state.queue_runner import QueueRunner
from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from tests.dashboard.rendering import prepare_page
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


DASHBOARD = Path(access.__file__).parents[1]

# All public names of a `Trainer` and its `QueueRunner`: commands change something, reads do not.
TRAINER_COMMANDS = {
    *("start", "continue_run", "pause", "end_pause", "stop", "change_settings", "roll_back"),
    *("try_remedies", "try_pending_remedies", "skip_measuring"),
}
TRAINER_READS = {
    *("version", "get_combined_version", "is_alive", "snapshot", "generate", "get_weights"),
    *("get_discriminator_weights", "get_real_pictures"),
    *("silent_seconds", "is_hung", "num_failures"),
}
QUEUE_COMMANDS = {"add", "remove", "release", "hold", "clear_problems"}
QUEUE_READS = {"is_released", "version", "list_waiting"}
# Methods that only the trainer itself and the server call.
NOT_FOR_PAGES = {"join", "shut_down", "take", "skip", "start_next"}
NOT_FOR_PAGES |= {"update", "close", "start_thread", "record_session"}
# Functions and methods that write to the disk, by name.
WRITERS = {
    *("import_run", "delete_run", "restore_run", "empty_trash", "write_label"),
    *("add_pins", "delete_pin", "save_upload"),
    *("unlink", "mkdir", "rmdir", "touch", "write_bytes", "write_text"),
}
# Folders and files that carry commands out, or run before there is a visitor.
BELOW_THE_PAGES = {"process", "state", "app.py", "application.py", "__main__.py"}


# Methods of a `Demo`. A command checks whether the visitor, its first argument, may send it.
DEMO_COMMANDS = {"request", "leave", "stop"}
DEMO_READS = {
    *("num_waiting", "problem", "is_alive", "owns", "is_training", "find_place", "estimate_wait"),
}


def is_guarding(node: ast.expr) -> bool:
    """Return whether a decorator or a called function refuses people without the right."""
    return ast.unparse(node) in ("access.operators_only", "access.owners_only")


def names_visitor(node: ast.Call) -> bool:
    """Return whether a command to a demo names the visitor for whom the page's script runs."""
    return bool(node.args) and ast.unparse(node.args[0]) == "access.get_visitor()"


def find_commands(path: Path) -> Iterator[tuple[str, bool]]:
    """Find the commands and writes in a file.

    Yields:
        The place of each, and whether it is guarded: for operators or the owner of the run only.
    """

    def search(node: ast.AST, is_guarded: bool) -> Iterator[tuple[str, bool]]:
        if isinstance(node, ast.FunctionDef):
            is_guarded |= any(map(is_guarding, node.decorator_list))
        if isinstance(node, ast.Call):
            is_guarded |= is_guarding(node.func) or names_visitor(node)
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).rpartition(".")[2]
            is_command = (
                (owner == "trainer" and node.attr in TRAINER_COMMANDS | NOT_FOR_PAGES)
                or (owner == "queue_runner" and node.attr in QUEUE_COMMANDS | NOT_FOR_PAGES)
                or (owner == "demo" and node.attr in DEMO_COMMANDS | NOT_FOR_PAGES)
                or node.attr in WRITERS
            )
            if is_command:
                yield f"{path.name}:{node.lineno} {ast.unparse(node)}", is_guarded
        if isinstance(node, ast.Name) and node.id in WRITERS and isinstance(node.ctx, ast.Load):
            yield f"{path.name}:{node.lineno} {node.id}", is_guarded
        for child in ast.iter_child_nodes(node):
            yield from search(child, is_guarded)

    return search(ast.parse(path.read_text(encoding="utf-8")), False)


def test_every_command_of_a_page_is_for_operators_only() -> None:
    files = [
        path
        for path in sorted(DASHBOARD.rglob("*.py"))
        if path.relative_to(DASHBOARD).parts[0] not in BELOW_THE_PAGES
    ]
    commands = [command for path in files for command in find_commands(path)]
    assert len(commands) > 25  # Or the search would prove nothing.
    assert [place for place, is_guarded in commands if not is_guarded] == []


def test_an_unguarded_command_is_found(tmp_path: Path) -> None:
    file = tmp_path / "page.py"
    file.write_text(
        "st.button('x', on_click=trainer.stop)\n"
        "st.button('x', on_click=access.operators_only(trainer.stop))\n"
        "@access.operators_only\n"
        "def f():\n    now.trainer.queue_runner.add([])\n"
        "def g():\n    path.unlink()\n    import_run(file, root)\n"
        "def h():\n    demo.leave(visitor)\n    demo.leave(access.get_visitor())\n"
    )
    found = [is_guarded for _, is_guarded in find_commands(file)]
    assert found == [False, True, True, False, False, False, True]


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        (Trainer, TRAINER_COMMANDS | TRAINER_READS | NOT_FOR_PAGES),
        (QueueRunner, QUEUE_COMMANDS | QUEUE_READS | NOT_FOR_PAGES),
        (Demo, DEMO_COMMANDS | DEMO_READS | NOT_FOR_PAGES),
    ],
)
def test_every_method_is_listed_as_a_command_or_as_harmless(kind: type, known: set[str]) -> None:
    assert {name for name in vars(kind) if not name.startswith("_")} <= known


def test_a_command_runs_only_for_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []

    @access.operators_only
    def command(number: int) -> int:
        done.append(number)
        return 2 * number

    for role in (Role.NOBODY, Role.STRANGER, Role.WATCHER):
        monkeypatch.setattr(access, "get_role", lambda role=role: role)
        with pytest.raises(
            access.NotAllowedError, match=f"for operators; this person {role.value}"
        ):
            command(3)
    assert done == []
    monkeypatch.setattr(access, "get_role", lambda: Role.OPERATOR)
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
    monkeypatch.setattr(access, "get_role", lambda: Role.WATCHER)
    seen = show(page)
    assert not seen.exception
    expected = {"train": set[str](), "runs": {"Explore", "Charts"}}[page]
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
    checked_roles: list[Role] = []

    def watcher() -> Role:
        checked_roles.append(Role.WATCHER)
        return Role.WATCHER

    monkeypatch.setattr(access, "get_role", watcher)
    shown.button(key=key).click().run()
    assert checked_roles
    assert [it.path for it in list_runs(trainer.root)[0]] == [run.path]
    assert trainer.snapshot().phase == "idle"


def test_a_dialog_behind_a_hidden_button_is_refused(
    run: Run, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "get_role", lambda: Role.WATCHER)
    with pytest.raises(access.NotAllowedError):
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
    access.load_rules.cache_clear()
    yield file
    access.load_rules.cache_clear()


WITH_LOGIN: dict[str, object] = {
    "auth": {
        "redirect_uri": "https://studio.example.org/oauth2callback",
        "cookie_secret": "x" * 32,
        **dict.fromkeys(("client_id", "client_secret", "server_metadata_url"), "x"),
    },
    "roles": {"operators": ["*"]},
}


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
    assert access.get_role() is Role.VISITOR
    access.load_rules.cache_clear()
    monkeypatch.setenv(WATCH_ONLY_VARIABLE, "1")
    with pytest.raises(AccessRulesError, match=r"^a demo is open to everybody"):
        access.get_role()


@pytest.mark.usefixtures("secrets_file")
def test_without_a_secrets_file_everybody_is_an_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    assert access.get_role() is Role.OPERATOR
    access.load_rules.cache_clear()
    monkeypatch.setenv(WATCH_ONLY_VARIABLE, "1")
    assert access.get_role() is Role.WATCHER


def test_the_error_names_a_wrong_file(secrets_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_secrets(monkeypatch, secrets_file, {"roles": {"operators": ["*"]}})
    with pytest.raises(AccessRulesError) as caught:
        access.load_rules()
    assert str(caught.value).startswith(f"{secrets_file}: there is a section [roles] but no [auth]")


def test_missing_packages_for_signing_in_are_reported_at_the_start(
    secrets_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_secrets(monkeypatch, secrets_file, WITH_LOGIN)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(AccessRulesError, match=r"authlib and httpx2.*requirements-login\.txt"):
        access.load_rules()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert access.load_rules().has_login
    assert access.get_role() is Role.NOBODY  # No session, so nobody is signed in.


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
        access.load_rules()

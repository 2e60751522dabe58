"""Visitors of a public demo: the runs that they see, and the commands that they may send."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from dashboard.access import permissions
from dashboard.access.rules import Role
from dashboard.process.visitor_runs import get_visitor_folder
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dcgan.runs.library import TRASH
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.mark.parametrize("role", [Role.WATCHER, Role.VISITOR])
def test_a_command_on_a_run_is_for_its_owner_only(
    role: Role, new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    @permissions.owners_only
    def command(run: Run | Path, word: str) -> None:
        done.append(word)

    run = new_run()
    own = new_run(path=get_visitor_folder(trainer.root, "me") / "own")
    monkeypatch.setattr(permissions, "get_visitor", lambda: "me")
    command(run, "by an operator")
    monkeypatch.setattr(permissions, "get_role", lambda: role)
    for other in (run, run.path):
        with pytest.raises(permissions.NotAllowedError, match=f"this person {role.value}"):
            command(other, "not allowed")
    if role is Role.VISITOR:
        command(own, "by the visitor")
        command(own.path.parent / TRASH / "own", "after deleting it")
        monkeypatch.setattr(permissions, "get_visitor", lambda: "somebody else")
    with pytest.raises(permissions.NotAllowedError):
        command(own, "not allowed")
    assert "not allowed" not in done
    assert len(done) == (3 if role is Role.VISITOR else 1)  # The operator's, and the visitor's two.


def test_a_visitor_sees_public_runs_and_their_own(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run()
    for visitor in ("me", "somebody else"):
        new_run(path=get_visitor_folder(trainer.root, visitor) / f"of {visitor}")
    assert [listed.name for listed in permissions.list_runs(trainer.root)[0]] == [run.name]
    monkeypatch.setattr(permissions, "get_role", lambda: Role.VISITOR)
    monkeypatch.setattr(permissions, "get_visitor", lambda: "me")
    assert [listed.name for listed in permissions.list_runs(trainer.root)[0]] == ["of me", run.name]


def test_a_visitor_sees_anybodys_run_in_training_and_only_their_own_when_it_has_ended(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = new_run(path=get_visitor_folder(trainer.root, "me") / "own")
    ended = Snapshot(7, "finished", run=own, config=own.config)
    running = Snapshot(6, "running", run=own, config=own.config)
    monkeypatch.setattr(permissions, "get_role", lambda: Role.VISITOR)
    for visitor, shown in (("me", "finished"), ("somebody else", "idle")):
        monkeypatch.setattr(permissions, "get_visitor", lambda visitor=visitor: visitor)
        assert permissions.hide_others_ended_run(running) is running
        assert permissions.hide_others_ended_run(ended).phase == shown
    assert permissions.hide_others_ended_run(ended).run is None


def test_a_page_lists_only_runs_that_its_person_may_see() -> None:
    # The library's `list_runs` lists everybody's runs, `permissions.list_runs` only a person's own.
    pages = Path(permissions.__file__).parents[1]
    importers = [
        path.relative_to(pages).as_posix()
        for path in sorted(pages.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "dcgan.runs.library"
        if any(alias.name == "list_runs" for alias in node.names)
    ]
    assert importers == ["process/visitor_runs.py"]


def test_a_visitor_cannot_name_the_run_that_everybody_watches(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(path=get_visitor_folder(trainer.root, "me") / "own")
    monkeypatch.setattr(permissions, "get_role", lambda: Role.VISITOR)
    monkeypatch.setattr(permissions, "get_visitor", lambda: "me")
    run.acquire_lock()
    assert not permissions.may_change(run)
    run.lock.release()
    assert permissions.may_change(run)

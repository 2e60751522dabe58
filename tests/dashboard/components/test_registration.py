"""Scripts of the components: they exist, import each other, and are served by content."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import dashboard
from dashboard.access import permissions
from dashboard.components import registration
from dashboard.components.registration import SCRIPTS, SCRIPTS_PATH, register_component
from dcgan import documents

_IMPORT = re.compile(r'^(?:import|export) .*from "(.*)";$', re.MULTILINE)


def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Return a client of the program's own routes."""
    monkeypatch.setattr("dashboard.server.download_handler.install_download_handler", lambda: None)
    monkeypatch.setattr("dashboard.server.page_operations.install_page_operations", lambda: None)
    permissions.load_rules.cache_clear()
    server_parts = runpy.run_path(f"{dashboard.__path__[0]}/server_parts.py")
    return TestClient(Starlette(routes=server_parts["routes"]))


def test_scripts_import_only_scripts_beside_them() -> None:
    imported = {
        f"{name} imports {module}"
        for name, content in SCRIPTS.items()
        for module in _IMPORT.findall(content.decode())
        if module.removeprefix("./") not in SCRIPTS
    }
    assert len(SCRIPTS) > 10
    assert not imported


def test_no_two_scripts_have_the_same_name() -> None:
    folders = (registration.__file__, documents.__file__)
    paths = [path for file in folders for path in (Path(file).parent / "frontend").rglob("*.js")]
    assert sorted(SCRIPTS) == sorted(path.name for path in paths)


def test_no_script_shares_state_through_the_window() -> None:
    assert not [name for name, content in SCRIPTS.items() if b"window.__" in content]


def test_a_component_without_a_script_is_refused() -> None:
    with pytest.raises(KeyError, match=r"no nothing\.js"):
        register_component("nothing")


def test_a_browser_may_keep_a_script_whose_address_changes_with_its_content(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = client(monkeypatch).get(f"/{SCRIPTS_PATH}/picture.js")
    assert answer.content == SCRIPTS["picture.js"]
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert re.fullmatch(r"frontend/[0-9a-f]{16}", SCRIPTS_PATH)


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fpicture.py", "picture.py"])
def test_nothing_but_scripts_is_served(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client(monkeypatch).get(f"/{SCRIPTS_PATH}/{name}").status_code == 404

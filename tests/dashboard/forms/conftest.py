"""The form of a new run, and the folder of uploads."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.own_pictures import own_pictures_panel, picture_source
from dashboard.process.picture_checks import PictureChecks
from dashboard.state.trainer import Trainer
from tests.dashboard.forms.form_page import SCRIPT


@pytest.fixture
def page(root: Path, tmp_path: Path) -> AppTest:
    """Return a page with nothing but the form, rendered once, and an empty page beside it."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "other.py").touch()
    (tmp_path / "form.py").write_text(SCRIPT, encoding="utf-8")
    page = AppTest.from_file(str(tmp_path / "form.py"), default_timeout=60).run()
    assert not page.exception
    return page


@pytest.fixture
def root(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the runs, under which uploads are saved."""
    monkeypatch.setattr(picture_source, "get_trainer", lambda: trainer)
    checks = PictureChecks()
    monkeypatch.setattr(own_pictures_panel, "get_picture_checks", lambda: checks)
    # The pages of these tests do not poll, so they wait for the end of a check.
    monkeypatch.setattr(own_pictures_panel, "_PATIENCE", 60.0)
    return trainer.root

"""The picture at the top of Learn: one generator's digits from its first step to its last."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.learn import progress_picture
from tests.dashboard.rendering import read_texts, run_page


def show_progress() -> None:
    """Render the picture."""
    from dashboard.learn import progress_picture

    progress_picture.render()


def test_the_rows_are_named_by_their_steps() -> None:
    shown = read_texts(run_page(AppTest.from_function(show_progress, default_timeout=60)))
    assert "the pictures of one generator at steps 0, 270, 820 and 53,072." in shown


def test_without_the_included_runs_there_is_no_picture(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        progress_picture, "list_included_runs", lambda: (tmp_path, tmp_path / "missing")
    )
    assert not read_texts(run_page(AppTest.from_function(show_progress, default_timeout=60)))

"""The Runs page as its tests render and read it."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from dashboard.state import trainer as trainer_module

PAGE = Path(trainer_module.__file__).parents[1] / "app_pages" / "runs.py"


def show() -> AppTest:
    """Run the page once."""
    page = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not page.exception
    return page


def read_texts(page: AppTest) -> str:
    """Return the page's Markdown, captions, texts and errors, without escapes."""
    parts = [*page.markdown, *page.caption, *page.text, *page.error]
    return "\n".join(str(part.value) for part in parts).replace("\\", "").replace("\u2060", "")


def list_titles(page: AppTest) -> list[str]:
    """Return the cards' titles from first to last."""
    found = [str(part.value) for part in page.markdown]
    return [text.strip("*").replace("\\", "") for text in found if text.startswith("**")]

"""The Runs page as its tests render and read it."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from dashboard.state import trainer as trainer_module
from tests.dashboard.rendering import remove_escapes, run_page

PAGE = Path(trainer_module.__file__).parents[1] / "app_pages" / "runs.py"


def show() -> AppTest:
    """Run the page once."""
    return run_page(AppTest.from_file(str(PAGE), default_timeout=60))


def list_titles(page: AppTest) -> list[str]:
    """Return the cards' titles from first to last."""
    found = [str(part.value) for part in page.markdown]
    return [remove_escapes(text.strip("*")) for text in found if text.startswith("**")]

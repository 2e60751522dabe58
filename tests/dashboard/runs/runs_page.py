"""The Runs page as its tests render and read it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.dashboard.rendering import prepare_page, remove_escapes, run_page


def show_runs_page() -> AppTest:
    """Run the page once."""
    return run_page(prepare_page("runs"))


def list_titles(page: AppTest) -> list[str]:
    """Return the titles of the cards from first to last; only they are bold at their beginning."""
    texts = [str(part.value) for part in page.markdown]
    return [remove_escapes(text[2:].partition("**")[0]) for text in texts if text[:2] == "**"]

"""A fixture that records to which pages a page switches."""

from __future__ import annotations

import pytest
import streamlit as st


@pytest.fixture
def visited_pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of pages to which the tested page has switched; none is shown."""
    pages: list[str] = []

    def switch_page(page: str) -> None:
        pages.append(page)
        st.stop()

    monkeypatch.setattr(st, "switch_page", switch_page)
    return pages

"""The list of pages that are switched to."""

from __future__ import annotations

import pytest
import streamlit as st


@pytest.fixture
def turned_to(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of pages that the page turned to; none is shown."""
    pages: list[str] = []

    def switch_page(page: str) -> None:
        pages.append(page)
        st.stop()

    monkeypatch.setattr(st, "switch_page", switch_page)
    return pages

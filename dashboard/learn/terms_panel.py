"""The glossary on the Learn page."""

from __future__ import annotations

import math

import streamlit as st

from dashboard.components.plain_text import TEXT_WIDTH
from dashboard.learn.explanations import PARTS
from dashboard.shared import glossary
from dashboard.shared.glossary import Entry


def render() -> None:
    """Render the search field, and below it the found entries or all chapters."""
    st.subheader(PARTS["words"], anchor="words")
    query = st.text_input(
        "Find a word",
        key="learn_query",
        placeholder="Such as EMA, beta_1 or collapse",
        icon=":material/search:",
        width=420,
    )
    if query.strip():
        entries = glossary.find_terms(query)
        if not entries:
            st.caption("There is no such word here.")
        _render_entries(entries)
        return
    for index, chapter in enumerate(glossary.list_chapters()):
        with st.expander(chapter.title, icon=f":material/{chapter.icon}:", expanded=index == 0):
            _render_entries(list(chapter.entries))


def _render_entries(entries: list[Entry]) -> None:
    half = math.ceil(len(entries) / 2)
    for column, part in zip(
        st.columns(2, gap="large"), (entries[:half], entries[half:]), strict=True
    ):
        for entry in part:
            with column.container(gap="xxsmall", width=TEXT_WIDTH):
                st.markdown(f"**{entry.term}**  \n{entry.meaning}")
                if entry.settings:
                    st.caption("  \n".join(entry.allowed))

"""The glossary on the Learn page."""

from __future__ import annotations

import itertools

import streamlit as st

from dashboard.components.plain_text import TEXT_WIDTH, escape_markdown
from dashboard.wording import glossary
from dashboard.wording.glossary import Entry

_HEADING_LENGTH = 140  # Characters that would fill the line of a term and the space below it.


def render() -> None:
    """Render the search field, and below it the found entries or all chapters."""
    query = st.text_input(
        "Find a word",
        key="learn_query",
        placeholder="Such as EMA, momentum or collapse",
        icon=":material/search:",
        width=420,
    )
    if query.strip():
        if entries := glossary.find_terms(query):
            _render_entries(entries)
            return
        st.caption(f"No text here has “{escape_markdown(query.strip())}”. All words:")
    for index, chapter in enumerate(glossary.list_chapters()):
        with st.expander(chapter.title, icon=f":material/{chapter.icon}:", expanded=index == 0):
            _render_entries(list(chapter.entries))


def _render_entries(entries: list[Entry]) -> None:
    half = find_half([len(" ".join((entry.meaning, *entry.allowed))) for entry in entries])
    for column, part in zip(
        st.columns(2, gap="large"), (entries[:half], entries[half:]), strict=True
    ):
        for entry in part:
            with column.container(gap="xxsmall", width=TEXT_WIDTH):
                st.markdown(f"**{entry.term}**  \n{entry.meaning}")
                if entry.settings:
                    st.caption("  \n".join(entry.allowed))


def find_half(lengths: list[int]) -> int:
    """Return how many texts belong in the first of two columns, so that both are about as long.

    Args:
        lengths: Characters of each text, without its heading.
    """
    sums = [0, *itertools.accumulate(length + _HEADING_LENGTH for length in lengths)]
    # If two numbers are equally good, the larger one: a single text belongs in the first column.
    return min(
        range(len(sums)), key=lambda count: (max(sums[count], sums[-1] - sums[count]), -count)
    )

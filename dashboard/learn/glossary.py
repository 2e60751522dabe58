"""The glossary: the terms of the dashboard, explained for newcomers. Imports no Streamlit."""

from __future__ import annotations

from dashboard.learn import result_terms, training_terms
from dashboard.learn.glossary_entry import Chapter, Entry
from dcgan.config import TrainingConfig

_CHAPTERS = (*training_terms.CHAPTERS, *result_terms.CHAPTERS)


def list_chapters() -> tuple[Chapter, ...]:
    """Return all chapters; settings without an entry are added to the last one."""
    explained = {
        name for chapter in _CHAPTERS for entry in chapter.entries for name in entry.settings
    }
    rest = tuple(
        Entry(str(field.title), "", (name,))
        for name, field in TrainingConfig.model_fields.items()
        if name not in explained
    )
    last = _CHAPTERS[-1]
    return (*_CHAPTERS[:-1], Chapter(last.title, last.icon, last.entries + rest))


def find(query: str) -> list[Entry]:
    """Return the entries that contain a query: first those with it in the term."""
    wanted = query.strip().lower()
    entries = [entry for chapter in list_chapters() for entry in chapter.entries]
    in_term = [entry for entry in entries if wanted in entry.term.lower()]
    in_text = [
        entry
        for entry in entries
        if entry not in in_term
        and wanted in " ".join((entry.meaning, *entry.allowed, *entry.settings)).lower()
    ]
    return in_term + in_text

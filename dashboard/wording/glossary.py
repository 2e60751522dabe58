"""The glossary: the terms of the pages, from `glossary.toml`. Imports no Streamlit.

Help texts of the pages and the Learn page read the same entries.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dcgan.config.config_text import describe_bounds, format_setting
from dcgan.config.setting_info import get_setting_label, get_setting_schema
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.metric_info import METRIC_INFO

_FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Entry:
    """A term and its meaning.

    Attributes:
        key: Name of the entry in `explain`.
        term: The term as the charts, labels and pages write it.
        short: Explanation in a few sentences, also the help text beside what it explains; empty
            for a setting without one.
        more: What the Learn page adds to it; may be empty.
        settings: Names of the `TrainingConfig` fields that it explains.
    """

    key: str
    term: str
    short: str
    more: str = ""
    settings: tuple[str, ...] = ()

    @property
    def meaning(self) -> str:
        """The whole explanation."""
        return f"{self.short} {self.more}".strip()

    @property
    def allowed(self) -> tuple[str, ...]:
        """A text for each setting: what it does, unless `short` says it, default and bounds."""
        return tuple(self._describe_setting(name) for name in self.settings)

    def explains_only(self, name: str) -> bool:
        """Return whether `short` explains a setting, and not a term that is more than it."""
        title = str(Settings.model_fields[name].title)
        is_same = self.term.rstrip("s") == title.rstrip("s")
        return is_same and name in self.settings and bool(self.short)

    def _describe_setting(self, name: str) -> str:
        field, schema = Settings.model_fields[name], get_setting_schema(name)
        default = format_setting(TrainingConfig(), name)
        is_text = schema.get("type") == "string" and "enum" not in schema
        values = f"Default: {default}{'' if is_text else f'; allowed: {describe_bounds(name)}'}."
        if self.explains_only(name) and schema.get("type") in ("integer", "number", "boolean"):
            return values
        return f"**{field.title}.** {field.description} {values}"


@dataclass(frozen=True)
class Chapter:
    """Entries of one subject, with a Material icon."""

    title: str
    icon: str
    entries: tuple[Entry, ...]


def explain(key: str) -> str:
    """Return the short explanation of a term, for a help text.

    Raises:
        KeyError: If the glossary has no such entry.
    """
    return _map_entries()[key].short


def explain_setting(name: str) -> str | None:
    """Return the short explanation of the term of a `TrainingConfig` field; None without one."""
    entry = next((entry for entry in _map_entries().values() if name in entry.settings), None)
    return entry.short or None if entry else None


def explain_briefly(name: str) -> str:
    """Return the first clause that explains a `TrainingConfig` field, as plain text."""
    entries = _map_entries().values()
    own = next((entry.short for entry in entries if entry.explains_only(name)), "")
    text = own or str(Settings.model_fields[name].description)
    return re.split(r"(?<=\w[\w)])[.;] |\.$", text)[0] + "."


def explain_settings(names: Collection[str]) -> str | None:
    """Return the terms of settings with their short explanations; None without any.

    Args:
        names: `TrainingConfig` fields.
    """
    entries = _map_entries().values()
    named = (entry for entry in entries if entry.short and set(names) & set(entry.settings))
    return "\n\n".join(f"{entry.term}: {entry.short}" for entry in named) or None


@functools.cache
def list_chapters() -> tuple[Chapter, ...]:
    """Return all chapters; settings without an entry are added to the last one."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    chapters = [
        Chapter(chapter["title"], chapter["icon"], tuple(map(_read_entry, chapter["entries"])))
        for chapter in content["chapters"]
    ]
    explained = {
        name for chapter in chapters for entry in chapter.entries for name in entry.settings
    }
    unexplained = tuple(
        Entry(name, get_setting_label(name), "", settings=(name,))
        for name in Settings.model_fields
        if name not in explained
    )
    last = chapters[-1]
    return (*chapters[:-1], Chapter(last.title, last.icon, last.entries + unexplained))


def find_terms(query: str) -> list[Entry]:
    """Return the entries that contain a query: first those with it in the term."""
    wanted = query.strip().lower()
    entries = list(_map_entries().values())
    in_term = [entry for entry in entries if wanted in entry.term.lower()]
    in_text = [
        entry
        for entry in entries
        if entry not in in_term
        and wanted in " ".join((entry.meaning, *entry.allowed, *entry.settings)).lower()
    ]
    return in_term + in_text


@functools.cache
def _map_entries() -> dict[str, Entry]:
    return {entry.key: entry for chapter in list_chapters() for entry in chapter.entries}


def _read_entry(table: dict[str, Any]) -> Entry:
    names: list[str] = table.get("metrics", [])
    texts = [METRIC_INFO[name].explain(table.get("noun", "digit")) for name in names]
    if len(names) > 1:  # A term of several metrics names each of them.
        texts = [
            f"{METRIC_INFO[name].label}: {text[0].lower()}{text[1:]}"
            for name, text in zip(names, texts, strict=True)
        ]
    return Entry(
        table["key"],
        table["term"],
        table.get("short", " ".join(texts)),
        table.get("more", ""),
        tuple(table.get("settings", ())),
    )

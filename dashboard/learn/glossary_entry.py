"""An entry of the glossary, and a chapter of entries.

What a setting does and allows comes from `TrainingConfig`. Imports no Streamlit.
"""

from __future__ import annotations

from dataclasses import dataclass

from dcgan.config import TrainingConfig
from dcgan.config_text import describe_bounds, format_setting


@dataclass(frozen=True)
class Entry:
    """A term and its meaning.

    Attributes:
        term: The term as the charts, labels and pages write it.
        meaning: Explanation; empty for a setting without one.
        settings: Names of the `TrainingConfig` fields that it explains.
    """

    term: str
    meaning: str
    settings: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """A sentence for each setting: what it does, what is allowed, and its default."""
        return tuple(_describe_setting(name) for name in self.settings)


@dataclass(frozen=True)
class Chapter:
    """Entries of one subject, with a Material icon."""

    title: str
    icon: str
    entries: tuple[Entry, ...]


def _describe_setting(name: str) -> str:
    field = TrainingConfig.model_fields[name]
    default = format_setting(TrainingConfig(), name)
    return (
        f"{field.title}: {field.description} "
        f"{describe_bounds(name).capitalize()}; {default} unless changed."
    )

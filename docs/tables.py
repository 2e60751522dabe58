"""Writes the tables in docs/ that come from the code.

    python docs/tables.py

The settings in settings.md come from `TrainingConfig`, the columns in history.md from the export of
a run's history, the bounds of a public demo in deployment.md from `DemoBounds`. Each document holds
its tables between two comments; the text around them is written by hand. `tests/test_docs.py`
fails while a table is out of date.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterable
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from dashboard.process.demo_bounds import OFFERED_SETTINGS, DemoBounds  # noqa: E402 - as below
from dcgan.config.config_text import describe_bounds, format_setting  # noqa: E402
from dcgan.config.setting_info import get_setting_group, list_settings_that_change  # noqa: E402
from dcgan.config.settings import Settings  # noqa: E402
from dcgan.config.training_config import PRESETS, TrainingConfig  # noqa: E402 - the path comes first
from dcgan.durations import describe_seconds  # noqa: E402
from dcgan.export.tables import COLUMNS  # noqa: E402

BEGIN, END = "<!-- begin: written by docs/tables.py -->", "<!-- end -->"


def settings_tables() -> str:
    """Return every setting as Markdown, one table for each group of the form."""
    presets = [TrainingConfig.preset(name) for name in PRESETS]
    heads = ["setting", *PRESETS, "allowed", "can change", "description"]
    groups: dict[str, list[list[str]]] = {}
    for name, field in Settings.model_fields.items():
        values = [_value_text(preset, name) for preset in presets]
        row = [f"`{name}`", *values, describe_bounds(name), _changes(name), str(field.description)]
        groups.setdefault(get_setting_group(name), []).append(row)
    return "\n\n".join(f"## {group}\n\n{_table(heads, rows)}" for group, rows in groups.items())


def history_table() -> str:
    """Return the columns of a run's history as a Markdown table."""
    rows = []
    # Columns that differ in their number only, such as the bins of a histogram, share a row.
    for _, group in itertools.groupby(COLUMNS, lambda name: re.sub(r"_\d+$", "", name)):
        names = list(group)
        first, last = COLUMNS[names[0]], COLUMNS[names[-1]]
        kinds = "all" if len(first.kinds) == 4 else ", ".join(first.kinds)
        title, meaning = f"`{names[0]}`", first.meaning
        if len(names) > 1:
            title += f" to `{names[-1]}`"
            meaning = f"The first: {first.meaning} The last: {last.meaning}"
        rows.append([title, first.type.__name__, kinds, meaning])
    return _table(["column", "type", "rows", "what it is"], rows)


def demo_table() -> str:
    """Return the bounds of a public demo as a Markdown table."""
    bounds = DemoBounds()
    rows = [
        ["training of a run (`--demo-seconds`)", describe_seconds(bounds.seconds)],
        [
            "the same run with all it prepares, measures and saves",
            _at_most(bounds.max_wall_seconds),
        ],
        ["runs of a visitor that train or wait", "1"],
        ["visitors who wait", f"{bounds.max_waiting} at most"],
        ["time without a connection until a place is lost", describe_seconds(bounds.gone_seconds)],
        ["a run is kept", f"{describe_seconds(bounds.keep_seconds)} from its start"],
        ["runs of one visitor that are kept", f"{bounds.max_kept_per_visitor} at most, the newest"],
        ["runs of all visitors that are kept", f"{bounds.max_kept} at most, the newest"],
        ["settings that a visitor can change", ", ".join(f"`{name}`" for name in OFFERED_SETTINGS)],
    ]
    return _table(["bound", "value"], rows)


def _at_most(seconds: float) -> str:
    return f"{describe_seconds(seconds)} at most"


TABLES = {
    DOCS / "settings.md": settings_tables,
    DOCS / "history.md": history_table,
    DOCS / "deployment.md": demo_table,
}


def updated(document: Path) -> str:
    """Return a document's text with its tables drawn from the code.

    Args:
        document: A key of `TABLES`.

    Raises:
        ValueError: If the document does not have both comments, each once.
    """
    before, rest = document.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{TABLES[document]()}\n\n{END}{after}"


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _value_text(config: TrainingConfig, name: str) -> str:
    """Return a value as it is typed on the command line; "no limit" and "none" are for people."""
    value = getattr(config, name)
    return value if isinstance(value, str) and value else format_setting(config, name)


def _changes(name: str) -> str:
    if name in list_settings_that_change("live"):
        return "while training"
    return "in a branch" if name in list_settings_that_change("in_branch") else "no"


if __name__ == "__main__":
    for path in TABLES:
        path.write_text(updated(path), encoding="utf-8")

"""The table of a sweep."""

from __future__ import annotations

from pathlib import Path

from dcgan.config.training_config import TrainingConfig
from dcgan.sweeps.combinations import assign_folders
from dcgan.sweeps.grid import expand_grid
from dcgan.sweeps.table import format_table, read_row
from tests.reports import evaluation_report

BASE = TrainingConfig(epochs=2)


def test_the_table_compares_the_runs_and_names_the_best(tmp_path: Path) -> None:
    found = assign_folders(expand_grid(BASE, {"seed": [1, 2, 10]}), ["seed"], tmp_path)
    rows = [read_row(combination) for combination in found]
    assert [line.split() for line in format_table(rows)][1][:4] == ["1", "not", "started", "–"]
    make_row = type(rows[0])
    measured = (evaluation_report(938, 1.25), evaluation_report(1876, 1.5))
    rows[0] = make_row(found[0], "finished", 1876, 40.4, measured)
    rows[2] = make_row(found[2], "stopped", 900, 20.0, (evaluation_report(900, 31.5),))
    lines = format_table(rows)
    assert lines[0].split() == [
        "seed", "state", "step", "seconds", "distance", "best", "run",
    ]  # fmt: skip
    assert lines[1].split() == ["1", "finished", "1,876", "40", "1.50", "1.25", found[0].path.name]
    assert len({line.index("sweep-") for line in lines[1:4]}) == 1  # In columns.
    assert lines[4] == "Best distance: 1.25, seed 1."
    assert format_table([]) == []

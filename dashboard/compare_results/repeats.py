"""Repeats: runs with the same settings and other seeds. None of them wins.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.comparison_table import list_differing_learning_settings
from dashboard.compare_results.limited_time import trained_for_equal_time
from dcgan.comparison.unequal_steps import are_much_longer


def are_repeats(measured: Sequence[ComparedRun]) -> bool:
    """Return whether runs have the same settings except for their seeds.

    Runs of unequal length are repeats only if they trained for the same time.
    """
    settings = list_differing_learning_settings([compared_run.run for compared_run in measured])
    steps = [compared_run.result.step for compared_run in measured]
    return (
        settings == ["seed"]
        and not any(compared_run.record.changes for compared_run in measured)
        and (not are_much_longer(steps) or trained_for_equal_time(measured))
    )

"""The choice of the runs to compare, in the colours of their lines, and of the range."""

from __future__ import annotations

import streamlit as st

from dashboard.compare.comparison_charts import pick_color
from dashboard.components.focus import request_focus
from dashboard.shared import run_labels
from dcgan.runs.run_folder import Run

_CHOSEN = "compare_runs"
_NUM_DEFAULT = 3  # The newest runs are chosen at first.


def choose_runs(runs: dict[str, Run]) -> list[Run]:
    """Render the choice of runs; return the chosen ones.

    Args:
        runs: All runs by name, the newest first.
    """
    default = list(runs)[:_NUM_DEFAULT]
    kept = [name for name in st.session_state.get(_CHOSEN, default) if name in runs]
    st.session_state[_CHOSEN] = kept
    names = st.multiselect(
        "Runs",
        list(runs),
        key=_CHOSEN,
        persist_state="session",
        format_func=run_labels.label_runs(runs.values()).__getitem__,
    )
    _color_chips(len(names))
    chosen = [runs[name] for name in names]
    included = next((name for name, run in runs.items() if run.is_read_only), None)
    if included is not None and included not in names:
        st.button(
            "Compare with the included run",
            icon=":material/compare_arrows:",
            key="compare-included",
            on_click=_add,
            args=(included,),
        )
    return chosen


def _add(name: str) -> None:
    st.session_state[_CHOSEN] = [*st.session_state[_CHOSEN], name]
    request_focus("compare-chart")  # The button goes away.


def _color_chips(num: int) -> None:
    """Give each chip a stripe in the colour of its run's line."""
    rules = "".join(
        f'.st-key-{_CHOSEN} [data-tag-index="{index}"] '
        f"{{ border-left: 0.6rem solid {pick_color(index)} !important; }}"
        for index in range(num)
    )
    st.html(
        f"<style>.st-key-{_CHOSEN} [data-tag] {{ color: inherit; "
        f"background: rgb(128 128 128 / 15%); }} {rules}</style>"
    )

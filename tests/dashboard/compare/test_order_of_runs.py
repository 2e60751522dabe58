"""The order of the runs on Compare: that of the choice, in cards, dots, legend and tables."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts import dots_panel
from dashboard.compare import overlay_panel
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import prepare_page, run_page
from tests.reports import evaluation_report

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.fixture
def alts(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the descriptions of the charts that the page shows, by key."""
    shown: dict[str, str] = {}

    def render(figure: str, *, alt: str, key: str, **_: object) -> None:
        shown[key] = alt

    for panel in (overlay_panel, dots_panel):
        monkeypatch.setattr(panel, "render_chart", render)
    return shown


def open_page(new_run: NewRun, distances: dict[str, float]) -> AppTest:
    """Open Compare with runs of these distances, chosen in this order."""
    for name, distance in distances.items():
        run = new_run(name)
        with run.lock.held():
            for step in (13, 26):
                run.write(evaluation_report(step, distance))
        run.write_label(name, "")
    page = prepare_page("compare")
    page.session_state["compare_runs"] = list(distances)
    return run_page(page)


def test_a_result_leaves_the_order_of_dots_legend_and_tables_as_it_was_chosen(
    new_run: NewRun, alts: dict[str, str]
) -> None:
    page = open_page(new_run, {"far": 50.0, "middle": 30.0, "near": 9.0})
    assert "far 50.0, middle 30.0, near 9.00, up to step" in alts["dots"]
    assert " of far, middle, near, up to step" in alts["compare"]
    assert list(page.table[0].value.columns[1:]) == ["far", "middle", "near"]


def test_a_single_distance_proves_nothing_so_it_has_no_dots(
    new_run: NewRun, alts: dict[str, str]
) -> None:
    open_page(new_run, {"alone": 9.0})
    assert "dots" not in alts
    assert "compare" in alts

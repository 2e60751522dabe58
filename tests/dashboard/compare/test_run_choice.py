"""The Compare page: the choice of runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.compare.comparison_charts import pick_color
from dashboard.state import trainer as trainer_module
from dcgan.runs import run_folder
from tests.dashboard.conftest import NewRun

_PAGE = Path(trainer_module.__file__).parents[1] / "app_pages" / "compare.py"


def test_one_click_adds_the_included_run_in_a_colour_of_its_own(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shipped = new_run(path=tmp_path / "elsewhere" / "shipped")
    monkeypatch.setattr(run_folder, "SHIPPED", shipped.path)
    for name in ("one", "two", "three"):
        new_run(name)
    page = AppTest.from_file(str(_PAGE), default_timeout=60).run()
    assert not page.exception
    assert set(page.multiselect(key="compare_runs").value) == {"one", "two", "three"}
    page.button(key="compare-included").click().run()
    assert not page.exception
    assert page.multiselect(key="compare_runs").value[3:] == ["shipped"]
    assert "compare-included" not in [button.key for button in page.button]
    assert len({pick_color(index) for index in range(4)}) == 4

"""Labels of runs in lists to choose from."""

from __future__ import annotations

from dashboard.shared.run_labels import label_runs
from tests.dashboard.conftest import NewRun


def test_equal_titles_are_followed_by_the_time_of_the_start_or_the_name(new_run: NewRun) -> None:
    names = ("mnist-20261129-102758", "mnist-20261129-102758-20261130-093000", "other", "alone")
    runs = [new_run(name) for name in names]
    for run in runs[:3]:
        run.write_label("My run", "")
    assert label_runs(runs) == {
        names[0]: "My run (29 Nov 10:27)",
        names[1]: "My run (30 Nov 09:30)",
        "other": "My run (other)",
        "alone": "alone",
    }
    same_minute = new_run("mnist-20261129-102701")
    same_minute.write_label("My run", "")
    assert label_runs([runs[0], same_minute]) == {
        names[0]: f"My run ({names[0]})",
        "mnist-20261129-102701": "My run (mnist-20261129-102701)",
    }

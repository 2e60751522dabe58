"""The Train page after a race."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dcgan.sweeps.race import change_race, create_race
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import prepare_page, run_page
from tests.races import make_race, measure


@pytest.mark.parametrize("is_complete", [True, False])
def test_the_page_shows_the_nearest_run_of_the_race_and_not_the_last(
    trainer: Trainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch, *, is_complete: bool
) -> None:
    race = create_race(trainer.root, make_race(1), datetime(2026, 11, 30, 22, 14, tzinfo=UTC))
    runs = [new_run(name) for name in ("winner", "loser")]
    for index, (run, distance) in enumerate(zip(runs, (0.3, 0.9), strict=True)):
        run.write_label(run.name, "")
        change_race(trainer.root, race.name, index, folder=run.name)
        if is_complete or index:
            change_race(trainer.root, race.name, index, measurement=measure(distance))
    ended = Snapshot(phase="finished", run=runs[1], config=runs[1].config)
    monkeypatch.setattr(trainer, "snapshot", lambda: ended)
    page = run_page(prepare_page("train"))
    (title,) = [html.proto.body for html in page.get("html") if "<h1" in html.proto.body]
    assert (">winner" in title) == is_complete
    assert (">loser" in title) != is_complete

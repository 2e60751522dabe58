"""The Train page after a race."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.run_facts.labels import EXPERIMENT_TITLE
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
        run.write_label(f"Race 30 Nov 22:14: {run.name}", "")
        change_race(trainer.root, race.name, index, folder=run.name)
        if is_complete or index:
            change_race(trainer.root, race.name, index, measurement=measure(distance))
    ended = Snapshot(phase="finished", run=runs[1], config=runs[1].config)
    monkeypatch.setattr(trainer, "snapshot", lambda: ended)
    page = run_page(prepare_page("train"))
    (title,) = [html.proto.body for html in page.get("html") if "<h1" in html.proto.body]
    assert ("winner<" in title) == is_complete
    assert ("loser<" in title) != is_complete


def _list_labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_a_new_tab_shows_the_own_run_instead_of_an_incomplete_race(
    trainer: Trainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_run("mine")
    _end_race(trainer, new_run, monkeypatch, measured=())
    page = run_page(prepare_page("train"))
    assert any(">mine</h1>" in html.proto.body for html in page.get("html"))
    assert page.selectbox(key="shown_run_widget").options[0].endswith("(this dashboard)")


def test_a_run_of_an_incomplete_race_leads_back_to_it_and_is_not_continued(
    trainer: Trainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    _end_race(trainer, new_run, monkeypatch, measured=())
    page = run_page(prepare_page("train"))
    captions = [caption.value for caption in page.caption]
    assert "This is run 2 of a race, which is not complete." in captions
    assert "Show the race" in _list_labels(page)
    assert not [label for label in _list_labels(page) if label.startswith("Continue")]


def test_after_a_restart_the_stopped_run_of_an_incomplete_race_is_opened_and_not_continued(
    trainer: Trainer, new_run: NewRun
) -> None:
    race = create_race(trainer.root, make_race(1), datetime(2026, 11, 30, 22, 14, tzinfo=UTC))
    run = new_run("first", epochs=20)
    run.write_status("stopped", step=26, seconds=70.0)
    assert {"Open", "Continue"} <= set(_list_labels(run_page(prepare_page("train"))))
    change_race(trainer.root, race.name, 0, folder=run.name)
    labels = _list_labels(run_page(prepare_page("train")))
    assert "Open" in labels
    assert "Continue" not in labels


def test_a_run_of_a_complete_race_leads_back_to_it_and_can_be_continued(
    trainer: Trainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    _end_race(trainer, new_run, monkeypatch, measured=(0.9, 0.3))
    page = run_page(prepare_page("train"))
    assert "This is run 2 of a race." in [caption.value for caption in page.caption]
    assert {"Show the race", "Continue this run"} <= set(_list_labels(page))


def test_the_run_of_an_experiment_leads_back_to_learn_and_is_not_continued(
    trainer: Trainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("experiment")
    run.write_label(f"{EXPERIMENT_TITLE}Speed the generator up", "")
    ended = Snapshot(phase="finished", run=run, config=run.config)
    monkeypatch.setattr(trainer, "snapshot", lambda: ended)
    page = run_page(prepare_page("train"))
    captions = [caption.value for caption in page.caption]
    assert "This is the run of an experiment on Learn." in captions
    assert "Show the experiments" in _list_labels(page)
    assert not [label for label in _list_labels(page) if label.startswith("Continue")]


def _end_race(
    trainer: Trainer,
    new_run: NewRun,
    monkeypatch: pytest.MonkeyPatch,
    *,
    measured: tuple[float, ...],
) -> None:
    """End a race of two runs here, with the distances of its first runs."""
    race = create_race(trainer.root, make_race(1), datetime(2026, 11, 30, 22, 14, tzinfo=UTC))
    runs = [new_run(name) for name in ("first", "second")]
    for index, run in enumerate(runs):
        run.write_label(f"Race 30 Nov 22:14: {run.name}", "")
        change_race(trainer.root, race.name, index, folder=run.name)
    for index, distance in enumerate(measured):
        change_race(trainer.root, race.name, index, measurement=measure(distance))
    ended = Snapshot(phase="stopped", run=runs[1], config=runs[1].config)
    monkeypatch.setattr(trainer, "snapshot", lambda: ended)

"""The race of a link while another one is in progress, and the dots of a short race."""

from __future__ import annotations

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts import dots_panel
from dashboard.state.trainer import Trainer
from dcgan.sweeps.queue import QueuedRun, append_to_queue
from dcgan.sweeps.race import change_race, create_race, list_races, read_race
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import (
    list_buttons,
    list_captions,
    prepare_page,
    press,
    read_texts,
    run_page,
)
from tests.races import NAME, TIME, make_race, measure
from tests.reports import evaluation_report

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.fixture
def active(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a race whose first run waits, newer than the measured one of NAME."""
    monkeypatch.setattr(trainer.queue_runner, "start_next", lambda: None)
    create_race(trainer.root, make_race(1), TIME)
    for index, distance in enumerate((0.2, 0.9)):
        change_race(trainer.root, NAME, index, measurement=measure(distance))
    create_race(trainer.root, make_race(1), TIME.replace(year=2027))
    (name,) = set(list_races(trainer.root)) - {NAME}
    config = read_race(trainer.root, name).runs[0].config
    append_to_queue(trainer.root, [QueuedRun.create(config, name, 0)])
    return name


def open_link(race: str) -> AppTest:
    page = prepare_page("compare")
    page.query_params["race"] = race
    return run_page(page)


def test_a_link_shows_its_race_while_another_one_is_in_progress(active: str) -> None:
    page = open_link(NAME)
    assert "“beta" in page.subheader[0].value
    assert "Another race is in progress." in read_texts(page)
    # Nothing offers to train, and the page stays at this race.
    labels = " ".join(list_buttons(page))
    assert not any(word in labels for word in ("Train with", "Race again", "Another race", "Stop"))
    assert "“beta" in run_page(page).subheader[0].value
    del page.session_state["race_of_link"]  # Another click came before this one.
    press(page, "Show it")
    assert not page.subheader
    assert "Another race is in progress." not in read_texts(page)
    assert "Stop the race" in list_buttons(page)


def test_two_equal_races_of_one_minute_can_both_be_chosen(trainer: Trainer) -> None:
    for second in (12, 40):
        create_race(trainer.root, make_race(1), TIME.replace(second=second))
    choice = open_link(NAME).selectbox(key=f"race_shown_{NAME[:-2]}40")
    assert choice.value == NAME
    assert len(set(choice.options)) == 2


def test_a_link_to_the_race_in_progress_has_no_line_about_another(active: str) -> None:
    page = open_link(active)
    assert "Another race is in progress." not in read_texts(page)
    assert "Stop the race" in list_buttons(page)


def test_a_race_too_short_for_lines_has_a_dot_for_each_result_in_the_order_of_its_cards(
    trainer: Trainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: dict[str, str] = {}
    monkeypatch.setattr(
        dots_panel, "render_chart", lambda figure, *, alt, key, **_: shown.update({key: alt})
    )
    create_race(trainer.root, make_race(1), TIME)
    for index, distance in enumerate((9.0, 2.0)):
        run = new_run(f"run-{index}")
        with run.lock.held():
            run.write(evaluation_report(26, 20.0))
        measured = measure(distance, step=26)
        change_race(trainer.root, NAME, index, folder=run.name, measurement=measured)
        open_link(NAME)
        if not index:
            assert not shown  # One result compares nothing.
    assert shown == {
        "race-dots": "Distance to real digits of beta_1 0 2.00, beta_1 0.5 9.00, up to step 26"
    }


def test_a_card_says_whether_a_measured_run_is_gone_or_only_its_pictures(
    trainer: Trainer, new_run: NewRun
) -> None:
    create_race(trainer.root, make_race(1), TIME)
    shutil.rmtree(new_run("kept").path / "samples")
    for index, folder in enumerate(("kept", "deleted")):
        change_race(trainer.root, NAME, index, folder=folder, measurement=measure(2.0, step=26))
    captions = list_captions(open_link(NAME))
    assert [text for text in captions if text.startswith("Its")] == [
        "Its digits are gone",
        "Its run was deleted",
    ]

"""The winner of a race: its card comes first, and the buttons open its run."""

from __future__ import annotations

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state.trainer import Trainer
from dcgan.sweeps.queue import QueuedRun, append_to_queue
from dcgan.sweeps.race import change_race, create_race
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import (
    list_buttons,
    list_captions,
    press,
    read_texts,
    remove_escapes,
    run_page,
)
from tests.races import NAME, TIME, make_race, measure

pytestmark = pytest.mark.usefixtures("no_included_run")

REQUESTED = "shown_run_requested"
FIRST, WINNER = "**beta_1 0.5**", "**beta_1 0**"


@pytest.fixture
def race_page(page: AppTest, trainer: Trainer, new_run: NewRun) -> AppTest:
    """Return the page with a race whose second variant won; its second seed is the nearest."""
    create_race(trainer.root, make_race(), TIME)
    for index, distance in enumerate((0.36, 0.26, 0.34, 0.24)):
        folder = new_run(f"run-{index}").name
        change_race(trainer.root, NAME, index, folder=folder, measurement=measure(distance))
    return page


def test_the_card_of_the_winner_comes_first_when_the_race_has_ended(
    race_page: AppTest, trainer: Trainer
) -> None:
    texts = read_texts(run_page(race_page))
    assert texts.index(WINNER) < texts.index(FIRST)
    # Before, no card changes its place.
    race = make_race()
    change_race(trainer.root, NAME, 2, measurement=None)
    append_to_queue(trainer.root, [QueuedRun.create(race.runs[2].config, NAME, 2)])
    texts = read_texts(run_page(race_page))
    assert texts.index(FIRST) < texts.index(WINNER)


def test_an_unequal_number_of_seeds_so_far_is_named(page: AppTest, trainer: Trainer) -> None:
    race = make_race()
    create_race(trainer.root, race, TIME)
    for index, distance in enumerate((0.36, 0.35, 0.30)):
        change_race(trainer.root, NAME, index, measurement=measure(distance))
    append_to_queue(trainer.root, [QueuedRun.create(race.runs[3].config, NAME, 3)])
    (headline,) = run_page(page).subheader
    assert remove_escapes(headline.value).startswith(
        "So far: after 1 min there is no clear difference"
    )
    text = read_texts(page)
    assert "The headline has the one seed with which all settings were measured." in text
    assert "2 or 3 seeds" not in text  # It has two.


def test_a_card_says_which_seed_its_picture_shows(race_page: AppTest, trainer: Trainer) -> None:
    captions = list_captions(run_page(race_page))
    assert "Seed 0 (shown): 0.36, seed 1: 0.34" in captions
    shutil.rmtree(trainer.root / "run-0")
    assert "Seed 0: 0.36, seed 1 (shown): 0.34" in list_captions(run_page(race_page))


def test_a_result_has_one_primary_button_and_the_others_are_quiet(race_page: AppTest) -> None:
    types = {button.label: button.proto.type for button in run_page(race_page).button}
    assert types == {
        r"Train with “beta\_1 0”": "primary",
        r"Open “beta\_1 0”": "tertiary",
        "Compare in detail": "tertiary",
        "Another race": "tertiary",
    }


@pytest.mark.parametrize("button", [r"Open “beta\_1 0”", r"Train with “beta\_1 0”"])
def test_the_train_page_opens_with_the_winner_and_not_with_the_last_run(
    button: str, race_page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("streamlit.switch_page", opened.append)
    press(run_page(race_page), button)
    assert opened == ["app_pages/train.py"]
    assert race_page.session_state[REQUESTED] == "run-3"


def test_without_a_winner_no_run_is_opened(race_page: AppTest, trainer: Trainer) -> None:
    for index in (1, 3):
        change_race(trainer.root, NAME, index, measurement=measure(0.35))
    assert not [label for label in list_buttons(run_page(race_page)) if label.startswith("Open")]

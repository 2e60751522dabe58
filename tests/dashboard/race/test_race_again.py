"""The race after an unclear one, and the warnings of a busy computer."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.race.again import plan_longer
from dashboard.race.measurement_text import describe_measurement
from dashboard.race.plan_text import describe_plan
from dashboard.race.speed_swings import describe_swings
from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.sweeps.queue import QueuedRun, append_to_queue
from dcgan.sweeps.race import (
    Race,
    Variant,
    create_race,
    list_races,
    plan_race,
    read_race,
)
from tests.dashboard.conftest import NewRun, PretendToTrain
from tests.dashboard.rendering import (
    list_buttons,
    list_primary_buttons,
    press,
    read_texts,
    remove_escapes,
    run_page,
)
from tests.races import NAME, TIME, make_race, measure, with_measurements
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_a_race_without_a_clear_difference_offers_a_longer_one_and_starts_it(
    page: AppTest, trainer: Trainer
) -> None:
    create_race(trainer.root, with_measurements(make_race(1), 0.25, 0.24), TIME)
    run_page(page)
    assert "After 1 min there is no clear difference" in remove_escapes(page.subheader[0].value)
    longer = "Race again: 3 runs of each, 2 min (about 14 min)"
    assert list_primary_buttons(page) == [longer]
    press(page, longer)
    (name,) = set(list_races(trainer.root)) - {NAME}
    race = read_race(trainer.root, name)
    assert (race.seconds, race.num_seeds, len(race.runs)) == (120.0, 3, 6)
    assert {run.config.beta_1 for run in race.runs} == {0.5, 0.0}
    # The form has the same values, for a race after it.
    assert page.session_state["race_seconds"] == 120.0
    assert page.session_state["race_seeds"] == 3


def test_nothing_longer_is_offered_where_it_would_not_help(page: AppTest, trainer: Trainer) -> None:
    # Both are as near as two sets of real digits, 0.07.
    create_race(trainer.root, with_measurements(make_race(1), 0.05, 0.06), TIME)
    assert list_primary_buttons(run_page(page)) == []
    variants = [Variant(f"{size}", TrainingConfig(batch_size=size)) for size in (32, 64)]
    longest = plan_race(variants, 300.0, 3)
    assert plan_longer(longest) is None


def with_steps(race: Race, *steps: int) -> Race:
    runs = [
        run.model_copy(update={"measurement": measure(0.3, step=step)})
        for run, step in zip(race.runs, steps, strict=True)
    ]
    return race.model_copy(update={"runs": tuple(runs)})


def test_seeds_of_one_variant_with_unequal_steps_show_a_busy_computer(
    page: AppTest, trainer: Trainer
) -> None:
    assert describe_swings(with_steps(make_race(), 1000, 1000, 1200, 1200), {}) == ""
    race = with_steps(make_race(), 967, 967, 1618, 1618)
    text = describe_swings(race, {})
    assert "The runs of “beta_1 0.5” made 967 and 1,618 steps, so other programs" in text
    create_race(trainer.root, race, TIME)
    assert text in remove_escapes(read_texts(run_page(page)))
    assert not page.warning  # It is a part of the evidence and no second message.
    assert list_primary_buttons(page) == ["Race again"]


def test_a_winner_of_a_race_on_a_busy_computer_can_race_again(
    page: AppTest, trainer: Trainer, new_run: NewRun, pretend_to_train: PretendToTrain
) -> None:
    runs = [
        run.model_copy(update={"measurement": measure(distance, step=step)})
        for run, distance, step in zip(
            make_race().runs, (0.9, 0.2, 0.9, 0.2), (2000, 2000, 3000, 3000), strict=True
        )
    ]
    create_race(trainer.root, make_race().model_copy(update={"runs": tuple(runs)}), TIME)
    text = read_texts(run_page(page))
    assert text.count(":material/warning:") == 1
    assert "made 2,000 and 3,000 steps" in text
    headline = remove_escapes(page.subheader[0].value)
    assert headline == "“beta_1 0” came nearer to real digits after 1 min: 0.20 instead of 0.90."
    assert "ikely" not in text  # One message: the doubt is the sentence below the headline.
    assert page.button(key="race-again").help.startswith("Close other programs first")
    assert list_primary_buttons(page) == [r"Train with “beta\_1 0”"]
    assert "Race again" in list_buttons(page)
    other = new_run("other")
    other.write_label("My *best* run", "")
    pretend_to_train(other)
    button = run_page(page).button(key="race-again")
    assert r"starts when “My \*best\* run” has ended" in button.help


def test_a_run_that_becomes_slower_within_the_race_shows_a_busy_computer(new_run: NewRun) -> None:
    run = new_run("first")
    race = with_steps(make_race(1), 20, 20)
    with run.lock.held():
        for step in range(1, 21):
            speed = 1000.0 if step <= 11 else 700.0
            run.write(step_report(step, images_per_second=speed))
    text = describe_swings(race, {0: run})
    assert "trained 30% slower in the second half of its time than in the first, so" in text
    # What came after the race is not part of it.
    assert describe_swings(with_steps(make_race(1), 10, 20), {0: run}) == ""


def test_steps_of_a_busy_computer_are_no_result_of_the_settings() -> None:
    variants = [Variant(f"Batch size {size}", TrainingConfig(batch_size=size)) for size in (32, 64)]
    race = with_steps(plan_race(variants, 60.0, 1), 3000, 1500)
    assert "that is part of the result" in describe_measurement(race)
    assert "their settings and other programs change" in describe_measurement(race, was_busy=True)


def test_the_form_counts_the_runs_that_train_before_the_race(
    trainer: Trainer, new_run: NewRun, pretend_to_train: PretendToTrain
) -> None:
    race = make_race(1)
    assert "starts when" not in describe_plan(race, trainer)
    pretend_to_train(new_run("first"))
    assert describe_plan(race, trainer).endswith("starts when “first” has ended.")
    waiting = [QueuedRun.create(TrainingConfig(), "", 0) for _ in range(2)]
    append_to_queue(trainer.root, waiting)
    trainer.queue_runner.release()
    end = "starts when “first” and the 2 queued runs have ended."
    assert describe_plan(race, trainer).endswith(end)


def test_a_comparison_that_a_race_opened_leads_back_to_it(compare: AppTest) -> None:
    press(run_page(compare), "Compare in detail")
    press(run_page(compare), "Back to the race")
    assert compare.session_state["compare-tabs"] == "Race"
    assert "is nearer to real digits" in remove_escapes(run_page(compare).subheader[0].value)
    press(compare, "Compare in detail")
    run_page(compare).multiselect(key="compare_runs").set_value(["first"])
    assert "Back to the race" not in list_buttons(run_page(compare))
    assert "first" in read_texts(compare)

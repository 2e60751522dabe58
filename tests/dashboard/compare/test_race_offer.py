"""The button that races the settings of the compared runs."""

from __future__ import annotations

import pytest
from streamlit.elements.lib import policies
from streamlit.testing.v1 import AppTest

from dashboard.access import permissions
from dashboard.access.rules import Role
from dashboard.compare.next_panel import find_unused_seed
from dashboard.state.trainer import Trainer
from dcgan.config.settings import MAX_SEED
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import QueuedRun, append_to_queue, read_queue
from dcgan.sweeps.race import (
    Variant,
    change_race,
    create_race,
    list_races,
    plan_race,
    read_race,
)
from tests.dashboard.conftest import NewRun, PretendToTrain
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import (
    list_buttons,
    list_primary_buttons,
    prepare_page,
    press,
    read_texts,
    remove_escapes,
    run_page,
)
from tests.races import NAME, TIME, make_race
from tests.races import measure as measure_with_10_000
from tests.reports import evaluation_report, step_report

pytestmark = pytest.mark.usefixtures("no_included_run")

BUTTON = "Race these settings"
OTHER = {"batch_size": 32, "loss": "hinge", "dropout": 0.4}


def measure(run: Run, distance: float, step: int = 26) -> Run:
    """Write an evaluation of a run."""
    with run.lock.held():
        run.write(evaluation_report(step, distance))
    return run


def open_page(*runs: Run) -> AppTest:
    page = prepare_page("compare")
    page.session_state["compare_runs"] = [run.name for run in runs]
    return run_page(page)


@pytest.fixture
def near(new_run: NewRun) -> Run:
    """Return a run with the tiny settings and a small distance."""
    return measure(new_run("near"), 2.0)


def test_one_click_fills_the_form_with_exactly_the_settings_of_the_runs(
    near: Run, new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer.queue_runner, "start_next", lambda: None)
    far = measure(new_run("far", dropout=0.4, r1_penalty=1.0), 9.0)
    page = open_page(far, near)
    assert "R1 penalty 1 instead of" in read_texts(page)
    press(page, BUTTON)
    assert page.session_state["compare-tabs"] == "Race"
    assert page.session_state["focus_request"]["target"] == "start-race"
    assert list_primary_buttons(page) == ["Start the race"]
    assert page.multiselect(key="race_values_runs").value == ["near", "far"]
    assert "2 settings × 2 runs × 1 min = 4 min of training" in read_texts(page)
    press(page, "Start the race")
    (name,) = list_races(trainer.root)
    race = read_race(trainer.root, name)
    assert race.variant_labels == ("near", "far")
    assert [(run.config.dropout, run.config.r1_penalty) for run in race.runs[:2]] == [
        (0.0, near.config.r1_penalty), (0.4, 1.0),
    ]  # fmt: skip
    assert len(read_queue(trainer.root)) == 4


def test_a_race_is_the_next_step_where_luck_can_explain_the_gap(near: Run, new_run: NewRun) -> None:
    far = measure(new_run("far", dropout=0.4), 2.2)
    page = open_page(far, near)
    assert "**Next**: Chance can explain the gap." in read_texts(page)
    assert list_primary_buttons(page) == [BUTTON]
    assert list_buttons(page).count(BUTTON) == 1


def test_another_seed_of_a_run_fills_the_form_of_train(
    near: Run, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("streamlit.switch_page", opened.append)
    far = measure(new_run("far", start_from="some-run"), 2.2)  # No race compares these.
    new_run("another", seed=near.config.seed + 1)  # Its seed would give an equal run.
    page = press(open_page(far, near), "Train “near” with another seed")
    assert opened == ["app_pages/train.py"]
    config, _ = page.session_state["form_filled"]
    assert config == near.config.replace(seed=near.config.seed + 2)


def test_after_the_largest_seed_comes_the_smallest_unused_one() -> None:
    assert find_unused_seed(3, {3, 4, 9}) == 5
    assert find_unused_seed(MAX_SEED, {MAX_SEED, 0}) == 1


def test_a_button_of_a_run_with_a_long_name_does_not_call_it_the_nearest(
    near: Run, new_run: NewRun
) -> None:
    near.write_label("A name that no button on a phone has room for", "")
    far = measure(new_run("far", dropout=0.4), 90.0)
    (label,) = list_primary_buttons(open_page(far, near))
    assert label.startswith("Continue this run")


def test_a_short_run_that_still_improves_is_continued(
    near: Run, new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    continued: list[str] = []

    def continue_run(run: Run, **_: object) -> bool:
        continued.append(run.name)
        return True

    monkeypatch.setattr(trainer, "continue_run", continue_run)
    monkeypatch.setattr("streamlit.switch_page", lambda page: None)
    far = measure(new_run("far", dropout=0.4), 90.0)
    page = open_page(far, near)
    (label,) = list_primary_buttons(page)
    assert label.startswith("Continue “near”")
    assert BUTTON in list_buttons(page)
    press(page, label)
    assert continued == ["near"]


def test_while_another_run_trains_the_next_step_says_when_a_run_can_continue(
    near: Run, new_run: NewRun, trainer: PosedTrainer, pretend_to_train: PretendToTrain
) -> None:
    far, other = measure(new_run("far", dropout=0.4), 90.0), new_run("other")
    pretend_to_train(other)
    trainer.live.add(other, step_report(5), keeps_message=False)
    text = "You can continue it when the run that trains now has ended."
    assert text in read_texts(open_page(far, near))


def test_runs_with_many_differences_race_as_they_are(
    near: Run, new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer.queue_runner, "start_next", lambda: None)
    far = measure(new_run("far", seed=3, **OTHER), 9.0)
    create_race(trainer.root, make_race(), TIME)  # The form is in the place of its result.
    page = press(open_page(far, near), BUTTON)
    assert page.selectbox(key="race_setting_0").value == "runs"
    assert page.multiselect(key="race_values_runs").value == ["near", "far"]
    page.segmented_control(key="race_seeds").set_value(1)
    run_page(page)
    press(page, "Start the race")
    race = read_race(trainer.root, list_races(trainer.root)[0])
    assert race.variant_labels == ("near", "far")
    first, second = (run.config for run in race.runs)
    assert (second.batch_size, second.loss, second.dropout) == (32, "hinge", 0.4)
    assert first.replace(**OTHER, label_smoothing=second.label_smoothing) == second  # One seed too.


def test_runs_that_trained_for_unequal_time_are_offered_a_race(near: Run, new_run: NewRun) -> None:
    far = measure(new_run("far", loss="hinge", r1_penalty=0.1), 9.0, step=13)
    page = open_page(far, near)
    assert "13 steps instead of 26." in read_texts(page)
    press(page, BUTTON)
    assert page.multiselect(key="race_values_runs").value == ["near", "far"]


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},  # The race chooses the seeds.
        {"epochs": 7},
        {"dataset": "fashion_mnist", **OTHER},
    ],
)
def test_what_a_race_cannot_tell_has_no_button(
    changes: dict[str, object], near: Run, new_run: NewRun
) -> None:
    far = measure(new_run("far", **changes), 9.0)
    if "dataset" in changes:
        far.dataset = far.dataset.model_copy(update={"fingerprint": "0" * 16})
        far.change_config(far.config)
    assert BUTTON not in list_buttons(open_page(far, near))


def test_more_than_four_settings_and_a_race_in_progress_are_said_in_a_sentence(
    near: Run, new_run: NewRun, trainer: Trainer
) -> None:
    others = [
        measure(new_run(f"far-{number}", **OTHER | {"batch_size": 32 + number}), 9.0)
        for number in range(4)
    ]
    page = open_page(near, *others)
    assert BUTTON not in list_buttons(page)
    assert "To race these settings for equal time, choose up to 4 runs above." in read_texts(page)
    assert BUTTON in list_buttons(open_page(near, *others[1:]))
    race = create_race(trainer.root, make_race(), TIME)
    append_to_queue(trainer.root, [QueuedRun.create(race.runs[0].config, NAME, 0)])
    page = prepare_page("compare")
    page.session_state["compare-tabs"] = "Runs"
    page.session_state["compare_runs"] = [near.name, others[0].name]
    run_page(page)
    assert BUTTON not in list_buttons(page)
    assert "when the current race has ended" in read_texts(page)


def test_watchers_have_no_button(
    near: Run, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "get_role", lambda: Role.WATCHER)
    assert BUTTON not in list_buttons(open_page(near, measure(new_run("far", **OTHER), 9.0)))


def test_neither_a_link_nor_a_filled_form_warns_in_the_server_log(
    near: Run, new_run: NewRun, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Streamlit warns once in each process of a field with a default that also has another value.
    monkeypatch.setattr(policies, "_shown_default_value_warning", False)
    far = measure(new_run("far", dropout=0.4, r1_penalty=1.0, batch_size=8), 9.0)
    page = prepare_page("compare")
    link = {"run": [far.name, near.name], "step": ["26"], "axis": ["seconds"]}
    for name, values in link.items():
        page.query_params[name] = values
    press(run_page(page), BUTTON)
    assert page.selectbox(key="race_setting_0").value == "runs"
    assert not [text for text in caplog.messages if "default value" in text]


def test_a_value_of_a_run_that_is_no_option_of_the_form_is_one_then(
    near: Run, new_run: NewRun
) -> None:
    far = measure(new_run("far", augment="0.3"), 9.0, step=13)
    page = press(open_page(far, near), BUTTON)
    choice = page.multiselect(key="race_values_augment")
    assert (choice.value, choice.options) == (["off", 0.3], ["auto", "off", "0.3"])
    assert "2 settings × 2 runs × 1 min" in read_texts(page)


def write_race(trainer: Trainer, *runs: Run, num_measured: int | None = None) -> None:
    """Write a race of the settings of runs, without folders; all or some runs were measured."""
    variants = [Variant(run.name, run.config.replace(seed=7)) for run in runs]
    race = create_race(trainer.root, plan_race(variants, 30.0, 1), TIME)
    for index in range(len(runs) if num_measured is None else num_measured):
        measured = measure_with_10_000(0.4 + 4 * index)
        change_race(trainer.root, race.name, index, measurement=measured)


def test_settings_that_have_raced_already_show_the_result_and_lead_to_the_race(
    near: Run, new_run: NewRun, trainer: Trainer
) -> None:
    far = measure(new_run("far", seed=3, **OTHER), 9.0)
    other = measure(new_run("other", batch_size=64), 5.0)
    write_race(trainer, near, other, far)
    page = open_page(far, near)
    texts = remove_escapes(read_texts(page))
    assert "You raced these settings. “near” is nearer to real digits after 30 s: 0.40" in texts
    assert BUTTON not in list_buttons(page)
    assert "Race again" in list_buttons(page)
    press(page, "Show the race")
    assert page.session_state["compare-tabs"] == "Race"
    assert "“near” is nearest to real digits" in remove_escapes(page.subheader[0].value)


def test_a_race_of_other_settings_or_without_all_results_is_no_answer(
    near: Run, new_run: NewRun, trainer: Trainer
) -> None:
    far = measure(new_run("far", **OTHER), 9.0)
    other = measure(new_run("other", batch_size=64), 5.0)
    write_race(trainer, near, other)
    write_race(trainer, near, far, num_measured=1)
    page = open_page(far, near)
    assert BUTTON in list_buttons(page)
    assert "You raced" not in read_texts(page)


def test_watchers_see_the_result_of_an_earlier_race_without_a_button_to_race_again(
    near: Run, new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = measure(new_run("far", dropout=0.4), 9.0)  # A race would not help.
    write_race(trainer, near, far)
    monkeypatch.setattr(permissions, "get_role", lambda: Role.WATCHER)
    page = open_page(far, near)
    assert "You raced these settings" in read_texts(page)
    assert "Show the race" in list_buttons(page)
    assert "Race again" not in list_buttons(page)

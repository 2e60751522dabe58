"""The Compare page: the choice of runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts.overlay_chart import NUM_COLORS, choose_color
from dashboard.compare.run_choice import assign_colors, choose_usual_colors
from dashboard.tab import following
from dcgan import installation
from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EvaluationReport
from tests.dashboard.conftest import NewRun, PretendToTrain
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import prepare_page, read_texts, remove_escapes, run_page
from tests.races import make_race
from tests.reports import step_report

METRICS = dict.fromkeys(METRIC_INFO.keys() - {"sliced_wasserstein"}, 0.5)


@pytest.fixture
def page(new_run: NewRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    """Return the page, not yet rendered, with three runs and an included one without values."""
    included = new_run(path=tmp_path / "elsewhere" / "included")
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.path)
    for name in ("one", "two", "three"):
        new_run(name)
    return prepare_page("compare")


def run_and_read_choice(page: AppTest) -> list[str]:
    """Run the page; return the names of the chosen runs."""
    return run_page(page).multiselect(key="compare_runs").value


def test_the_newest_runs_with_a_value_and_the_included_run_are_chosen_at_first(
    page: AppTest, new_run: NewRun
) -> None:
    run = new_run("measured")
    with run.lock.held():
        run.write(EvaluationReport(26, 2, 70.0, 1000, METRICS, METRICS))
    assert run_and_read_choice(page) == ["measured", "included"]


def test_a_run_of_a_race_is_chosen_at_first_only_if_a_person_gave_it_a_title(
    page: AppTest, new_run: NewRun
) -> None:
    for name in ("race-a", "race-b"):
        run = new_run(name)
        with run.lock.held():
            run.write(EvaluationReport(26, 2, 70.0, 1000, METRICS, METRICS))
        run.write_label(make_race().make_run_title(0), "")
    assert not {"race-a", "race-b"} & set(run_and_read_choice(page))
    run.write_label("My best one", "")
    assert run_and_read_choice(prepare_page("compare")) == ["race-b", "included"]


@pytest.mark.skipif(sys.platform != "linux", reason="Other systems refuse such a name.")
def test_a_folder_whose_name_is_not_text_is_no_choice(page: AppTest, new_run: NewRun) -> None:
    run = new_run("other")
    run.path.rename(run.path.with_name(os.fsdecode(b"caf\xe9")))
    assert set(run_and_read_choice(page)) == {"one", "two", "three"}


def test_the_run_in_training_is_chosen_at_first(
    page: AppTest, new_run: NewRun, trainer: PosedTrainer, pretend_to_train: PretendToTrain
) -> None:
    run = new_run("training")
    pretend_to_train(run)
    trainer.live.add(run, step_report(5), keeps_message=False)
    assert "training" in run_and_read_choice(page)
    assert "training now" in read_texts(page)


def test_without_values_the_newest_runs_are_chosen_and_the_page_says_why(page: AppTest) -> None:
    assert run_and_read_choice(page) == ["two", "three", "one"]
    assert "its measurements are turned off" in read_texts(page)


def test_a_measure_that_the_runs_have_is_shown_until_a_person_chooses_another(
    page: AppTest, new_run: NewRun
) -> None:
    run = new_run("unmeasured")
    with run.lock.held():
        run.write(step_report(5))
    page.session_state["compare_runs"] = ["unmeasured"]
    run_and_read_choice(page)
    measure = page.selectbox(key="compare_measure")
    assert measure.value == "frechet_distance"
    (info,) = page.info
    assert info.value.startswith("No distance was measured yet")
    measure.select("fake_accuracy")
    run_and_read_choice(page)
    measure = page.selectbox(key="compare_measure")
    assert measure.value == "fake_accuracy"
    assert not page.info
    assert "Precision" not in measure.options  # No run has it.
    measured = new_run("measured")
    with measured.lock.held():
        measured.write(EvaluationReport(26, 2, 70.0, 1000, METRICS, METRICS))
    page.session_state["compare_runs"] = ["measured", "unmeasured"]
    run_and_read_choice(page)
    page.selectbox(key="compare_measure").select("precision")
    run_and_read_choice(page)
    measure = page.selectbox(key="compare_measure")
    assert measure.value == "precision"
    assert measure.help.startswith(METRIC_INFO["precision"].explain("digit"))


def test_the_page_begins_with_the_better_run_and_marks_its_result(
    page: AppTest, new_run: NewRun
) -> None:
    for name, distance in (("near", 2.0), ("far", 5.0)):
        run = new_run(name)
        metrics = METRICS | {"frechet_distance": distance}
        with run.lock.held():
            run.write(EvaluationReport(26, 2, 70.0, 1000, metrics, metrics | {"precision": 0.4}))
    page.session_state["compare_runs"] = ["far", "near"]
    run_and_read_choice(page)
    headline = remove_escapes(page.subheader[0].value)
    assert headline == "“near” is nearer to real digits, likely not by chance."
    shown = read_texts(page)
    assert shown.count("nearest]") == 1  # On its card.
    assert "**“far”.** 2.5 times as far as “near”, likely more than chance." in shown
    results = page.table[0].value
    distances = next(row for _, row in results.iterrows() if "Distance" in row.iloc[0])
    assert "green-badge" in distances["near"]
    assert "green-badge" not in distances["far"]
    names = [part.label for part in page.expander]
    assert names[:2] == ["What differs, and what the number means", "Pictures side by side"]
    assert names[2:] == ["Curves of training", "All numbers", "Settings that differ"]
    assert not any(part.proto.expanded for part in page.expander)  # The answer is what is in sight.


def test_the_switch_shows_a_scale_that_is_logarithmic_in_any_case(
    page: AppTest, new_run: NewRun
) -> None:
    for name, distance in (("near", 2.0), ("far", 900.0)):
        run = new_run(name)
        metrics = METRICS | {"frechet_distance": distance}
        with run.lock.held():
            for step in (13, 26):
                run.write(EvaluationReport(step, 2, 70.0, 1000, metrics, metrics))
    # With values far apart the scale is logarithmic whatever the switch says, so it is on and
    # disabled.
    for names, state in ((["near"], (False, False)), (["near", "far"], (True, True))):
        page.session_state["compare_runs"] = names
        run_and_read_choice(page)
        (switch,) = [element for element in page.toggle if element.label == "Logarithmic scale"]
        assert (switch.value, switch.disabled) == state


def test_one_click_adds_the_included_run_in_its_own_colour(page: AppTest) -> None:
    page.session_state["compare_runs"] = ["one", "two", "three"]
    assert run_and_read_choice(page) == ["one", "two", "three"]
    page.button(key="compare-included").click()
    assert run_and_read_choice(page) == ["one", "two", "three", "included"]
    assert "compare-included" not in [button.key for button in page.button]
    # The focus goes to the answer, which is above the chart.
    assert page.session_state["focus_request"]["target"] == "compare-result"
    assert len({choose_color(index) for index in range(4)}) == 4


def test_a_run_keeps_its_colour_when_others_are_removed_or_added() -> None:
    colors = assign_colors(["one", "two", "three"], {})
    assert colors == {"one": 0, "two": 1, "three": 2}
    fewer = assign_colors(["two", "three"], colors)
    assert fewer == {"two": 1, "three": 2}
    more = assign_colors(["four", "two", "one"], colors)
    assert more == {"two": 1, "one": 0, "four": 3}
    # When all colours were used, a new run takes the colour of a removed one.
    used = {str(index): index for index in range(NUM_COLORS)}
    assert assign_colors(["3", "new", "1"], used) == {"3": 3, "1": 1, "new": 0}
    assert assign_colors(["0", "new"], used | {"new": 0}) == {"0": 0, "new": 1}


def test_a_new_run_has_no_colour_that_a_reader_may_confuse_with_that_of_another() -> None:
    # Blue and light blue, orange and vermilion, blue and violet.
    for usual, shown in ((4, 0), (5, 1), (6, 0)):
        earlier = {"new": usual, "other": shown}
        colors = assign_colors(["new", "other"], earlier, ["other"])
        assert {colors["new"], colors["other"]} not in ({0, 4}, {1, 5}, {0, 6})
        assert assign_colors(["new", "other"], earlier, ["new", "other"]) == earlier


def test_a_shown_run_keeps_its_colour_whatever_is_chosen_before_it() -> None:
    usual = {"included": 2, "other": 2, "own": 0}
    assert assign_colors(["included", "other"], usual, ["other"]) == {"other": 2, "included": 0}
    # A run whose colour is taken does not take the one of a run after it.
    assert assign_colors(["included", "other", "own"], usual) == {
        "included": 2, "other": 1, "own": 0,
    }  # fmt: skip


def test_the_included_runs_have_two_colours_that_no_other_run_has_at_first(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = {f"own-{index}": new_run(f"own-{index}") for index in range(8)}
    included = [new_run(name) for name in ("b", "a")]
    monkeypatch.setattr(
        "dcgan.runs.run_folder.list_included_runs", lambda: [run.path for run in included]
    )
    runs |= {run.name: run for run in included}
    colors = choose_usual_colors(runs, {})
    assert (colors.pop("a"), colors.pop("b")) == (2, 6)
    assert set(colors.values()) == {0, 1, 3, 4, 5, 7}


def test_the_switch_names_as_many_included_runs_as_the_chart_cuts_off(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    included = [new_run(name) for name in ("a", "b")]
    for run in included:
        with run.lock.held():
            run.write(step_report(1000))
    monkeypatch.setattr(
        "dcgan.runs.run_folder.list_included_runs", lambda: [run.path for run in included]
    )
    new_run("own")
    page = prepare_page("compare")
    run_page(page).selectbox(key="compare_measure").select("generator_loss")
    for names, label in (
        (["own", "a", "b"], "Show the included runs to their ends"),
        (["own", "b"], "Show the included run to its end"),
    ):
        page.session_state["compare_runs"] = names
        run_page(page)
        assert page.toggle(key="compare_whole").label == label
        if len(names) == 3:
            page.toggle(key="compare_whole").set_value(True)
    # The other words change nothing that a person chose.
    assert page.toggle(key="compare_whole").value


def test_a_new_run_changes_no_colour_of_the_others_in_a_new_session(
    page: AppTest, new_run: NewRun
) -> None:
    def read_colors(page: AppTest, *names: str) -> dict[str, int]:
        page.session_state["compare_runs"] = list(names)
        run_page(page)
        colors: dict[str, int] = page.session_state["compare_colors"]
        return colors

    colors = read_colors(page, "three", "two", "included")
    assert len(set(colors.values())) == 3
    run = new_run("zoo")
    with run.lock.held():
        run.write(EvaluationReport(26, 2, 70.0, 1000, METRICS, METRICS))
    more = read_colors(prepare_page("compare"), "zoo", "three", "two", "included")
    assert len(set(more.values())) == 4
    assert more.items() >= colors.items()


def read_sides(page: AppTest) -> list[str]:
    return [str(page.selectbox(key=f"pair_{side}_run").value) for side in ("Left", "Right")]


def test_the_sides_show_two_runs_after_one_was_removed_or_added(page: AppTest) -> None:
    page.session_state["compare_runs"] = ["one"]
    run_and_read_choice(page)
    assert read_sides(page) == ["one", "one"]
    for names, sides in (
        (["one", "two", "three"], ["one", "two"]),
        (["two", "three"], ["two", "three"]),
    ):
        page.session_state["compare_runs"] = names
        run_and_read_choice(page)
        assert read_sides(page) == sides
    # A person's choice stays while its run is there.
    page.session_state["compare_runs"] = ["one", "two", "three"]
    run_and_read_choice(page)
    page.selectbox(key="pair_Left_run").select("three")
    run_and_read_choice(page)
    page.session_state["compare_runs"] = ["one", "three"]
    run_and_read_choice(page)
    assert read_sides(page) == ["three", "one"]
    page.selectbox(key="pair_Right_run").select("three")
    run_and_read_choice(page)
    assert read_sides(page) == ["three", "three"]


def test_all_of_the_page_has_one_name_of_a_run_whatever_is_chosen(new_run: NewRun) -> None:
    names = [f"spots-20261128-10{minute:02}00" for minute in range(3)]
    changes_of_runs: list[dict[str, object]] = [{"dropout": 0.4}, {"epochs": 3}, {"epochs": 5}]
    for name, changes in zip(names, changes_of_runs, strict=True):
        run = new_run(name)
        with run.lock.held():
            run.write(EvaluationReport(26, 2, 70.0, 1000, METRICS, METRICS))
        run.change_config(TrainingConfig().replace(**changes))
    page = prepare_page("compare")
    page.session_state["compare_runs"] = names[:2]
    options = run_page(page).multiselect(key="compare_runs").options
    assert options[:3] == [
        "Default settings · 28 Nov 10:02",
        "Default settings · 28 Nov 10:01",
        "Dropout 0.4",
    ]
    labels = {"Default settings · 28 Nov 10:01", "Dropout 0.4"}
    headline = remove_escapes(page.subheader[0].value)
    # Of titles that are too long for a heading the cards have the names.
    assert headline.startswith("Both are about equally near")
    texts = read_texts(page)
    assert "**Dropout 0.4**  \n:gray[:small[28 Nov 10:00]]" in texts
    assert set(page.selectbox(key="pair_Left_run").options) == labels
    assert set(map(remove_escapes, page.table[0].value.columns[1:])) == labels
    label = remove_escapes(page.button(key="compare-newest").label)
    assert label == f"Add {options[0]}"
    page.session_state["compare_runs"] = names
    assert run_page(page).multiselect(key="compare_runs").options[:3] == options[:3]


def test_the_first_choice_has_the_order_of_the_cards(new_run: NewRun) -> None:
    for minute, distance in enumerate((9.0, 2.0, 50.0)):
        run = new_run(f"spots-20261128-10{minute:02}00")
        metrics = METRICS | {"frechet_distance": distance}
        with run.lock.held():
            run.write(EvaluationReport(26, 2, 70.0, 1000, metrics, metrics))
    minutes = [name[-3] for name in run_and_read_choice(prepare_page("compare"))]
    assert minutes == ["1", "0", "2"]


def test_an_open_page_follows_the_trainer_and_other_processes_for_the_run_to_add(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = []
    monkeypatch.setattr(
        following, "rerun_on_news", lambda version, **options: followed.append(options)
    )
    page.session_state["compare_runs"] = ["one", "two"]  # None of them trains.
    run_and_read_choice(page)
    assert [(options["key"], options["external"]) for options in followed] == [("news-choice", "")]


def test_a_title_that_looks_like_a_name_by_settings_makes_no_equal_options(
    new_run: NewRun,
) -> None:
    for name in ("spots-20261128-100000", "spots-20261128-100100"):
        new_run(name).change_config(TrainingConfig())
    new_run("copy").write_label("Default settings · 28 Nov 10:00", "")
    options = run_page(prepare_page("compare")).multiselect(key="compare_runs").options
    assert len(set(options)) == len(options)
    assert "Default settings · 28 Nov 10:01" in options

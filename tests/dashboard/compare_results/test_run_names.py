"""Names of compared runs: what differs, unless a person or a race has named them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dashboard.compare_results.run_names import (
    find_hidden_title,
    label_chips,
    label_chosen_runs,
    label_options,
)
from dashboard.shared.raced_runs import RacedRun
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.races import make_race
from tests.reports import evaluation_report

CLASSIC = TrainingConfig.preset("classic")
BOTH_RATES = ("generator_learning_rate", "discriminator_learning_rate")


@pytest.fixture
def names_of(new_run: NewRun) -> Names:
    """Return a function that makes runs, one a minute from 10:00 on, and names them."""
    return Names(new_run)


class Names:
    """Makes unnamed runs of MNIST with settings of the fast preset and changes."""

    def __init__(self, new_run: NewRun) -> None:
        self._new_run = new_run
        self._runs: list[Run] = []  # Made once; each call gives them other settings.

    def make(self, *changes: Mapping[str, object]) -> list[Run]:
        """Make one run for each of some changes of the fast preset."""
        for index in range(len(self._runs), len(changes)):
            self._runs.append(self._new_run(f"spots-20261128-10{index:02}00", num_samples=1))
        runs = self._runs[: len(changes)]
        for run, change in zip(runs, changes, strict=True):
            run.config = TrainingConfig().replace(**change)
        return runs

    def __call__(self, *changes: Mapping[str, object]) -> list[str]:
        """Return the labels of such runs in their order."""
        runs = self.make(*changes)
        labels = label_chosen_runs(runs, {})
        return [labels[run.name] for run in runs]


def test_runs_that_differ_in_one_or_two_settings_are_named_by_their_values(names_of: Names) -> None:
    assert names_of({"dropout": 0.4}, {}) == ["Dropout 0.4", "Dropout 0"]
    assert names_of({"seed": 1}, {"seed": 0}) == ["Seed 1", "Seed 0"]
    assert names_of({"dropout": 0.4, "seed": 1}, {}) == ["Dropout 0.4, seed 1", "Dropout 0, seed 0"]
    assert names_of({"class_conditional": False}, {}) == [
        "Learn the classes off",
        "Learn the classes on",
    ]
    assert names_of({"generator_filters": (64, 32)}, {}) == [
        "Generator channels 64-32",
        "Generator channels 48-24",
    ]
    assert names_of(dict.fromkeys(BOTH_RATES, 0.001), {}) == [
        "Both learning rates 0.001",
        "Both learning rates 0.002",
    ]


def test_what_all_runs_share_is_not_named(names_of: Names) -> None:
    shared = {"batch_size": 32, "loss": "hinge"}
    assert names_of({**shared, "dropout": 0.4}, shared) == ["Dropout 0.4", "Dropout 0"]


def test_of_more_settings_each_run_has_those_that_differ_from_its_preset(names_of: Names) -> None:
    assert names_of({"dropout": 0.4}, {}, {"class_conditional": False}, {"seed": 1}) == [
        "Dropout 0.4",
        "Fast preset",
        "Learn the classes off",
        "Seed 1",
    ]
    many = {"batch_size": 128, "loss": "hinge", "r1_penalty": 1.0}
    assert names_of(many, {}) == ["Batch size 128 and 2 more", "Fast preset"]
    assert names_of(CLASSIC.model_dump(), {}, {"dropout": 0.3}) == [
        "Classic preset",
        "Fast preset",
        "Fast preset, Dropout 0.3",
    ]


def test_long_names_have_one_setting_and_the_number_of_the_others(names_of: Names) -> None:
    changes: dict[str, object] = {"discriminator_units": 64, "generator_units": 64}
    assert names_of(changes, {}) == ["Generator hidden units 64 and 1 more", "Fast preset"]


def test_a_run_without_a_short_description_keeps_its_time(names_of: Names) -> None:
    shared = {"ema_decay": 0.99}
    changed = {"batch_size": 128, "loss": "hinge", "r1_penalty": 1.0}
    assert names_of({**shared, **changed}, shared) == [
        "Batch size 128 and 2 more",
        "MNIST, 28 Nov 10:01",
    ]


def test_runs_with_equal_settings_are_told_apart_by_their_time(names_of: Names) -> None:
    assert names_of({"epochs": 3}, {"epochs": 5}) == ["MNIST, 28 Nov 10:00", "MNIST, 28 Nov 10:01"]
    assert names_of({"dropout": 0.4}, {}, {"epochs": 5}) == [
        "Dropout 0.4",
        "Dropout 0 (28 Nov 10:01)",
        "Dropout 0 (28 Nov 10:02)",
    ]


def test_runs_of_other_pictures_keep_the_titles_that_name_them(names_of: Names) -> None:
    assert names_of({"dataset": "fashion_mnist"}, {"dropout": 0.4}) == [
        "Fashion-MNIST, 28 Nov 10:00",
        "MNIST, 28 Nov 10:01",
    ]


def test_a_measurement_changes_no_name_and_a_title_stays(names_of: Names) -> None:
    runs = names_of.make({"dropout": 0.4}, {})
    labels = label_chosen_runs(runs, {})
    with runs[0].lock.held():
        runs[0].write(evaluation_report(26, 3.0))
    assert label_chosen_runs(runs, {}) == labels
    runs[0].write_label("My best one", "")
    assert list(label_chosen_runs(runs, {}).values()) == ["My best one", "Dropout 0"]


def test_chips_and_cards_keep_the_time_by_which_the_runs_page_lists_a_run(
    names_of: Names,
) -> None:
    runs = names_of.make({"dropout": 0.4}, {}, {})
    runs[0].write_label("My best one", "")
    assert list(label_chips(runs, {}).values()) == [
        "My best one",
        "Dropout 0 (28 Nov 10:01)",
        "Dropout 0 (28 Nov 10:02)",
    ]
    assert list(label_chips(runs[:2], {}).values()) == [
        "My best one",
        "Dropout 0 · 28 Nov 10:01",
    ]
    assert find_hidden_title(runs[0], "Dropout 0.4") == ""
    assert find_hidden_title(runs[1], "Dropout 0") == "MNIST, 28 Nov 10:01"


def test_a_list_of_runs_has_the_changes_of_the_preset_after_the_time(names_of: Names) -> None:
    rates = dict.fromkeys(BOTH_RATES, 0.001)
    changes = [{}, {"class_conditional": False, "seed": 2}, CLASSIC.model_dump(), rates, {}]
    runs = names_of.make(*changes)
    runs[4].write_label("My best one", "")
    assert list(label_options(runs).values()) == [
        "MNIST, 28 Nov 10:00 · Fast preset",
        "MNIST, 28 Nov 10:01 · Learn the classes off, seed 2",
        "MNIST, 28 Nov 10:02 · Classic preset",
        "MNIST, 28 Nov 10:03 · Both learning rates 0.001",
        "My best one",
    ]


def test_runs_of_one_race_have_its_labels_and_those_of_several_are_named_by_their_settings(
    names_of: Names,
) -> None:
    race = make_race()
    runs = names_of.make({"beta_1": 0.5}, {"beta_1": 0.0})
    for index, run in enumerate(runs):
        run.write_label(race.make_run_title(index), "")
    raced = {run.name: RacedRun(race, index) for index, run in enumerate(runs)}
    assert list(label_chosen_runs(runs, raced).values()) == [
        "beta_1 0.5, seed 0",
        "beta_1 0, seed 0",
    ]
    other = RacedRun(race.model_copy(update={"name": "20261201-090000"}), 1)
    assert list(label_chosen_runs(runs, raced | {runs[1].name: other}).values()) == [
        "Momentum (beta_1) 0.5",
        "Momentum (beta_1) 0",
    ]
    runs[1].write_label("My best one", "")
    assert label_chosen_runs(runs, raced)[runs[1].name] == "My best one"

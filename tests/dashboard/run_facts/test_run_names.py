"""Names of runs: what differs from their preset, unless a person or race named them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dashboard.run_facts.labels import find_hidden_start, label_runs, label_variants
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
        labels = label_runs(runs)
        return [labels[run.name] for run in runs]


def test_a_run_is_named_by_what_differs_from_its_preset_whatever_is_beside_it(
    names_of: Names,
) -> None:
    changes: dict[str, dict[str, object]] = {
        "Default settings": {},
        "Dropout 0.4": {"dropout": 0.4},
        "Default settings, seed 1": {"seed": 1},
        "Dropout 0.4, seed 1": {"dropout": 0.4, "seed": 1},
        "Without classes": {"class_conditional": False},
        "Generator channels 64-32": {"generator_filters": (64, 32)},
        "Both learning rates 0.001": dict.fromkeys(BOTH_RATES, 0.001),
        "Classic preset": CLASSIC.model_dump(),
        "Classic preset, with classes": CLASSIC.model_dump() | {"class_conditional": True},
        "Only these classes 3-8": {"only_classes": (3, 8)},
        "Fashion-MNIST, Dropout 0.4": {"dataset": "fashion_mnist", "dropout": 0.4},
        "From another run": {"start_from": "pretrained"},
    }
    assert names_of(*changes.values()) == list(changes)
    for name, change in changes.items():
        assert names_of(change) == [name]


def test_of_more_settings_the_two_that_matter_most_are_named(names_of: Names) -> None:
    many: dict[str, object] = {"ema_decay": 0.9, "batch_size": 128, "dropout": 0.3}
    assert names_of(many) == ["Dropout 0.3, Batch size 128 …"]
    assert names_of(many | {"loss": "wgan_gp", "class_conditional": False}) == [
        "Without classes, Loss wgan gp …"
    ]
    assert names_of(many | {"seed": 2}) == ["Dropout 0.3, Batch size 128 …, seed 2"]
    # A long name has one of them.
    units: dict[str, object] = {"discriminator_units": 64, "generator_units": 64}
    assert names_of(units) == ["Generator hidden units 64 …"]
    assert names_of(CLASSIC.model_dump() | units) == ["Classic preset, Generator hidden units 64 …"]


def test_equal_names_are_followed_by_the_time_trained_and_at_last_by_the_start(
    names_of: Names,
) -> None:
    runs = names_of.make({"epochs": 3}, {"epochs": 5}, {}, {}, {"dropout": 0.4})
    for run, seconds in zip(runs, (32.0, 301.0, 60.2, 61.0, 60.0), strict=True):
        with run.lock.held():
            run.write_status("finished", step=26, seconds=seconds)
    labels = label_runs(runs)
    assert [labels[run.name] for run in runs] == [
        "Default settings, 30 s",
        "Default settings, 5 min",
        "Default settings · 28 Nov 10:02",
        "Default settings · 28 Nov 10:03",
        "Dropout 0.4",
    ]


def test_a_run_in_training_has_no_length_in_its_name(names_of: Names) -> None:
    runs = names_of.make({}, {})
    with runs[0].lock.held():
        runs[0].write_status("finished", step=26, seconds=60.0)
    with runs[1].lock.held():
        runs[1].write_status("running", step=26, seconds=60.0)
        assert list(label_runs(runs).values()) == ["Default settings, 1 min", "Default settings"]


def test_the_variants_of_a_race_have_no_seed_in_their_names(names_of: Names) -> None:
    runs = names_of.make({"dropout": 0.4, "seed": 1}, {"seed": 2})
    assert list(label_variants(runs).values()) == ["Dropout 0.4", "Default settings"]


def test_a_measurement_changes_no_name_and_a_title_stays(names_of: Names) -> None:
    runs = names_of.make({"dropout": 0.4}, {})
    labels = label_runs(runs)
    with runs[0].lock.held():
        runs[0].write(evaluation_report(26, 3.0))
    assert label_runs(runs) == labels
    runs[0].write_label("My best one", "")
    assert list(label_runs(runs).values()) == ["My best one", "Default settings"]


def test_a_card_says_when_a_run_started_unless_its_title_does(names_of: Names) -> None:
    runs = names_of.make({"dropout": 0.4}, {})
    runs[0].write_label("My best one", "")
    assert find_hidden_start(runs[0], "My best one") == "28 Nov 10:00"
    assert find_hidden_start(runs[1], "Default settings") == "28 Nov 10:01"
    assert find_hidden_start(runs[1], "Default settings · 28 Nov 10:01") == ""


def test_a_run_of_a_race_has_its_name_in_the_race_everywhere(names_of: Names) -> None:
    race = make_race()
    runs = names_of.make({"beta_1": 0.5}, {"beta_1": 0.1})
    for index, run in enumerate(runs):
        run.write_label(race.make_run_title(index), "")
    names = ["beta_1 0.5, seed 0", "beta_1 0, seed 0"]
    assert [run.read_title() for run in runs] == names
    assert list(label_runs(runs).values()) == names
    runs[1].write_label("My best one", "")
    assert runs[1].read_title() == "My best one"

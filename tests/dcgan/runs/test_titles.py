"""Titles of runs that nobody has named."""

from __future__ import annotations

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.runs.manifest import DatasetInfo
from dcgan.runs.naming.titles import describe_start, make_title, shorten_title


@pytest.mark.parametrize(
    ("folder", "dataset", "data_name", "title"),
    [
        ("mnist-20261129-175315", "mnist", "mnist", "Default settings"),
        ("mnist-20261129-175315-2", "mnist", "mnist", "Default settings"),
        ("mnist-20261129-175315-20261201-090000", "mnist", "mnist", "Default settings"),
        (
            "fashion-mnist-20261129-175315",
            "fashion_mnist",
            "fashion_mnist",
            "Fashion-MNIST, default settings",
        ),
        (
            "my-letters-20261129-175315",
            "/own/My letters",
            "My letters",
            "My letters, default settings",
        ),
        (
            "0123456789abcdef-zip-20261129-175315",
            "/root/.datasets/0123456789abcdef.zip",
            "0123456789abcdef.zip",
            "Own pictures, default settings",
        ),
        # Names that a person chose.
        ("first", "mnist", "mnist", "first"),
        ("my-best-20261129-175315", "mnist", "mnist", "my-best-20261129-175315"),
        ("mnist-20261399-175315", "mnist", "mnist", "mnist-20261399-175315"),
    ],
)
def test_a_run_is_titled_by_its_data_and_settings_unless_a_person_chose_its_folder(
    folder: str, dataset: str, data_name: str, title: str
) -> None:
    config = TrainingConfig(dataset=dataset)
    data = DatasetInfo(name=data_name, num_images=60_000, fingerprint="0")
    assert make_title(folder, config, data) == title


def test_a_race_shortens_the_titles_of_its_runs() -> None:
    assert shorten_title("Race 30 Nov 14:05, seed 1: beta_1 0") == "beta_1 0, seed 1"
    assert shorten_title("Race 30 Nov 14:05: Dropout 0.4") == "Dropout 0.4"
    assert shorten_title("My race 1: one") == "My race 1: one"


def test_the_start_may_have_its_seconds() -> None:
    assert describe_start("mnist-20260903-140709", with_seconds=True) == "3 Sep 14:07:09"
    assert describe_start("first") == ""

"""Titles of runs that nobody has named."""

from __future__ import annotations

import pytest

from dcgan.runs.titles import describe_start, make_title


@pytest.mark.parametrize(
    ("folder", "dataset", "data_name", "title"),
    [
        ("mnist-20261129-175315", "mnist", "mnist", "MNIST, 29 Nov 17:53"),
        ("mnist-20261129-175315-2", "mnist", "mnist", "MNIST, 29 Nov 17:53"),
        ("mnist-20261129-175315-20261201-090000", "mnist", "mnist", "MNIST, 1 Dec 09:00"),
        (
            "fashion-mnist-20261129-175315",
            "fashion_mnist",
            "fashion_mnist",
            "Fashion-MNIST, 29 Nov 17:53",
        ),
        ("my-letters-20261129-175315", "/own/My letters", "My letters", "My letters, 29 Nov 17:53"),
        (
            "0123456789abcdef-zip-20261129-175315",
            "/root/.datasets/0123456789abcdef.zip",
            "0123456789abcdef.zip",
            "Own pictures, 29 Nov 17:53",
        ),
        # Names that a person chose.
        ("first", "mnist", "mnist", "first"),
        ("my-best-20261129-175315", "mnist", "mnist", "my-best-20261129-175315"),
        ("mnist-20261399-175315", "mnist", "mnist", "mnist-20261399-175315"),
    ],
)
def test_a_run_is_titled_by_its_data_and_start_unless_a_person_chose_its_folder(
    folder: str, dataset: str, data_name: str, title: str
) -> None:
    assert make_title(folder, dataset, data_name) == title


def test_the_start_may_have_its_seconds() -> None:
    assert describe_start("mnist-20260903-140709", with_seconds=True) == "3 Sep 14:07:09"
    assert describe_start("first") == ""

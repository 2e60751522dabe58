"""Pins are saved whole under unique names, and untrusted files of pins are checked."""

from __future__ import annotations

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcgan import installation
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DiskWriteError, RunError
from dcgan.runs.pins import (
    MAX_PINS,
    Pin,
    add_pins,
    delete_pin,
    get_pins_path,
    pack_pins,
    parse_pins,
    read_pins,
)
from dcgan.runs.run_folder import Run
from tests.disk_errors import raise_disk_full


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pins.json"


def pin(name: str = "mine", *z: float) -> Pin:
    return Pin(name=name, z=z or (0.5, -1.25, 3.0))


def test_pins_are_read_as_they_were_saved(path: Path) -> None:
    add_pins(path, 3, [pin("a"), pin("b", 1, 2, 3)])
    add_pins(path, 3, [pin("  c \x00 d ")])
    assert [saved.name for saved in read_pins(path, 3)] == ["a", "b", "c d"]
    vector = read_pins(path, 3)[0].vector
    assert vector.dtype == np.float32
    assert vector.tolist() == [0.5, -1.25, 3.0]
    delete_pin(path, 3, "b")
    delete_pin(path, 3, "b")  # Deleted already.
    assert [saved.name for saved in read_pins(path, 3)] == ["a", "c d"]


def test_no_two_pins_share_a_name(path: Path) -> None:
    add_pins(path, 3, [pin("x"), pin("x", 1, 2, 3), pin("x", 3, 2, 1)])
    add_pins(path, 3, [pin("x")])  # The same pin exists already.
    assert [saved.name for saved in read_pins(path, 3)] == ["x", "x 2", "x 3"]
    long = "a" * 69 + " " + "b" * 10  # Shortened for the number, it would end in a space.
    add_pins(path, 3, [pin(long, number, 0, 0) for number in range(3)])
    names = [saved.name for saved in read_pins(path, 3)]
    assert len(set(names)) == len(names) == 6
    twice = [{"name": "y", "z": [1, 2, 3]}, {"name": "y", "z": [1, 2, 4]}]
    data = json.dumps({"pins": twice}).encode()
    assert [saved.name for saved in parse_pins(data, 3, file_name="that.json")] == ["y", "y 2"]


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u200d \u2060", "\u202e", "\u0301"])
def test_an_invisible_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        pin(name)
    assert pin(f"a{name}").name.startswith("a")


def test_no_pin_is_lost_when_many_are_saved_at_once(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: add_pins(path, 3, [pin(f"pin {number}")]), range(40)))
    assert len(read_pins(path, 3)) == 40


def test_the_number_of_pins_is_limited(path: Path) -> None:
    add_pins(path, 3, [pin(str(number)) for number in range(MAX_PINS)])
    with pytest.raises(RunError, match="keeps 200 pins at most; delete some first"):
        add_pins(path, 3, [pin("one more")])
    assert len(read_pins(path, 3)) == MAX_PINS


def test_a_disk_error_leaves_the_old_pins(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_pins(path, 3, [pin()])

    monkeypatch.setattr("dcgan.runs.pins.write_atomically", raise_disk_full)
    with pytest.raises(DiskWriteError, match="No space left on device"):
        add_pins(path, 3, [pin("b")])
    assert [saved.name for saved in read_pins(path, 3)] == ["mine"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is not a file of pins"),
        (b"[]", "is not a file of pins"),
        (b'{"pins": [{"name": "", "z": [1, 2, 3]}]}', "pins: 0: name"),
        (b'{"pins": [{"name": "a", "z": []}]}', "pins: 0: z"),
        (b'{"pins": [{"name": "a", "z": [1, 2, 1e999]}]}', "pins: 0: z: 2"),
        (b'{"pins": [{"name": "a", "z": [1, 2]}]}', "a has 2 numbers, and this run's z has 3"),
        (json.dumps({"pins": [{"name": "a", "z": [1, 2, 3]}] * 201}).encode(), "not a file of pin"),
        (b" " * (2**23 + 1), "too large"),
    ],
)
def test_a_file_that_holds_no_pins_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(RunError, match=why):
        parse_pins(data, 3, file_name="that.json")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_as_pins_or_refused_with_a_sentence(data: bytes) -> None:
    with contextlib.suppress(RunError):
        pins = parse_pins(data, 3, file_name="that.json")
        assert parse_pins(pack_pins(pins), 3, file_name="again") == pins


def test_the_included_runs_pins_are_kept_beside_it(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "first")
    run.lock.release()
    assert get_pins_path(run, tmp_path) == run.path / "pins.json"
    monkeypatch.setattr(installation, "INCLUDED_RUN", run.path)
    pins_path = get_pins_path(run, tmp_path / "library")
    assert pins_path == tmp_path / "library" / ".pins" / "first.json"
    add_pins(pins_path, 3, [pin()])
    assert read_pins(pins_path, 3) == [pin()]


def test_a_pin_keeps_its_class_and_files_without_one_still_open(path: Path) -> None:
    three = Pin(name="mine", z=(1.0, 2.0, 3.0), class_name="3")
    add_pins(path, 3, [three, three, three.model_copy(update={"class_name": "8"})])
    again = parse_pins(pack_pins(read_pins(path, 3)), 3, file_name="exported.json")
    assert [(saved.name, saved.class_name) for saved in again] == [("mine", "3"), ("mine 2", "8")]
    old = json.dumps({"pins": [{"name": "old", "z": [1, 2, 3]}]}).encode()
    assert parse_pins(old, 3, file_name="old.json")[0].class_name == ""
    assert b"class_name" not in pack_pins(parse_pins(old, 3, file_name="old.json"))
    long = json.dumps({"pins": [{"name": "x", "z": [1], "class_name": "y" * 101}]}).encode()
    with pytest.raises(RunError, match="class_name"):
        parse_pins(long, 1, file_name="long.json")

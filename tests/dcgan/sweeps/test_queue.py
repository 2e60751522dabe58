"""Runs that wait: each in its turn, none lost, none twice, and too many refused in words."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dcgan.config import TrainingConfig
from dcgan.errors import ConfigError, RunError
from dcgan.sweeps.grid import expand_grid, parse_values
from dcgan.sweeps.queue import (
    MAX_QUEUED,
    add_to_queue,
    read_queue,
    remove_from_queue,
)

BASE = TrainingConfig(epochs=2)


def seeds(root: Path) -> list[int]:
    return [run.config.seed for run in read_queue(root)]


def test_a_sweep_combines_each_with_each() -> None:
    configs = expand_grid(BASE, {"generator_learning_rate": ["0.001", 0.002], "seed": [1, 2, 3]})
    assert [(config.generator_learning_rate, config.seed) for config in configs] == [
        (0.001, 1), (0.001, 2), (0.001, 3), (0.002, 1), (0.002, 2), (0.002, 3),
    ]  # fmt: skip
    assert all(config.epochs == 2 for config in configs)
    assert expand_grid(BASE, {}) == [BASE]


@pytest.mark.parametrize(
    ("choices", "why"),
    [
        ({"seed": []}, "seed: give a value at least"),
        ({"speed": [1]}, "speed: there is no such setting"),
        ({"generator_learning_rate": [5]}, "generator_learning_rate: got 5; expected"),
        ({"seed": range(11), "batch_size": range(10, 20)}, "These are 110 runs; at most 100"),
    ],
)
def test_a_sweep_that_cannot_be_is_a_sentence(choices: dict[str, list[object]], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        expand_grid(BASE, choices)


def test_values_are_read_as_people_write_them() -> None:
    assert parse_values("generator_learning_rate", " 0.001, 0.002,") == ["0.001", "0.002"]
    widths = parse_values("generator_filters", "48, 24; 32, 16")
    assert [
        config.generator_filters for config in expand_grid(BASE, {"generator_filters": widths})
    ] == [
        (48, 24),
        (32, 16),
    ]
    assert parse_values("seed", " , ") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("generator_learning_rate", "0,0002"),
        ("generator_learning_rate", "0,001, 0,002"),
        ("generator_learning_rate", "0,001; 0,002"),
        ("generator_learning_rate", "0,5"),
        ("label_smoothing", "0,1"),
        ("r1_penalty", "1,05"),
    ],
)
def test_decimal_commas_are_told_from_commas_between_values(name: str, text: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"^{name}: got .*; expected values with a decimal point"
    ):
        parse_values(name, text)


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("generator_learning_rate", "0.001,0.002", ["0.001", "0.002"]),
        ("seed", "1,2,3", ["1", "2", "3"]),
        ("seed", "0,01", ["0", "01"]),
        ("r1_penalty", "0,1", ["0", "1"]),
        ("max_seconds", "10,20,30", ["10", "20", "30"]),
        ("color", "true,false", ["true", "false"]),
    ],
)
def test_values_need_no_space_between_them(name: str, text: str, values: list[str]) -> None:
    assert parse_values(name, text) == values


def test_runs_wait_in_their_order_until_they_are_taken(tmp_path: Path) -> None:
    assert read_queue(tmp_path) == []
    add_to_queue(tmp_path, expand_grid(BASE, {"seed": [1, 2]}))
    add_to_queue(tmp_path, expand_grid(BASE, {"seed": [3]}))
    assert seeds(tmp_path) == [1, 2, 3]
    second = read_queue(tmp_path)[1]
    remove_from_queue(tmp_path, [second.id])
    remove_from_queue(tmp_path, [second.id])  # Gone already.
    assert seeds(tmp_path) == [1, 3]


def test_none_is_lost_when_many_are_added_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda seed: add_to_queue(tmp_path, [BASE.replace(seed=seed)]), range(40)))
    assert sorted(seeds(tmp_path)) == list(range(40))
    assert len({run.id for run in read_queue(tmp_path)}) == 40


def test_there_is_an_end_to_waiting(tmp_path: Path) -> None:
    add_to_queue(tmp_path, [BASE] * MAX_QUEUED)
    with pytest.raises(RunError, match="2 runs cannot be queued: 100 are waiting already"):
        add_to_queue(tmp_path, [BASE] * 2)
    assert len(read_queue(tmp_path)) == MAX_QUEUED


TWICE = json.dumps({"runs": [{"id": "a", "config": {}}] * 2}).encode()


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"runs": [{"id": "a"}]}', b"\xff", b" " * 2**22, TWICE]
)
def test_a_damaged_list_is_a_sentence_and_stays(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / ".queue.json"
    path.write_bytes(data)
    with pytest.raises(RunError, match="is damaged; delete it"):
        read_queue(tmp_path)
    with pytest.raises(RunError, match="is damaged"):
        add_to_queue(tmp_path, [BASE])
    assert path.read_bytes() == data

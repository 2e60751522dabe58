"""Grids: combinations of settings, and values parsed from text."""

from __future__ import annotations

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError
from dcgan.sweeps.grid import expand_grid, parse_values

BASE = TrainingConfig(epochs=2)


def test_a_grid_combines_each_value_with_each() -> None:
    configs = expand_grid(BASE, {"generator_learning_rate": ["0.001", 0.002], "seed": [1, 2, 3]})
    assert [(config.generator_learning_rate, config.seed) for config in configs] == [
        (0.001, 1), (0.001, 2), (0.001, 3), (0.002, 1), (0.002, 2), (0.002, 3),
    ]  # fmt: skip
    assert all(config.epochs == 2 for config in configs)
    assert expand_grid(BASE, {}) == [BASE]


@pytest.mark.parametrize(
    ("choices", "why"),
    [
        ({"seed": []}, "seed: give at least one value"),
        ({"speed": [1]}, "speed: there is no such setting"),
        ({"no_such": []}, "no_such: there is no such setting; the settings are"),
        ({"generator_learning_rate": [5]}, "generator_learning_rate: got 5; expected"),
        ({"seed": range(11), "batch_size": range(10, 20)}, "These are 110 runs; at most 100"),
    ],
)
def test_an_invalid_grid_is_an_error(choices: dict[str, list[object]], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        expand_grid(BASE, choices)


def test_values_are_parsed_as_people_write_them() -> None:
    assert parse_values("generator_learning_rate", " 0.001, 0.002,") == ["0.001", "0.002"]
    widths = parse_values("generator_filters", "48, 24; 32, 16")
    configs = expand_grid(BASE, {"generator_filters": widths})
    assert [config.generator_filters for config in configs] == [(48, 24), (32, 16)]
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
        ("seed", "1,000"),
        ("batch_size", "64, 1,024"),
        ("max_seconds", "3,000"),
    ],
)
def test_commas_within_numbers_are_an_error(name: str, text: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"^{name}: got .*; expected values with a decimal point"
    ):
        parse_values(name, text)


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("generator_learning_rate", "0.001,0.002", ["0.001", "0.002"]),
        ("seed", "1,2,3", ["1", "2", "3"]),
        ("seed", "1,10", ["1", "10"]),
        ("seed", "1, 000", ["1", "000"]),
        ("r1_penalty", "0,1", ["0", "1"]),
        ("max_seconds", "10,20,30", ["10", "20", "30"]),
        ("color", "true,false", ["true", "false"]),
    ],
)
def test_values_need_no_space_between_them(name: str, text: str, values: list[str]) -> None:
    assert parse_values(name, text) == values

"""Bounds of a public demo: how a server gets them, and the settings that they refuse."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from dashboard import __main__ as entry
from dashboard.process import demo_bounds
from dashboard.process.demo_bounds import OFFERED_SETTINGS, DemoBounds, read_demo_bounds
from dashboard.server.streamlit_internals import cli as streamlit_cli
from dcgan.config.training_config import PRESETS, TrainingConfig
from dcgan.errors import ConfigError

BOUNDS = DemoBounds(seconds=30)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (demo_bounds.DEMO_VARIABLE, demo_bounds.DEMO_SECONDS_VARIABLE):
        monkeypatch.setenv(variable, "")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], None),
        (["--demo"], DemoBounds(90)),
        (["--demo", "--demo-seconds", "25.5"], DemoBounds(25.5)),
    ],
)
def test_the_flags_make_a_demo(
    flags: list[str], expected: DemoBounds | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = []

    def serve(arguments: list[str], prog_name: str) -> int:
        bounds.append(read_demo_bounds())
        return 0

    monkeypatch.setattr(streamlit_cli, "main", serve)
    result = CliRunner().invoke(entry.main, flags)
    assert result.exit_code == 0, result.output
    assert bounds == [expected]


@pytest.mark.parametrize("value", ["soon", "9", "3601", "nan", "inf"])
def test_seconds_that_are_not_allowed_are_an_error(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(demo_bounds.DEMO_VARIABLE, "1")
    monkeypatch.setenv(demo_bounds.DEMO_SECONDS_VARIABLE, value)
    with pytest.raises(ConfigError, match=f"^DCGAN_STUDIO_DEMO_SECONDS: got '{value}'; expected"):
        read_demo_bounds()


def test_a_visitors_run_ends_by_the_clock() -> None:
    config = BOUNDS.config
    assert (config.epochs, config.max_seconds) == (None, 30)
    BOUNDS.check(config)
    changed = config.replace(seed=7, only_classes=(3, 8), kernel_size=9, discriminator_steps=10)
    BOUNDS.check(changed)


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 100_000},
        {"max_seconds": 1e7},
        {"batch_size": 4096},
        {"dataset": "/etc"},
        {"dataset": "fashion_mnist"},
        {"image_size": 64},
        {"latent_dim": 1024},
        {"generator_filters": (1024, 1024)},
        {"discriminator_units": 1024},
        {"num_samples": 400},
        {"sample_seconds": 0.2},
        {"checkpoint_seconds": 1.0},
        {"keep_checkpoints": 1000},
        {"evaluate_every": 0},
        {"tensorboard": True},
        {"strategy": "multi_worker"},
        {"class_names": ("0", "1")},
        dict(PRESETS["classic"]),
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_settings_that_take_more_of_the_server_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="visitors of this demo cannot change it"):
        BOUNDS.check(BOUNDS.config.replace(**changes))


def test_a_new_setting_is_fixed_until_it_is_offered() -> None:
    fixed = set(TrainingConfig.model_fields) - set(OFFERED_SETTINGS)
    assert {"dataset", "epochs", "max_seconds", "batch_size", "class_names"} <= fixed
    assert set(OFFERED_SETTINGS) < set(TrainingConfig.model_fields)

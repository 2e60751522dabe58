"""The variants of a race, and the settings in which they can differ."""

from __future__ import annotations

import pytest

from dashboard.race.variants import (
    PRESET,
    RUNS,
    find_choices_of_configs,
    list_labels,
    list_options,
    list_racing_settings,
    make_variants,
    select_different,
    suggest_values,
)
from dcgan.config.setting_info import LEARNING_RATES, get_setting_schema
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError
from dcgan.sweeps.grid import parse_values
from dcgan.sweeps.race import Variant, plan_race

BASE = TrainingConfig(dataset="fashion_mnist", latent_dim=8)


def test_settings_race_if_they_change_learning_and_the_pictures_stay_comparable() -> None:
    names = set(list_racing_settings())
    assert {
        *("generator_learning_rate", "beta_1", "class_conditional", "generator_filters"),
        *("batch_size", "discriminator_steps", "ema_decay"),
    } <= names
    assert names.isdisjoint(
        ("dataset", "image_size", "only_classes", "seed", "strategy", "epochs", "num_samples")
    )


@pytest.mark.parametrize("name", list_racing_settings())
def test_every_setting_can_race_with_the_values_that_the_form_suggests(name: str) -> None:
    values = list_options(name)[:2] or parse_values(name, suggest_values(name, TrainingConfig()))
    variants = make_variants(TrainingConfig(), {name: values})
    assert len(plan_race(variants, 30.0, 1).runs) == 2
    assert getattr(variants[0].config, name) == getattr(TrainingConfig(), name)


def test_a_setting_with_few_values_offers_all_of_them() -> None:
    assert list_options("class_conditional") == [True, False]
    assert list_options("beta_1") == []
    for name in list_racing_settings():
        if "enum" in get_setting_schema(name):
            assert list_options(name) == get_setting_schema(name)["enum"]


def test_presets_race_on_the_data_of_the_other_settings() -> None:
    fast, classic = make_variants(BASE, {PRESET: ["fast", "classic"]})
    assert (fast.label, classic.label) == ("Default settings", "Classic preset")
    assert fast.config == TrainingConfig(dataset="fashion_mnist")
    assert classic.config == TrainingConfig.preset("classic", dataset="fashion_mnist")


def test_two_settings_race_in_all_combinations_and_at_most_four() -> None:
    choices: dict[str, list[object]] = {"beta_1": [0, 0.5], "generator_filters": ["48,24", "8,4"]}
    labels = [variant.label for variant in make_variants(BASE, choices)]
    assert labels == [
        "Momentum 0, Generator channels 48-24",
        "Momentum 0, Generator channels 8-4",
        "Momentum 0.5, Generator channels 48-24",
        "Momentum 0.5, Generator channels 8-4",
    ]
    with pytest.raises(
        ConfigError, match="These are 6 combinations of settings; a race takes at most 4"
    ):
        make_variants(BASE, choices | {"beta_1": [0, 0.5, 0.9]})
    with_preset = make_variants(BASE, {PRESET: ["fast", "classic"], "dropout": [0, 0.3]})
    assert with_preset[3].label == "Classic preset, Dropout 0.3"
    with pytest.raises(
        ConfigError, match="These are 6 combinations of settings; a race takes at most 4"
    ):
        make_variants(BASE, {PRESET: ["fast", "classic"], "dropout": [0, 0.3, 0.5]})
    with pytest.raises(ConfigError, match="give at least one value"):
        make_variants(BASE, {"dropout": []})


def test_the_settings_of_runs_race_with_the_pictures_and_the_seed_of_the_others() -> None:
    classic = TrainingConfig.preset("classic", seed=5, epochs=BASE.epochs)
    changed = TrainingConfig(dropout=0.3)
    runs = [Variant("Old", classic), Variant("Dropout 0.3", changed)]
    first, second = make_variants(BASE, {RUNS: runs})
    assert (first.label, second.label) == ("Old", "Dropout 0.3")
    assert first.config == classic.replace(dataset="fashion_mnist", seed=BASE.seed)
    assert second.config == changed.replace(dataset="fashion_mnist")
    labels = [each.label for each in make_variants(BASE, {RUNS: runs, "batch_size": [32, 64]})]
    assert labels[-1] == "Dropout 0.3, Batch size 64"


def test_settings_that_are_all_combinations_of_values_are_choices_of_the_form() -> None:
    base = TrainingConfig()
    assert find_choices_of_configs([base.replace(dropout=0.4), base]) == {"dropout": "0.4, 0"}
    grid = [
        base.replace(class_conditional=has_classes, beta_1=beta_1)
        for has_classes in (False, True)
        for beta_1 in (0.5, 0.0)
    ]
    choices = {"class_conditional": [False, True], "beta_1": "0.5, 0"}
    assert find_choices_of_configs(grid) == choices
    # No race has more settings than were named.
    assert find_choices_of_configs([grid[0], grid[3]]) == {}
    assert find_choices_of_configs(grid[:3]) == {}
    rates = dict.fromkeys(LEARNING_RATES, 0.001)
    rate_choices = {"learning_rates": "0.001, 0.002"}
    assert find_choices_of_configs([base.replace(**rates), base]) == rate_choices
    uneven = base.replace(**rates).replace(discriminator_learning_rate=0.0005)
    assert find_choices_of_configs([base, base.replace(seed=1)]) == {}
    assert select_different([base, base.replace(seed=1), uneven, base]) == [0, 2]


def test_both_learning_rates_race_together() -> None:
    slow, fast = make_variants(BASE, {"learning_rates": ["0.0005", "0.002"]})
    assert slow.label == "Both learning rates 0.0005"
    rates = [
        (variant.config.generator_learning_rate, variant.config.discriminator_learning_rate)
        for variant in (slow, fast)
    ]
    assert rates == [(0.0005, 0.0005), (0.002, 0.002)]


def test_a_loss_that_brings_other_settings_names_them() -> None:
    labels = [each.label for each in make_variants(BASE, {"loss": ["bce", "wgan_gp"]})]
    assert labels == ["Loss bce", "Loss wgan gp, Discriminator steps 3"]
    chosen: dict[str, list[object]] = {"loss": ["bce", "wgan_gp"], "discriminator_steps": [1]}
    labels = [each.label for each in make_variants(BASE, chosen)]
    assert labels == [
        "Loss bce, Discriminator steps 1", "Loss wgan gp, Discriminator steps 1",
    ]  # fmt: skip
    own = BASE.replace(loss="wgan_gp")
    labels = [each.label for each in make_variants(own, {"loss": ["bce", "wgan_gp"]})]
    assert labels == ["Loss bce, Discriminator steps 1", "Loss wgan gp"]


def test_what_all_labels_begin_with_is_named_once() -> None:
    assert list_labels(["Both learning rates 0.002", "Both learning rates 0.0002"]) == (
        "Both learning rates 0.002 or 0.0002"
    )
    assert (
        list_labels(["Default settings", "Classic preset"]) == "Default settings or Classic preset"
    )
    assert list_labels(["Loss bce", "Loss bce, Batch size 32"]) == "Loss bce or bce, Batch size 32"
    grid = [
        f"Both learning rates {rate}, Dropout {dropout}" for rate in (1, 2) for dropout in (0, 3)
    ]
    assert list_labels(grid) == "Both learning rates 1 or 2; Dropout 0 or 3"
    assert list_labels(["Loss bce, Dropout 0", "Loss bce, Dropout 3"]) == "Loss bce; Dropout 0 or 3"
    # Runs are no combinations of settings.
    assert list_labels(["Dropout 0.4, seed 1", "Loss hinge, My run"]) == (
        "Dropout 0.4, seed 1 or Loss hinge, My run"
    )

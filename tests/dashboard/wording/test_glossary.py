"""The glossary: every setting is explained once; and the known values of the losses."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from dashboard.wording.glossary import (
    Entry,
    explain,
    explain_setting,
    explain_settings,
    find_terms,
    list_chapters,
)
from dcgan.charts.training_charts import compute_equilibrium_losses
from dcgan.config.setting_info import get_setting_group, get_setting_schema
from dcgan.config.setting_types import Loss
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.training_step.losses import discriminator_loss, generator_loss

_REPOSITORY = Path(__file__).parents[3]

ENTRIES = [entry for chapter in list_chapters() for entry in chapter.entries]
SETTINGS = [name for entry in ENTRIES for name in entry.settings]


def list_settings(*groups: str) -> list[str]:
    return [name for name in Settings.model_fields if get_setting_group(name) in groups]


@pytest.mark.parametrize("name", list_settings("Optimizers", "Networks", "Length"))
def test_a_setting_that_changes_training_is_explained(name: str) -> None:
    (entry,) = [entry for entry in ENTRIES if name in entry.settings]
    assert entry.meaning


def test_settings_of_one_term_are_explained_once() -> None:
    names = ["generator_learning_rate", "beta_1", "discriminator_learning_rate"]
    assert explain_settings(names) == (
        "Learning rate: How far the weights move in one update.\n\n"
        "Momentum (beta_1): How long past gradients keep moving the weights."
    )
    assert explain_settings([]) is None


def test_every_setting_has_exactly_one_entry() -> None:
    assert sorted(SETTINGS) == sorted(Settings.model_fields)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("batch_size", "Default: 64; allowed: 2 to 4096."),
        ("epochs", "Default: 10; allowed: 1 to 100,000."),
        ("seed", "Default: 0; allowed: 0 to 2,147,483,647."),
    ],
)
def test_a_setting_that_is_the_term_is_defined_once(name: str, values: str) -> None:
    (entry,) = [entry for entry in ENTRIES if name in entry.settings]
    assert entry.allowed == (values,)


def test_another_setting_of_a_term_has_its_own_description() -> None:
    (entry,) = [entry for entry in ENTRIES if "latent_dim" in entry.settings]
    description = Settings.model_fields["latent_dim"].description
    assert entry.allowed == (f"**Latent size.** {description} Default: 16; allowed: 1 to 1024.",)


@pytest.mark.parametrize("name", ["polarity", "strategy"])
def test_each_word_that_a_setting_allows_is_explained(name: str) -> None:
    description = str(Settings.model_fields[name].description)
    assert [word for word in get_setting_schema(name)["enum"] if word not in description] == []


@pytest.mark.parametrize(
    "word",
    [
        "epoch", "step", "batch size", "latent vector", "seed", "generator", "discriminator",
        "logit", "D(x)", "Adam", "learning rate", "beta_1", "beta_2", "loss", "label smoothing",
        "EMA", "checkpoint", "BatchNorm", "dropout", "truncation", "interpolation", "slerp",
        "mode collapse", "accuracy", "gradient", "equilibrium",
    ],
)  # fmt: skip
def test_the_terms_of_the_field_are_found(word: str) -> None:
    assert word.lower() in find_terms(word)[0].term.lower()


def test_terms_are_unique_and_end_as_sentences() -> None:
    terms = [entry.term for entry in ENTRIES]
    assert len(terms) == len(set(terms))
    assert all(entry.meaning.endswith(".") for entry in ENTRIES)
    keys = [entry.key for entry in ENTRIES]
    assert len(keys) == len(set(keys))


def test_a_help_text_is_the_beginning_of_the_entry_on_the_learn_page() -> None:
    (entry,) = [entry for entry in ENTRIES if entry.key == "frechet_distance"]
    assert explain("frechet_distance") == METRIC_INFO["frechet_distance"].explain("digit")
    assert entry.meaning.startswith(explain("frechet_distance"))
    assert explain("precision_recall").startswith("Precision: share of the digits")
    with pytest.raises(KeyError):
        explain("no such term")


def test_a_search_ignores_case_and_finds_names_of_settings() -> None:
    assert find_terms("LABEL_smoothing")[0].term == "Label smoothing"
    assert find_terms("no such word") == []


def test_a_setting_without_an_explanation_is_described() -> None:
    entry = Entry("seed", "Seed", "", settings=("seed",))
    assert str(Settings.model_fields["seed"].description) in entry.allowed[0]


def test_a_setting_is_explained_by_its_term() -> None:
    assert explain_setting("ema_decay") == explain("ema")
    assert explain_setting("only_classes") == explain("dataset")


def test_the_equilibrium_losses_are_ln_2_and_2_ln_2() -> None:
    config = TrainingConfig(label_smoothing=0)
    assert compute_equilibrium_losses(config) == pytest.approx((math.log(2), 2 * math.log(2)))


@pytest.mark.parametrize("loss", ["bce", "hinge", "wgan_gp", "relativistic"])
def test_the_equilibrium_losses_are_those_of_logits_of_0(loss: Loss) -> None:
    config = TrainingConfig(loss=loss, label_smoothing=0)
    zeros = tf.zeros((4, 1))
    assert compute_equilibrium_losses(config) == pytest.approx(
        (
            float(generator_loss(zeros, zeros, loss=loss)),
            float(discriminator_loss(zeros, zeros, loss=loss)),
        )
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
def test_the_equilibrium_is_the_discriminators_best_answer(smoothing: float) -> None:
    answers = np.linspace(0.001, 0.999, 9999)
    loss_on_real = -(1 - smoothing) * np.log(answers) - smoothing * np.log(1 - answers)
    losses = loss_on_real - np.log(1 - answers)
    best = int(np.argmin(losses))
    generator_loss, discriminator_loss = compute_equilibrium_losses(
        TrainingConfig(label_smoothing=smoothing)
    )
    assert discriminator_loss == pytest.approx(losses[best], abs=1e-6)
    assert generator_loss == pytest.approx(-np.log(answers[best]), abs=1e-3)


def test_no_term_names_a_flag_of_the_command_line() -> None:
    entries = [entry for chapter in list_chapters() for entry in chapter.entries]
    assert not [
        entry.key for entry in entries if " --" in " ".join((entry.meaning, *entry.allowed))
    ]

"""The words: every setting explained, no setting described twice, the losses' known values."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dashboard.learn.glossary import Entry, chapters, find
from dcgan.config import TrainingConfig
from dcgan.export.charts import compute_equilibrium_losses
from dcgan.setting_info import setting_group

_REPOSITORY = Path(__file__).parents[3]

ENTRIES = [entry for chapter in chapters() for entry in chapter.entries]
SETTINGS = [name for entry in ENTRIES for name in entry.settings]


def fields(*groups: str) -> list[str]:
    return [name for name in TrainingConfig.model_fields if setting_group(name) in groups]


@pytest.mark.parametrize("name", fields("Optimizers", "Networks", "Length"))
def test_a_setting_of_learning_has_a_meaning(name: str) -> None:
    (entry,) = [entry for entry in ENTRIES if name in entry.settings]
    assert entry.meaning


def test_every_setting_has_exactly_one_word() -> None:
    assert sorted(SETTINGS) == sorted(TrainingConfig.model_fields)


def test_a_setting_is_told_in_its_own_words_and_with_its_own_bounds() -> None:
    (entry,) = [entry for entry in ENTRIES if "batch_size" in entry.settings]
    description = TrainingConfig.model_fields["batch_size"].description
    assert description is not None
    assert description not in entry.meaning
    assert entry.allowed == (f"Batch size: {description} 2 to 4096; 64 unless changed.",)


@pytest.mark.parametrize(
    "word",
    [
        "epoch", "step", "batch size", "latent vector", "seed", "generator", "discriminator",
        "logit", "D(x)", "Adam", "learning rate", "beta_1", "beta_2", "loss", "label smoothing",
        "EMA", "checkpoint", "BatchNorm", "dropout", "truncation", "interpolation", "slerp",
        "mode collapse", "accuracy", "gradient", "equilibrium",
    ],
)  # fmt: skip
def test_the_fields_words_are_there(word: str) -> None:
    assert word.lower() in find(word)[0].term.lower()


def test_terms_are_unique_and_end_as_sentences() -> None:
    terms = [entry.term for entry in ENTRIES]
    assert len(terms) == len(set(terms))
    assert all(entry.meaning.endswith(".") for entry in ENTRIES)


def test_find_takes_a_settings_own_name_and_any_case() -> None:
    assert find("LABEL_smoothing")[0].term == "Label smoothing"
    assert find("no such word") == []


def test_a_setting_without_words_of_its_own_is_still_told() -> None:
    entry = Entry("Seed", "", ("seed",))
    assert str(TrainingConfig.model_fields["seed"].description) in entry.allowed[0]


def test_where_nothing_can_be_told_the_losses_are_ln_2_and_2_ln_2() -> None:
    assert compute_equilibrium_losses() == pytest.approx((math.log(2), 2 * math.log(2)))


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
def test_the_equilibrium_is_the_discriminators_best_answer(smoothing: float) -> None:
    answers = np.linspace(0.001, 0.999, 9999)
    on_real = -(1 - smoothing) * np.log(answers) - smoothing * np.log(1 - answers)
    losses = on_real - np.log(1 - answers)
    best = int(np.argmin(losses))
    generator_loss, discriminator_loss = compute_equilibrium_losses(smoothing)
    assert discriminator_loss == pytest.approx(losses[best], abs=1e-6)
    assert generator_loss == pytest.approx(-np.log(answers[best]), abs=1e-3)


def test_the_module_needs_neither_streamlit_nor_tensorflow() -> None:
    code = (
        "import sys, dashboard.learn.glossary\n"
        "print({'streamlit', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=_REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"

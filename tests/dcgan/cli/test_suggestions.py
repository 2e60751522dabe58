"""Suggestions of options, and errors of wrong values, as one sentence."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from dcgan.cli.commands.train import train
from dcgan.cli.main import main
from dcgan.cli.suggestions import describe_suggestions, suggest_options

OPTIONS = [name for each in train.params for name in each.opts if name.startswith("--")]
RATES = ["--generator-learning-rate", "--discriminator-learning-rate"]


@pytest.mark.parametrize(
    ("wrong", "suggested"),
    [
        ("--discriminator-dropout", ["--dropout"]),
        ("--drop-out", ["--dropout"]),
        ("--droput", ["--dropout"]),
        ("--batchsize", ["--batch-size"]),
        ("--image_size", ["--image-size"]),
        ("--latent", ["--latent-dim"]),
        ("--learning-rate", RATES),
        ("--lr", RATES),
        ("--generator-lr", ["--generator-learning-rate"]),
        ("--max-time", ["--max-seconds"]),
        ("--verbose", []),
    ],
)
def test_an_option_is_found_by_its_spelling_and_by_parts_of_its_name(
    wrong: str, suggested: list[str]
) -> None:
    assert suggest_options(wrong, OPTIONS) == suggested


def test_one_letter_suggests_no_name_that_only_contains_it() -> None:
    assert suggest_options("-x", ["--max-seconds", "--excluded-pictures"]) == []


def test_a_suggestion_is_one_sentence() -> None:
    assert describe_suggestions("--droput", OPTIONS) == (
        "No such option --droput; did you mean --dropout?"
    )
    assert describe_suggestions("--verbose", OPTIONS) == (
        "No such option --verbose; --help lists all."
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            "train --discriminator-dropout 0.3",
            "No such option --discriminator-dropout; did you mean --dropout?",
        ),
        ("generate pretrained --count 0", "--count: got '0'; expected 1 to 10,000."),
        ("train --worker-index -1", "--worker-index: got '-1'; expected 0 or more."),
        ("--bogus", "No such option --bogus; --help lists all."),
        ("--version=3", "--version takes no value."),
        ("train --deterministic=3", "--deterministic takes no value."),
        ("train --epochs", "--epochs needs a value; --help says which."),
        ("--versoin", "No such option --versoin; did you mean --version?"),
        ("bogus", "No such command bogus; --help lists all."),
        ("train --preset slow", "--preset: got 'slow'; expected fast or classic."),
    ],
)
def test_a_wrong_flag_or_value_is_explained_in_one_sentence(arguments: str, error: str) -> None:
    result = CliRunner().invoke(main, arguments.split())
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == f"Error: {error}"

"""Titles of runs that start from another run."""

from __future__ import annotations

from dcgan.config.training_config import TrainingConfig
from dcgan.runs.manifest import MAX_TITLE
from dcgan.runs.naming.branches import describe_branch, describe_new_settings, make_branch_title


def test_a_title_repeats_only_the_own_part_of_another_such_title() -> None:
    first = make_branch_title("Generator learning rate 0.0005", "my run", "restart")
    assert first == "Generator learning rate 0.0005 (restart of my run)"
    assert make_branch_title("R1 penalty 5", first) == (
        "R1 penalty 5 (branch of Generator learning rate 0.0005)"
    )


def test_a_long_title_is_shortened_at_a_word_and_fits() -> None:
    changes = describe_new_settings({"discriminator_learning_rate": 0.00002, "batch_size": 32})
    title = make_branch_title(changes, "My longest run of all, with many words in its name")
    assert title == ("Discriminator learning rate … (branch of My longest run of all, with many …)")
    assert make_branch_title(changes, "W" * 80).endswith(f"{'W' * 34} …)")
    settings = {"generator_learning_rate": 0.0005, "batch_size": 32, "seed": 3, "beta_1": 0.4}
    many = describe_new_settings(settings)
    assert many == "Generator learning rate 0.0005, Batch size 32 …"
    assert len(make_branch_title(many, "mnist-20261129-102758")) <= MAX_TITLE
    assert len(make_branch_title("V" * 80, "W" * 80)) <= MAX_TITLE


def test_a_branch_without_a_change_names_its_step() -> None:
    before = TrainingConfig()
    assert describe_branch(before, before, 1200) == "From step 1,200"
    assert describe_branch(before, before.replace(batch_size=32), 1200) == "Batch size 32"

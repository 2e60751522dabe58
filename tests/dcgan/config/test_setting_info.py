"""The effects of settings, and when a setting may change."""

from __future__ import annotations

from dcgan.config.setting_info import list_settings_that_affect, list_settings_that_change
from dcgan.config.training_config import TrainingConfig


def test_a_setting_may_change_only_if_no_weight_picture_or_count_depends_on_it() -> None:
    live, in_branch = list_settings_that_change("live"), list_settings_that_change("in_branch")
    assert live == (
        "generator_learning_rate",
        "discriminator_learning_rate",
        "discriminator_steps",
        "evaluate_every",
    )
    assert set(live) < set(in_branch)
    fixed = {"dataset", "polarity", "batch_size", "latent_dim", "seed"}
    assert not {*fixed, "generator_filters", "dropout", "num_samples", "epochs"} & set(in_branch)


def test_settings_are_listed_by_what_they_affect() -> None:
    assert list_settings_that_affect("schedule") == (
        "epochs",
        "max_seconds",
        "until_converged",
        "evaluate_every",
    )
    # A step reads these from variables or from the data, so it needs no other graph.
    graph = list_settings_that_affect("networks", "step")
    others = {"dataset", "only_classes", "generator_learning_rate", "epochs", "num_samples"}
    assert others.isdisjoint(graph)
    assert {"image_size", "class_conditional", "latent_dim", "batch_size", "seed"} <= set(graph)
    # Settings of what is saved have no effect on what is learned.
    saving = set(list_settings_that_affect("saving"))
    assert saving.isdisjoint(list_settings_that_affect("pictures", "networks", "step", "learning"))
    assert {"dropout", "num_samples", "r1_penalty"} <= set(list_settings_that_affect("speed"))
    assert "beta_1" not in list_settings_that_affect("speed")


def test_networks_that_hold_layers_have_a_graph_of_their_own() -> None:
    fresh = TrainingConfig(held_layers=2)
    assert fresh.replace(start_from="digits").graph_key != fresh.graph_key
    assert TrainingConfig(start_from="digits").graph_key == TrainingConfig().graph_key

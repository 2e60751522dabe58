"""The settings that a tuning tries."""

from __future__ import annotations

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.tuning.search_space import (
    Changes,
    combine_changes,
    describe_candidate,
    list_single_changes,
)


def test_each_change_is_allowed_and_differs_from_the_start_and_from_the_others() -> None:
    for base in (
        TrainingConfig(),
        TrainingConfig.preset("classic"),
        TrainingConfig(loss="wgan_gp"),
    ):
        for num_images in (500, 60_000):
            changes = list_single_changes(base, num_images)
            configs = [base.replace(**each) for each in changes]
            assert base not in configs
            assert all(configs.count(config) == 1 for config in configs)
            assert len(changes) >= 5


def test_penalty_rates_channels_and_augmentation_are_tried() -> None:
    changes = list_single_changes(TrainingConfig(), 500)
    assert changes[:5] == [
        {"start_from": "pretrained"},
        {"r1_penalty": 1.0},
        {"generator_learning_rate": 0.001, "discriminator_learning_rate": 0.001},
        {"augment": 0.3},
        {"r1_penalty": 5.0},
    ]
    assert {"generator_filters": (96, 48), "discriminator_filters": (32, 64)} in changes
    assert {"discriminator_learning_rate": 0.001} in changes
    # Many pictures are not augmented by default, so augmentation is the change.
    assert list_single_changes(TrainingConfig(), 60_000)[-1] == {"augment": 0.3}


def test_what_helps_in_short_trainings_only_is_not_tried() -> None:
    for base in (TrainingConfig(), TrainingConfig(augment=0.3)):
        changes = list_single_changes(base, 500)
        assert not any(each.get("augment") == "off" for each in changes)
        filters = [each["generator_filters"] for each in changes if "generator_filters" in each]
        assert filters == [(96, 48)]
    assert {"augment": "off"} in list_single_changes(TrainingConfig(augment=0.3), 60_000)


@pytest.mark.parametrize(
    ("settings", "num_images"),
    [({}, 5000), ({"image_size": 32}, 500), ({"start_from": "mine"}, 500)],
    ids=["many pictures", "other size", "started already"],
)
def test_a_trained_start_is_tried_only_for_few_pictures_of_its_size(
    settings: dict[str, object], num_images: int
) -> None:
    changes = list_single_changes(TrainingConfig.create(**settings), num_images)
    assert not any("start_from" in each for each in changes)


def test_pictures_with_classes_start_from_the_run_that_knows_classes() -> None:
    changes = list_single_changes(TrainingConfig(class_names=("cat", "dog")), 500)
    assert changes[0] == {"start_from": "pretrained-classes"}


def test_a_loss_with_its_own_penalty_has_no_r1_to_change() -> None:
    changes = list_single_changes(TrainingConfig(loss="wgan_gp"), 500)
    assert not any("r1_penalty" in each for each in changes)


def test_changes_that_would_leave_the_bounds_are_left_out() -> None:
    base = TrainingConfig(
        r1_penalty=100,
        discriminator_filters=(4, 600),
        generator_learning_rate=0.8,
    )
    changes = list_single_changes(base, 60_000)
    assert {"r1_penalty": 500.0} in changes
    assert {"r1_penalty": 2500.0} not in changes
    assert not any("generator_filters" in each for each in changes)
    assert not any(each.get("generator_learning_rate") == 1.6 for each in changes)


def test_without_a_penalty_some_are_tried() -> None:
    changes = list_single_changes(TrainingConfig(r1_penalty=0), 500)
    assert [each["r1_penalty"] for each in changes if "r1_penalty" in each] == [1.0, 0.2, 5.0]


def test_combinations_have_the_better_change_of_each_setting() -> None:
    improvements: list[Changes] = [
        {"r1_penalty": 1.0},
        {"r1_penalty": 5.0},
        {"augment": "off"},
        {"seed": 3},
    ]
    assert combine_changes(improvements, 2) == [
        {"r1_penalty": 1.0, "augment": "off", "seed": 3},
        {"r1_penalty": 1.0, "augment": "off"},
    ]
    assert combine_changes(improvements[:2], 2) == []
    assert combine_changes(improvements[:3], 2) == [{"r1_penalty": 1.0, "augment": "off"}]
    assert combine_changes(improvements, 1) == [{"r1_penalty": 1.0, "augment": "off", "seed": 3}]


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, "Starting settings"),
        ({"r1_penalty": 5.0}, "R1 penalty 5"),
        ({"augment": "off", "r1_penalty": 5.0}, "Augmentation off and R1 penalty 5"),
        ({"generator_filters": (24, 12)}, "Generator channels 24-12"),
        (
            {"generator_learning_rate": 1e-3, "discriminator_learning_rate": 1e-3},
            "Learning rates 0.001",
        ),
    ],
)
def test_a_candidate_is_named_by_its_changes(changes: dict[str, object], label: str) -> None:
    assert describe_candidate(TrainingConfig().replace(**changes), changes) == label

"""The ratio of two distances that another seed alone can make."""

from __future__ import annotations

import pytest

from dcgan.comparison.seed_ratio import describe_stage, explain_seed_ratio, find_seed_ratio


@pytest.mark.parametrize(
    ("steps", "ratio", "stage"),
    [
        ((1499, 1499), 1.7, " (less after 1,500 steps)"),
        ((1499, 1500), 1.5, " (less after 1,500 steps)"),
        ((1500, 1499), 1.5, " (less after 1,500 steps)"),
        ((1500, 1500), 1.2, ""),
    ],
)
def test_training_is_early_before_step_1500(
    steps: tuple[int, int], ratio: float, stage: str
) -> None:
    assert find_seed_ratio(*steps, "frechet_distance") == ratio
    assert describe_stage(*steps, "frechet_distance") == stage


def test_the_distance_of_own_pictures_is_certain_earlier() -> None:
    assert find_seed_ratio(799, 799, "sliced_wasserstein") == 1.7
    assert find_seed_ratio(800, 799, "sliced_wasserstein") == 1.5
    assert find_seed_ratio(800, 800, "sliced_wasserstein") == 1.3
    assert describe_stage(800, 800, "sliced_wasserstein") == ""


def test_the_factor_of_another_seed_is_explained_with_its_measurement() -> None:
    text = explain_seed_ratio("frechet_distance")
    assert text.startswith("This factor was measured: ")
    assert "up to 1.7 times before step 1,500, and by up to 1.2 times later" in text
    assert explain_seed_ratio("frechet_distance", 3).endswith(
        "The average of 3 seeds varies less, unless these seeds differ more."
    )

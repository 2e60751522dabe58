"""The shape of a run's sample grid."""

from __future__ import annotations

from dcgan.config.training_config import TrainingConfig
from dcgan.latent.sample_grid import choose_sample_shape


def test_a_sample_grid_is_nearly_square_and_has_a_whole_number_of_columns_for_each_class() -> None:
    config = TrainingConfig.create(num_samples=100)
    assert choose_sample_shape(config) == (10, 10)
    assert choose_sample_shape(config, max_digits=30) == (5, 6)
    assert choose_sample_shape(config.replace(num_samples=9), max_digits=30) == (3, 3)
    with_classes = config.replace(class_conditional=True, class_names=("A", "B", "C"))
    assert choose_sample_shape(with_classes) == (12, 9)
    assert choose_sample_shape(with_classes, max_digits=64) == (8, 9)

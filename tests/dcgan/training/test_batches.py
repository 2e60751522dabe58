"""The order of the images in an epoch, and possible batch sizes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError
from dcgan.model.gan import DCGAN
from dcgan.training.batches import EpochOrders, check_batch, compute_epoch_order
from dcgan.training.loop import train


@given(num_images=st.integers(16, 300), epoch=st.integers(1, 1000))
def test_an_epoch_has_every_image_once_and_fills_its_last_step_with_its_first_images(
    num_images: int, epoch: int
) -> None:
    config = TrainingConfig.create(batch_size=16)
    order = compute_epoch_order(config, num_images, epoch)
    assert order.dtype == np.int32
    assert len(order) == config.compute_steps_per_epoch(num_images) * 16
    assert sorted(order[:num_images]) == list(range(num_images))
    filling = order[num_images:]
    np.testing.assert_array_equal(filling, order[: len(filling)])


def test_the_order_depends_only_on_seed_and_epoch(tiny_config: TrainingConfig) -> None:
    order = compute_epoch_order(tiny_config, 200, epoch=3)
    np.testing.assert_array_equal(order, compute_epoch_order(tiny_config, 200, epoch=3))
    assert not np.array_equal(order, compute_epoch_order(tiny_config, 200, epoch=4))
    other = tiny_config.replace(seed=1)
    assert not np.array_equal(order, compute_epoch_order(other, 200, epoch=3))
    # Epoch 3 of seed 0 is not epoch 2 of seed 1.
    assert not np.array_equal(order, compute_epoch_order(other, 200, epoch=2))


def test_orders_of_several_epochs_are_concatenated(
    tiny_config: TrainingConfig,
) -> None:
    for num_images in (16, 40, 200, 10_000):
        orders = EpochOrders(tiny_config, num_images)
        per_epoch = tiny_config.compute_steps_per_epoch(num_images)
        lengths = set()
        for step, num_steps in [(0, 1), (1, 500), (7, 500), (3000, 1), (2, 3), (per_epoch - 1, 2)]:
            order, position = orders.select(step, num_steps)
            lengths.add(len(order))
            for index in range(num_steps):
                epoch_index, batch_index = divmod(step + index, per_epoch)
                expected = compute_epoch_order(tiny_config, num_images, epoch_index + 1)
                found = order.numpy()[16 * (position + index) :][:16]
                np.testing.assert_array_equal(found, expected[16 * batch_index :][:16])
        assert len(lengths) == 1  # A different length would trace the graph again.


def test_a_batch_larger_than_the_data_set_is_refused_before_the_first_report(
    gan: DCGAN, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    with pytest.raises(ConfigError) as caught:
        train(gan, tiny_dataset, tiny_config.replace(batch_size=201))
    assert str(caught.value) == (
        "batch_size: got 201; the data set has 200 pictures, so use at most 200."
    )
    check_batch(tiny_config.replace(batch_size=200), num_images=200)


@pytest.mark.parametrize(
    ("batch_size", "num_replicas", "message"),
    [
        (33, 2, "got 33; it is split over 2 devices, so use a multiple of 2, such as 32."),
        (3, 4, "got 3; it is split over 4 devices, so use a multiple of 4, such as 4."),
    ],
)
def test_a_batch_that_cannot_be_split_evenly_is_refused(
    batch_size: int, num_replicas: int, message: str
) -> None:
    config = TrainingConfig.create(batch_size=batch_size)
    with pytest.raises(ConfigError) as caught:
        check_batch(config, 1000, num_replicas)
    assert str(caught.value) == f"batch_size: {message}"
    check_batch(config.replace(batch_size=4 * num_replicas), 1000, num_replicas)


@pytest.mark.parametrize(
    ("labels", "found"),
    [(None, "no labels"), (np.arange(200, dtype=np.uint8) % 3, "labels up to 2")],
)
def test_classes_that_the_pictures_do_not_have_are_refused(
    labels: np.ndarray | None,
    found: str,
    gan: DCGAN,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
) -> None:
    config = tiny_config.replace(class_names=("a", "b"))
    dataset = dataclasses.replace(tiny_dataset, labels=labels)
    with pytest.raises(ConfigError, match=f"^class_names: got 2 names, but .* have {found}; give"):
        train(gan, dataset, config)

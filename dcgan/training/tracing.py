"""Tracing of a DCGAN's step in advance, because TensorFlow takes seconds to build its graph."""

from __future__ import annotations

from dcgan.data.datasets import ImageDataset
from dcgan.latent.sample_grid import sample_fixed_latent
from dcgan.model.devices import explain_memory_errors
from dcgan.model.gan import DCGAN
from dcgan.training.batches import EpochOrders
from dcgan.training.loop import generate_samples
from dcgan.training_step.training_images import TrainingImages


def trace_step(gan: DCGAN, dataset: ImageDataset) -> None:
    """Make one step and a grid, and restore the state, so that the next step starts at once.

    Args:
        gan: The networks.
        dataset: The training images. The graph also fits other sets with as many pictures of the
            same shape.

    Raises:
        OutOfMemoryError: If the step or the grid does not fit into memory.
    """
    before = gan.get_state()
    orders = EpochOrders(gan.config, len(dataset))
    images = TrainingImages.from_dataset(dataset, gan.config)
    with explain_memory_errors("a step of these networks", "lower the batch size"):
        gan.train_steps(images, *orders.select(gan.step, 1), 1)
    gan.set_state(before)
    generate_samples(gan, sample_fixed_latent(gan.config))

"""A DCGAN that trains on MNIST: the library behind the dashboard and the command line.

    from dcgan import DCGAN, TrainingConfig, train, train_dcgan_mnist

Names are loaded when first used, so that `import dcgan` is fast and does not import TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcgan.config.training_config import TrainingConfig
    from dcgan.data.datasets import ImageDataset, load_dataset
    from dcgan.errors import DCGANError
    from dcgan.images.grids import plot_images
    from dcgan.latent.sampling import sample_latent
    from dcgan.model.gan import DCGAN
    from dcgan.model.sampler import Sampler
    from dcgan.networks.architecture import build_discriminator, build_generator
    from dcgan.recording.quickstart import train_dcgan_mnist
    from dcgan.training.loop import train
    from dcgan.training_step.losses import discriminator_loss, generator_loss

__version__ = "0.1.0"

_MODULES = {
    "DCGAN": "model.gan",
    "DCGANError": "errors",
    "ImageDataset": "data.datasets",
    "Sampler": "model.sampler",
    "TrainingConfig": "config.training_config",
    "build_discriminator": "networks.architecture",
    "build_generator": "networks.architecture",
    "discriminator_loss": "training_step.losses",
    "generator_loss": "training_step.losses",
    "load_dataset": "data.datasets",
    "plot_images": "images.grids",
    "sample_latent": "latent.sampling",
    "train": "training.loop",
    "train_dcgan_mnist": "recording.quickstart",
}

__all__ = [
    "DCGAN",
    "DCGANError",
    "ImageDataset",
    "Sampler",
    "TrainingConfig",
    "build_discriminator",
    "build_generator",
    "discriminator_loss",
    "generator_loss",
    "load_dataset",
    "plot_images",
    "sample_latent",
    "train",
    "train_dcgan_mnist",
]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'dcgan' has no attribute {name!r}")
    return getattr(importlib.import_module(f"dcgan.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__

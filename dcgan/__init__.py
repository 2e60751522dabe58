"""A DCGAN that trains on MNIST: the library behind the dashboard and the command line.

    from dcgan import DCGAN, TrainingConfig, train, train_dcgan_mnist

Names are loaded when first used, so that `import dcgan` costs nothing and only what touches
tensors imports TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcgan.config import TrainingConfig
    from dcgan.datasets import ImageDataset, load_dataset
    from dcgan.errors import DCGANError
    from dcgan.gan import DCGAN, Sampler
    from dcgan.imaging import plot_images
    from dcgan.latent import sample_latent
    from dcgan.losses import discriminator_loss, generator_loss
    from dcgan.networks import build_discriminator, build_generator
    from dcgan.recording import train_dcgan_mnist
    from dcgan.training import train

_HOMES = {
    "DCGAN": "gan",
    "DCGANError": "errors",
    "ImageDataset": "datasets",
    "Sampler": "gan",
    "TrainingConfig": "config",
    "build_discriminator": "networks",
    "build_generator": "networks",
    "discriminator_loss": "losses",
    "generator_loss": "losses",
    "load_dataset": "datasets",
    "plot_images": "imaging",
    "sample_latent": "latent",
    "train": "training",
    "train_dcgan_mnist": "recording",
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
    if name not in _HOMES:
        raise AttributeError(f"module 'dcgan' has no attribute {name!r}")
    return getattr(importlib.import_module(f"dcgan.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__

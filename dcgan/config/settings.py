"""Every setting of a training run, with its default, bounds, label and help text.

Settings are defined here and in `data_settings` only: the form, the command line, the table in the
documentation and a run's `config.json` are made from them. Neither knows tensors, files or pages.
"""

from __future__ import annotations

import functools
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, model_validator

from dcgan.config.data_settings import DataSettings
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.setting_types import (
    Loss,
    Widths,
    make_setting,
    parse_optional,
)

ImageShape = tuple[int, int, int]  # Height, width in pixels; channels: 1 grey, 3 red, green, blue.
DIGIT_SHAPE: ImageShape = (28, 28, 1)  # As in MNIST.
MAX_SEED = 2**31 - 1  # The largest that every library with a seed accepts.
MAX_DISCRIMINATOR_STEPS = 10

# Each section of the form has its own settings.
_length_setting = functools.partial(make_setting, group="Length")
_optimizer_setting = functools.partial(make_setting, group="Optimizers")
_network_setting = functools.partial(make_setting, group="Networks", affects=("networks", "speed"))
_run_setting = functools.partial(make_setting, group="Run")


class Settings(DataSettings):
    """The settings of a run: immutable, and valid once built; use them as a `TrainingConfig`.

    The defaults are the `fast` preset. `model_fields` holds each setting's label (`title`) and help
    text (`description`); `dcgan.config.setting_info` reads the rest.
    """

    epochs: Annotated[int | None, BeforeValidator(parse_optional)] = _length_setting(
        10,
        "Passes over the data: each shows every picture once, such as MNIST's 60,000 digits. Empty "
        "if only the time limit counts.",
        label="Epochs",
        affects=("schedule",),
        ge=1,
        le=100_000,
    )
    max_seconds: Annotated[float | None, BeforeValidator(parse_optional)] = _length_setting(
        None,
        "Stop after this many seconds, counted from the first step's start; empty for no limit. "
        "The first step also builds the networks, which takes up to ten seconds unless they were "
        "prepared.",
        label="Time limit",
        affects=("schedule",),
        gt=0,
        le=10_000_000,
    )
    until_converged: bool = _length_setting(
        False,
        "Stop when the distance to real images has not become clearly smaller, by a tenth, for a "
        "third of the training time, at least 2 minutes. Epochs and time limit still apply.",
        label="Until it stops improving",
        affects=("schedule",),
        changes="in_branch",
    )
    batch_size: int = _length_setting(
        64,
        "Images in one batch; larger batches give steadier training and fewer steps per epoch.",
        label="Batch size",
        affects=("step", "speed"),
        ge=2,
        le=4096,
    )

    generator_learning_rate: float = _optimizer_setting(
        2e-3,
        "Step size (lr) of the generator's Adam optimizer.",
        label="Generator learning rate",
        affects=("learning",),
        changes="live",
        gt=0,
        le=1,
    )
    discriminator_learning_rate: float = _optimizer_setting(
        2e-3,
        "Step size (lr) of the discriminator's Adam optimizer; lower it if the discriminator wins.",
        label="Discriminator learning rate",
        affects=("learning",),
        changes="live",
        gt=0,
        le=1,
    )
    beta_1: float = _optimizer_setting(
        0.0,
        "Adam's memory of past gradients; the default networks learned fastest with 0. The 2015 "
        "paper has 0.5, Adam's usual value is 0.9.",
        label="beta_1",
        affects=("step",),
        changes="in_branch",
        ge=0,
        lt=1,
    )
    beta_2: float = _optimizer_setting(
        0.999,
        "Adam's memory of the size of past gradients.",
        label="beta_2",
        affects=("step",),
        changes="in_branch",
        ge=0,
        lt=1,
    )
    loss: Loss = _optimizer_setting(
        "bce",
        "bce: the usual choice. hinge: ignores images that are clearly right. wgan_gp: compares "
        "mean logits; slower. relativistic: compares each real image with a fake.",
        label="Loss",
        affects=("networks", "step", "speed"),
    )
    label_smoothing: float = _optimizer_setting(
        0.1,
        "With the loss bce only: the discriminator's target is 1 minus this for real images and 0 "
        "for fakes, so that it does not become too sure.",
        label="Label smoothing",
        affects=("step",),
        changes="in_branch",
        ge=0,
        le=0.5,
    )
    r1_penalty: float = _optimizer_setting(
        0.2,
        "Weight of R1, an extra loss that keeps the discriminator's answers from changing abruptly "
        "near real images (with the relativistic loss also near fakes). 0: none. It is scaled by "
        "the number of pixels. wgan_gp has its own penalty instead.",
        label="R1 penalty",
        affects=("step", "speed"),
        changes="in_branch",
        ge=0,
        le=1000,
    )
    discriminator_steps: int = _optimizer_setting(
        1,
        "Discriminator updates per generator update. With 5, the discriminator sees each picture "
        "five times an epoch. R1 is still applied every 16 steps.",
        label="Discriminator steps",
        affects=("step", "speed"),
        changes="live",
        ge=1,
        le=MAX_DISCRIMINATOR_STEPS,
    )
    ema_decay: float = _optimizer_setting(
        0.999,
        "The pictures come from a running average of the generator's weights; this is the share "
        "of the old average that a step keeps (0 turns it off).",
        label="EMA decay",
        affects=("step",),
        changes="in_branch",
        ge=0,
        lt=1,
    )

    latent_dim: int = _network_setting(
        16,
        "Length of the latent vector z from which a digit is made.",
        label="Latent size",
        ge=1,
        le=1024,
    )
    generator_filters: Widths = _network_setting(
        (48, 24),
        "Channels of the generator's layers, from the smallest picture (7×7 of 28×28, 8×8 of the "
        "others) up: two or more numbers.",
        label="Generator channels",
        min_length=2,
        max_length=6,
    )
    discriminator_filters: Widths = _network_setting(
        (16, 32),
        "Channels of the discriminator's convolutions, each of which halves the picture.",
        label="Discriminator channels",
        min_length=1,
        max_length=4,
    )
    generator_units: int = _network_setting(
        128,
        "Width of a hidden dense layer between z and the first small picture; 0 for none.",
        label="Generator hidden units",
        ge=0,
        le=1024,
    )
    discriminator_units: int = _network_setting(
        128,
        "Width of a hidden dense layer behind the convolutions, which sees the whole picture at "
        "once; 0 for none.",
        label="Discriminator hidden units",
        ge=0,
        le=1024,
    )
    kernel_size: int = _network_setting(
        4,
        "Side of the convolutions' windows, in pixels.",
        label="Kernel size",
        ge=2,
        le=9,
    )
    dropout: float = _network_setting(
        0.0,
        "Share of the numbers in the discriminator's layers that are set to 0 in training.",
        label="Dropout",
        ge=0,
        le=0.9,
    )

    seed: int = _run_setting(
        0,
        "Start of every random choice; on one machine the same seed and settings give the same "
        "run except for rounding.",
        label="Seed",
        affects=("step",),
        ge=0,
        le=MAX_SEED,
    )
    num_samples: int = _run_setting(
        100,
        "Pictures in the sample grid, drawn from the same z throughout the run.",
        label="Pictures in the grid",
        affects=("speed",),
        ge=1,
        le=400,
    )
    sample_seconds: float = _run_setting(
        3.0,
        "Seconds of training between two live sample grids; sooner in a run's first seconds.",
        label="Seconds between grids",
        affects=("saving", "speed"),
        changes="in_branch",
        ge=0.2,
        le=3600,
    )
    checkpoint_seconds: float = _run_setting(
        30.0,
        "Seconds of training between two checkpoints; a crash loses at most this much training.",
        label="Seconds between checkpoints",
        affects=("saving", "speed"),
        changes="in_branch",
        ge=1,
        le=86_400,
    )
    keep_checkpoints: int = _run_setting(
        3,
        "Newest checkpoints to keep; the one nearest to real images and the ends of epochs 1, 2, "
        "4, 8, …, if at least half a second apart, are kept as well.",
        label="Checkpoints to keep",
        affects=("saving",),
        changes="in_branch",
        ge=1,
        le=1000,
    )
    evaluate_every: int = _run_setting(
        1,
        "Epochs between two measurements of how real the digits are; 0 turns them off.",
        label="Epochs between evaluations",
        affects=("schedule",),
        changes="live",
        ge=0,
        le=100_000,
    )
    strategy: Literal["auto", "one_device", "mirrored", "multi_worker"] = _run_setting(
        "auto",
        "Devices to train on: auto uses all GPUs that TensorFlow finds, else the CPU; one_device "
        "uses one, mirrored all of this machine; multi_worker uses several processes or machines, "
        "from the command line.",
        label="Devices",
        affects=("step", "speed"),
        changes="in_branch",
    )
    tensorboard: bool = _run_setting(
        False,
        "Also write numbers, sample grids and weights as TensorBoard files into the run's folder.",
        label="TensorBoard",
        affects=("saving", "speed"),
        changes="in_branch",
    )

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        if self.epochs is None and self.max_seconds is None:
            raise ValueError("give epochs or max_seconds: without either, training never ends")
        if self.until_converged and self.evaluate_every == 0:
            raise ValueError("set evaluate_every to 1 or more: until_converged needs evaluations")
        if self.color and self.dataset in NAMED_SETS:
            raise ValueError(
                f"color is for your own pictures, and {self.dataset} is grey: leave it off, or "
                "choose your own pictures"
            )
        if self.only_classes and self.dataset not in NAMED_SETS:
            raise ValueError("only_classes is for named sets: leave it empty for own pictures")
        if self.dataset in NAMED_SETS and (
            self.excluded_pictures or self.near_duplicates != "keep"
        ):
            raise ValueError(
                "excluded_pictures and near_duplicates are for your own pictures: a named set is "
                "learned as it is"
            )
        return self

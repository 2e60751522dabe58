"""The layers of both networks."""

from __future__ import annotations

import functools

from pydantic import BaseModel

from dcgan.config.setting_types import Widths, make_setting

_setting = functools.partial(make_setting, group="Networks", affects=("networks", "speed"))


class NetworkSettings(BaseModel):
    """The section "Networks" of the form; see `Settings`."""

    latent_dim: int = _setting(
        16,
        "Length of the latent vector z from which a digit is made.",
        label="Latent size",
        ge=1,
        le=1024,
    )
    generator_filters: Widths = _setting(
        (48, 24),
        "Channels of the generator's layers: two or more numbers. The first is for the smallest "
        "picture: 7×7 pixels, or 8×8 if the pictures have 32×32 or 64×64.",
        label="Generator channels",
        min_length=2,
        max_length=6,
    )
    discriminator_filters: Widths = _setting(
        (16, 32),
        "Channels of the discriminator's convolutions, each of which halves the picture.",
        label="Discriminator channels",
        min_length=1,
        max_length=4,
    )
    generator_units: int = _setting(
        128,
        "Width of a hidden dense layer between z and the first small picture; 0 for none.",
        label="Generator hidden units",
        ge=0,
        le=1024,
    )
    discriminator_units: int = _setting(
        128,
        "Width of a hidden dense layer behind the convolutions, which sees the whole picture at "
        "once; 0 for none.",
        label="Discriminator hidden units",
        ge=0,
        le=1024,
    )
    kernel_size: int = _setting(
        4,
        "Side of the convolutions' windows, in pixels.",
        label="Kernel size",
        ge=2,
        le=9,
    )
    dropout: float = _setting(
        0.0,
        "Share of the numbers in the discriminator's layers that each step sets to 0 at random.",
        label="Dropout",
        ge=0,
        le=0.9,
    )

"""Losses, penalties, optimizers and the average of the weights."""

from __future__ import annotations

import functools

from pydantic import BaseModel

from dcgan.config.setting_types import Loss, make_setting

MAX_DISCRIMINATOR_STEPS = 10

_setting = functools.partial(make_setting, group="Optimizers")


class OptimizerSettings(BaseModel):
    """The section "Optimizers" of the form; see `Settings`."""

    generator_learning_rate: float = _setting(
        2e-3,
        "Step size of the generator's Adam optimizer.",
        label="Generator learning rate",
        affects=("learning",),
        changes="live",
        gt=0,
        le=1,
    )
    discriminator_learning_rate: float = _setting(
        2e-3,
        "Step size of the discriminator's Adam optimizer; lower it if the discriminator wins.",
        label="Discriminator learning rate",
        affects=("learning",),
        changes="live",
        gt=0,
        le=1,
    )
    beta_1: float = _setting(
        0.0,
        "How long past gradients keep moving the weights (beta_1 of Adam). The default networks "
        "learned fastest with 0. The DCGAN paper of 2015 uses 0.5; Adam's usual value is 0.9.",
        label="Momentum",
        affects=("step",),
        changes="in_branch",
        ge=0,
        lt=1,
    )
    beta_2: float = _setting(
        0.999,
        "How long the size of past gradients counts (beta_2 of Adam).",
        label="Second momentum",
        affects=("step",),
        changes="in_branch",
        ge=0,
        lt=1,
    )
    loss: Loss = _setting(
        "bce",
        "What both networks minimise. bce: the usual choice. hinge: ignores pictures that are "
        "clearly right. wgan_gp: compares mean logits; slower. relativistic: compares each real "
        "picture with a fake.",
        label="Loss",
        affects=("networks", "step", "speed"),
    )
    label_smoothing: float = _setting(
        0.1,
        "With the loss bce only: the discriminator's target is 1 minus this for real pictures and "
        "0 for fakes. This keeps it from becoming too sure.",
        label="Label smoothing",
        affects=("step",),
        changes="in_branch",
        ge=0,
        le=0.5,
    )
    r1_penalty: float = _setting(
        0.2,
        "Weight of R1, an extra loss that keeps the discriminator's answers from changing abruptly "
        "near real pictures (with the relativistic loss also near fakes). 0: none. It is scaled by "
        "the number of pixels. wgan_gp has its own penalty instead.",
        label="R1 penalty",
        affects=("step", "speed"),
        changes="in_branch",
        ge=0,
        le=1000,
    )
    discriminator_steps: int = _setting(
        1,
        "Discriminator updates per generator update. With 5, the discriminator sees each picture "
        "five times an epoch. R1 is still applied every 16 steps.",
        label="Discriminator steps",
        affects=("step", "speed"),
        changes="live",
        ge=1,
        le=MAX_DISCRIMINATOR_STEPS,
    )
    lookahead: int = _setting(
        5,
        "After each of this many steps, both networks go back a part of the way that they came. "
        "That damps their circling around each other. 0: never. Pictures that are augmented always "
        "train without it.",
        label="Lookahead steps",
        affects=("step",),
        changes="in_branch",
        ge=0,
        le=1000,
    )
    ema_decay: float = _setting(
        0.999,
        "The pictures come from a running average of the generator's weights. This is the share "
        "of the old average that a step keeps; 0 turns the average off.",
        label="EMA decay",
        affects=("step",),
        changes="in_branch",
        ge=0,
        lt=1,
    )

"""The length of a run, and the size of its batches."""

from __future__ import annotations

import functools
from typing import Annotated

from pydantic import BaseModel, BeforeValidator

from dcgan.config.setting_types import make_setting, parse_optional

_setting = functools.partial(make_setting, group="Length")


class LengthSettings(BaseModel):
    """The section "Length" of the form; see `Settings`."""

    epochs: Annotated[int | None, BeforeValidator(parse_optional)] = _setting(
        10,
        "Passes over the data: each shows every picture once, such as MNIST's 60,000 digits. Empty "
        "if only the time limit counts.",
        label="Epochs",
        affects=("schedule",),
        ge=1,
        le=100_000,
    )
    max_seconds: Annotated[float | None, BeforeValidator(parse_optional)] = _setting(
        None,
        "Stop after this many seconds, counted from the start of the first step; empty for no "
        "limit. The first step also builds the networks, which takes up to ten seconds unless they "
        "were prepared.",
        label="Time limit",
        affects=("schedule",),
        gt=0,
        le=10_000_000,
    )
    until_converged: bool = _setting(
        False,
        "Stop if the distance to real pictures has hardly fallen in the last third of the training "
        "time (at least the last 2 minutes). Epochs and time limit still apply.",
        label="Until it stops improving",
        affects=("schedule",),
        changes="in_branch",
    )
    batch_size: int = _setting(
        64,
        "Pictures in one batch; larger batches give steadier training and fewer steps per epoch.",
        label="Batch size",
        affects=("step", "speed"),
        ge=2,
        le=4096,
    )

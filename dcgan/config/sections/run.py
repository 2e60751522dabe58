"""The seed, and what a run shows, saves and measures."""

from __future__ import annotations

import functools
from typing import Literal

from pydantic import BaseModel

from dcgan.config.setting_types import make_setting

MAX_SEED = 2**31 - 1  # The largest that every library with a seed accepts.

_setting = functools.partial(make_setting, group="Run")


class RunSettings(BaseModel):
    """The section "Run" of the form; see `Settings`."""

    seed: int = _setting(
        0,
        "Start of every random choice; on one computer the same seed and settings give the same "
        "run except for rounding.",
        label="Seed",
        affects=("step",),
        ge=0,
        le=MAX_SEED,
    )
    num_samples: int = _setting(
        100,
        "Pictures in the sample grid, drawn from the same z throughout the run.",
        label="Pictures in the grid",
        affects=("speed",),
        ge=1,
        le=400,
    )
    sample_seconds: float = _setting(
        3.0,
        "Seconds of training between two live sample grids; sooner in a run's first seconds.",
        label="Seconds between grids",
        affects=("saving", "speed"),
        changes="in_branch",
        ge=0.2,
        le=3600,
    )
    checkpoint_seconds: float = _setting(
        30.0,
        "Seconds of training between two checkpoints; a crash loses at most this much training.",
        label="Seconds between checkpoints",
        affects=("saving", "speed"),
        changes="in_branch",
        ge=1,
        le=86_400,
    )
    keep_checkpoints: int = _setting(
        3,
        "Number of newest checkpoints to keep. The best one is kept too, and those at the ends of "
        "epochs 1, 2, 4, 8, …, if at least half a second apart.",
        label="Checkpoints to keep",
        affects=("saving",),
        changes="in_branch",
        ge=1,
        le=1000,
    )
    evaluate_every: int = _setting(
        1,
        "Epochs between two measurements of how real the digits are; 0 turns them off.",
        label="Epochs between measurements",
        affects=("schedule",),
        changes="live",
        ge=0,
        le=100_000,
    )
    strategy: Literal["auto", "one_device", "mirrored", "multi_worker"] = _setting(
        "auto",
        "Devices to train on. auto: all GPUs that TensorFlow finds, else the CPU. one_device: only "
        "one. mirrored: all of this machine. multi_worker: several processes or machines, from "
        "the command line.",
        label="Devices",
        affects=("step", "speed"),
        changes="in_branch",
    )
    tensorboard: bool = _setting(
        False,
        "Also write numbers, sample grids and weights as TensorBoard files into the run's folder.",
        label="TensorBoard",
        affects=("saving", "speed"),
        changes="in_branch",
    )

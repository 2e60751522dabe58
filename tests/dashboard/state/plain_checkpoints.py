"""Checkpoints whose generator gives images of one grey level."""

from __future__ import annotations

import numpy as np

from dcgan.model.gan import DCGAN
from dcgan.runs.run_folder import Run


def save_checkpoint(run: Run, gan: DCGAN, step: int, brightness: float) -> None:
    """Save a checkpoint; its generator gives `brightness`, in (-1, 1), for all pixels."""
    state = gan.get_state()
    for name in state:
        if name.startswith("ema_generator/"):
            state[name] = np.zeros_like(state[name])
    bias = max(name for name in state if name.startswith("ema_generator/"))
    assert state[bias].shape == (1,)
    state[bias] = np.full((1,), np.arctanh(brightness), np.float32)
    state["step"] = np.array(step)
    run.save_checkpoint(state)

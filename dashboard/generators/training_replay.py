"""Images of one latent batch from all checkpoints of a run. Imports no Streamlit."""

from __future__ import annotations

import contextlib

import numpy as np

from dashboard.generators.saved_generators import get_weights_sampler, load_saved_weights
from dashboard.process import tf_runtime
from dcgan.errors import RunError
from dcgan.networks.class_inputs import ClassChoice
from dcgan.runs.run_folder import Run

MAX_STEPS = 24  # A film of ten seconds.


def list_replay_steps(run: Run) -> list[int]:
    """Return the steps that a replay shows, ascending, at most `MAX_STEPS`.

    The first is 0, for the initial weights. The others are checkpoints, evenly spaced; the last is
    the newest.
    """
    steps = [0, *filter(None, run.checkpoints.list_steps())]
    indices = np.linspace(0, len(steps) - 1, min(len(steps), MAX_STEPS))
    return [steps[index] for index in np.rint(indices).astype(int)]


def replay_training(
    run: Run, z: np.ndarray, classes: ClassChoice = None
) -> list[tuple[int, np.ndarray]]:
    """Generate images of one latent batch at each step of `list_replay_steps`.

    Checkpoints that cannot be read are skipped, because a run in training may delete some.

    Args:
        run: The run.
        z: Latent batch, shape (num, latent_dim), float32.
        classes: The class of each image, or the weights of the classes, (num, num_classes).

    Returns:
        Steps, ascending, each with its pixels, uint8, shape (num, height, width, channels).
    """
    frames = []
    for step in list_replay_steps(run):
        with contextlib.suppress(RunError):
            frames.append((step, generate_at(run, step, z, classes)))
    return frames


def generate_at(run: Run, step: int, z: np.ndarray, classes: ClassChoice = None) -> np.ndarray:
    """Generate images with one of a run's checkpoints, or with its initial weights.

    Args:
        run: The run.
        step: One of `list_replay_steps`; 0 for the initial weights.
        z: Latent batch, shape (num, latent_dim), float32.
        classes: The class of each image, or the weights of the classes, (num, num_classes).

    Returns:
        Pixels, uint8 [0, 255], shape (num, height, width, channels).

    Raises:
        RunError: If the checkpoint is gone or damaged, or does not fit the run's settings.
    """
    tf_runtime.prepare()
    weights = None if step == 0 else load_saved_weights(run, step)
    return get_weights_sampler(run.config).generate(run, weights, z, classes)

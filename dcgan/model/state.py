"""A DCGAN's state as named arrays: its parts, its check and its slim version.

`DCGAN.get_state` makes a state; a checkpoint is a state on disk.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def select_generator_weights(state: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Return the EMA generator's weights of a state, in the order of the model's variables."""
    return [state[name] for name in sorted(state) if name.startswith("ema_generator/")]


def select_discriminator_weights(state: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Return the values of the discriminator's variables of a state, in the model's order."""
    return [state[name] for name in sorted(state) if name.startswith("discriminator/")]


def make_slim_state(state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a state of a quarter of the size or less: weights in half precision, no optimizers.

    Args:
        state: From `DCGAN.get_state`, or slim already.

    Returns:
        A state that generates practically the same images; training continues with new optimizers
        and a new lookahead. A weight beyond ±65,504 becomes infinite.
    """
    with np.errstate(over="ignore"):
        return {
            name: array.astype(np.float16) if array.dtype == np.float32 else array
            for name, array in state.items()
            if not is_optimizer_array(name) and not is_lookahead_array(name)
        }


def is_optimizer_array(name: str) -> bool:
    """Return whether an array of a state belongs to an optimizer."""
    return name.startswith(("generator_optimizer/", "discriminator_optimizer/"))


def is_lookahead_array(name: str) -> bool:
    """Return whether an array of a state holds weights to which the networks return."""
    return name.startswith("lookahead/")


def is_optional_array(name: str) -> bool:
    """Return whether an array may be missing in a state: a live setting or an old run lacks it."""
    return name.startswith("augmentation/") or is_lookahead_array(name)


def check_state(state: Mapping[str, np.ndarray], expected: Mapping[str, tuple[int, ...]]) -> None:
    """Check that a state has exactly the arrays of given networks, and step and seconds.

    Args:
        state: The state.
        expected: The shapes of the networks' variables, by name.

    Raises:
        ValueError: Names the first array that is missing, unknown or of another shape.
    """
    shapes = {**expected, "step": (), "seconds": ()}
    for name, shape in shapes.items():
        if name not in state:
            raise ValueError(f"the state lacks {name!r}.")
        if state[name].shape != shape:
            raise ValueError(f"{name!r} has shape {state[name].shape}; expected {shape}.")
    unknown = sorted(set(state) - set(shapes))
    if unknown:
        raise ValueError(f"the state holds {unknown[0]!r}, which these networks do not have.")

"""The same numbers again, bit for bit: a switch of the whole process, as TensorFlow's own is.

Without it a run repeats to rounding, as sums over threads come in any order, and what is measured
follows the clock. With it, it repeats exactly on one machine, also when it was stopped and resumed.
"""

from __future__ import annotations

from dcgan.backend import tf

_is_on = False


def make_deterministic() -> None:
    """Switch it on, before TensorFlow does anything; there is no way back."""
    global _is_on
    # One thread an operation: else the order of a sum would depend on how many there are.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    _is_on = True


def is_deterministic() -> bool:
    """Whether it is on."""
    return _is_on

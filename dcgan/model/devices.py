"""The devices that a run trains on: how a GPU is prepared, and which strategy takes which.

Knows no network and no run; workers on other machines are `cluster`'s.
"""

from __future__ import annotations

import contextlib
from functools import cache

from dcgan.backend import tf
from dcgan.errors import ConfigError


def prepare_gpus() -> None:
    """Let TensorFlow take a GPU's memory as it needs it; call it before its first operation.

    By default it takes all of it, and a second process, such as the dashboard beside a training,
    gets none. TensorFloat-32, whose products are several times faster on GPUs that have it and
    whose rounding a GAN's own noise covers, is on in TensorFlow; it is said so here. On the CPU
    nothing changes.
    """
    for gpu in tf.config.list_physical_devices("GPU"):
        # Where TensorFlow has begun already, it is as it is.
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_tensor_float_32_execution(True)


def choose_strategy(name: str) -> tf.distribute.Strategy:
    """Return TensorFlow's strategy for a `TrainingConfig.strategy`.

    `auto` takes all GPUs that TensorFlow sees, or the CPU; `mirrored` all GPUs, or else all
    logical CPU devices; `one_device` the first GPU, or else the CPU.

    Raises:
        ConfigError: For `multi_worker`, which `cluster.join` makes.
    """
    if name == "multi_worker":
        raise ConfigError(
            "strategy: multi_worker needs other workers, with whom recording.start_run begins."
        )
    prepare_gpus()
    gpus = [device.name for device in tf.config.list_logical_devices("GPU")]
    if name == "mirrored" or (name == "auto" and len(gpus) > 1):
        cpus = [device.name for device in tf.config.list_logical_devices("CPU")]
        return _mirrored_strategy(tuple(gpus or cpus))
    return tf.distribute.OneDeviceStrategy(gpus[0] if gpus else "/cpu:0")


@cache
def _mirrored_strategy(devices: tuple[str, ...]) -> tf.distribute.Strategy:
    # One for the whole process: TensorFlow 2.21 numbers the sums over devices from 100 in every
    # new strategy, and remembers their shapes, so a second run with other networks would fail.
    return tf.distribute.MirroredStrategy(devices)

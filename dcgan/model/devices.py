"""The devices that a run trains on: settings of GPUs, strategies, and out-of-memory errors.

Does not know networks or runs; workers on other machines belong to `distributed`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache

from dcgan.backend import tf
from dcgan.errors import ConfigError, OutOfMemoryError
from dcgan.installation import COMMAND


def prepare_gpus() -> None:
    """Make TensorFlow allocate GPU memory as it needs it; call it before its first operation.

    By default TensorFlow allocates all GPU memory, and a second process, such as a dashboard beside
    a training, gets none. The function also enables TensorFloat-32, TensorFlow's default: it
    multiplies several times faster on GPUs that have it, and its rounding is below a GAN's own
    noise. On a CPU nothing changes.
    """
    for gpu in tf.config.list_physical_devices("GPU"):
        # RuntimeError: TensorFlow has used the GPU already, so the setting can no longer change.
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_tensor_float_32_execution(True)


def choose_strategy(name: str) -> tf.distribute.Strategy:
    """Return TensorFlow's strategy for a `TrainingConfig.strategy`.

    `auto` takes all GPUs that TensorFlow sees, or the CPU; `mirrored` all GPUs, or else all
    logical CPU devices; `one_device` the first GPU, or else the CPU.

    Raises:
        ConfigError: For `multi_worker`, whose strategy `distributed.workers.connect` makes.
    """
    if name == "multi_worker":
        raise ConfigError(
            f"multi_worker needs other workers; train or resume with {COMMAND} on each of them, "
            "or choose another strategy.",
            setting="strategy",
        )
    prepare_gpus()
    gpus = [device.name for device in tf.config.list_logical_devices("GPU")]
    if name == "mirrored" or (name == "auto" and len(gpus) > 1):
        cpus = [device.name for device in tf.config.list_logical_devices("CPU")]
        return _make_mirrored_strategy(tuple(gpus or cpus))
    return tf.distribute.OneDeviceStrategy(gpus[0] if gpus else "/cpu:0")


@cache
def _make_mirrored_strategy(devices: tuple[str, ...]) -> tf.distribute.Strategy:
    # One strategy for the whole process. Each new one numbers its sums over devices from 100, but
    # TensorFlow 2.21 remembers the shapes of earlier sums by their numbers, so a second run with
    # other networks would fail.
    return tf.distribute.MirroredStrategy(devices)


@contextlib.contextmanager
def explain_memory_errors(subject: str, advice: str, *, setting: str = "") -> Iterator[None]:
    """Turn memory errors into an OutOfMemoryError with advice.

    Args:
        subject: The work that needs the memory.
        advice: The change that would help, in the imperative.
        setting: The setting that has to change; "" if it is not one alone.

    Raises:
        OutOfMemoryError: In place of a memory error of the block.
    """
    try:
        yield
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        problem = f"{subject} does not fit into memory: {advice}."
        raise OutOfMemoryError(problem, setting=setting) from error

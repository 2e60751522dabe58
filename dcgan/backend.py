"""Keras and TensorFlow with the right backend: `from dcgan.backend import keras, tf`.

The networks need Keras's TensorFlow backend, float32 and channels last. A person may have
configured Keras differently, by `KERAS_*` variables, by `~/.keras/keras.json` or by calls such as
`keras.config.set_dtype_policy`. This module imports Keras with the right backend in any case, and
`building_layers` gives new layers the right types. Neither changes Keras's settings for other
networks in the same process.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import ParamSpec, TypeVar

from dcgan.errors import BackendError

_P = ParamSpec("_P")
_R = TypeVar("_R")

_BACKEND = "tensorflow"
# A path below a file cannot exist, so Keras finds no settings there and writes none.
_MISSING_HOME = str(Path(__file__) / "keras")
_FIT_LIMIT_VARIABLES = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")

_building = threading.RLock()
_is_deterministic = False


def find_keras_home(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of Keras's settings and downloads, by Keras's own rules."""
    # `os.path` as in Keras: without a home it leaves "~" in the path; `Path` would raise an error.
    if "KERAS_HOME" in environment:
        return Path(os.path.expanduser(environment["KERAS_HOME"]))  # noqa: PTH111
    home = Path(os.path.expanduser("~"))  # noqa: PTH111
    return (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras"


def find_environment_changes(environment: Mapping[str, str] = os.environ) -> dict[str, str | None]:
    """Return the environment variables for the import of Keras; None removes a variable.

    Args:
        environment: The current variables.

    Returns:
        The TensorFlow backend, and replacements for values that would make the import fail.
    """
    changes: dict[str, str | None] = {"KERAS_BACKEND": _BACKEND, "KERAS_NNX_ENABLED": "false"}
    for name in _FIT_LIMIT_VARIABLES:
        try:
            int(environment.get(name, "0"))
        except ValueError:
            changes[name] = None
    if not _is_usable(find_keras_home(environment) / "keras.json"):
        changes["KERAS_HOME"] = _MISSING_HOME
    return changes


def _is_usable(settings: Path) -> bool:
    """Return whether Keras 3.15 accepts this keras.json, by the checks of its import."""
    if not settings.exists():
        return True
    try:
        values = json.loads(settings.read_text("utf-8"))
    except (OSError, RecursionError):  # Unreadable or nested too deeply: Keras's import would fail.
        return False
    except ValueError:
        return True  # Keras uses its defaults if the file is not JSON.
    return (
        isinstance(values, dict)
        and values.get("floatx", "float32") in ("float16", "float32", "float64")
        and isinstance(values.get("epsilon", 1e-7), float)
        and values.get("image_data_format", "channels_last") in ("channels_first", "channels_last")
    )


@contextlib.contextmanager
def _changed_environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Change environment variables in the block, and restore them after it."""
    before = {name: os.environ.get(name) for name in changes}
    _set_environment(changes)
    try:
        yield
    finally:
        _set_environment(before)


def _set_environment(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


if "keras" not in sys.modules:
    # If an earlier import of Keras failed, for example with its PyTorch backend but no PyTorch, its
    # submodules stay loaded with the wrong backend.
    for _name in [name for name in sys.modules if name.startswith("keras.")]:
        del sys.modules[_name]


@contextlib.contextmanager
def hidden_module(name: str) -> Iterator[None]:
    """Make the import of a module fail in the block, if it is not imported already."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment] # Python's own way; typeshed says modules.
    try:
        yield
    finally:
        del sys.modules[name]


@contextlib.contextmanager
def _paused_garbage_collection() -> Iterator[None]:
    """Collect no garbage in the block.

    The import makes 300,000 objects that stay. Visiting them again and again, as their number
    grows, would take a fifth of its time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


_home = find_keras_home()
_changes = find_environment_changes()
# If scikit-learn is installed, Keras imports it for `keras.wrappers`, which takes a second. To use
# these wrappers beside this package, import scikit-learn first.
with _changed_environment(_changes), hidden_module("sklearn"), _paused_garbage_collection():
    import keras
if keras.config.backend() != _BACKEND:
    raise BackendError(
        f"Keras is loaded with its {keras.config.backend()} backend, and the networks need "
        f"{_BACKEND}: start Python again with KERAS_BACKEND={_BACKEND}, or use dcgan before "
        "anything imports Keras or TensorFlow."
    )
if "KERAS_HOME" in _changes:
    # Downloads still go to the user's folder. Keras 3.15 has no public way to set it after
    # the import; tests/dcgan/test_backend.py fails if a new version changes the name.
    vars(sys.modules["keras.src.backend.config"])["_KERAS_DIR"] = str(_home)

import tensorflow as tf  # noqa: E402 - it imports Keras itself, with any backend


@contextlib.contextmanager
def building_layers() -> Iterator[None]:
    """Build layers and optimizers in the block: float32, channels last, one thread at a time.

    Keras numbers layers through global state, so two threads that build at once could get the
    same name. Layers keep the types they were built with; Keras's global settings are restored.
    """
    with _building:
        floatx, data_format = keras.config.floatx(), keras.config.image_data_format()
        policy = keras.config.dtype_policy()
        keras.config.set_floatx("float32")
        keras.config.set_image_data_format("channels_last")
        keras.config.set_dtype_policy("float32")
        try:
            yield
        finally:
            keras.config.set_floatx(floatx)
            keras.config.set_image_data_format(data_format)
            keras.config.set_dtype_policy(policy)


def avoid_retracing_warnings(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Wrap a function for `tf.function`, so that TensorFlow does not warn of retracing by mistake.

    TensorFlow adds up the tracings of all functions with the same code, and would warn of retracing
    after five networks that were traced once each.
    """
    # A partial has no code object, so TensorFlow counts the tracings of each partial separately.
    return functools.partial(function)


def make_deterministic() -> None:
    """Make this process compute the same numbers bit for bit; call it before any use of TensorFlow.

    By default a run repeats only to rounding: threads add numbers in any order, and the clock
    decides when evaluations take place. After this call a run repeats exactly on one machine, also
    when it is stopped and resumed. The call cannot be undone.

    Raises:
        BackendError: If TensorFlow has already started its threads in this process.
    """
    global _is_deterministic
    try:
        # One thread for each operation: a sum depends on the number of threads that share it.
        tf.config.threading.set_intra_op_parallelism_threads(1)
    except RuntimeError:
        raise BackendError(
            "TensorFlow has already started its threads in this process, so runs cannot be made "
            "to repeat bit for bit: call make_deterministic in a new process, before anything "
            "else uses TensorFlow."
        ) from None
    tf.config.experimental.enable_op_determinism()
    _is_deterministic = True


def is_deterministic() -> bool:
    """Return whether `make_deterministic` was called."""
    return _is_deterministic


__all__ = [
    "avoid_retracing_warnings",
    "building_layers",
    "find_environment_changes",
    "find_keras_home",
    "is_deterministic",
    "keras",
    "make_deterministic",
    "tf",
]

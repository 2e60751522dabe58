"""TensorFlow inside a Streamlit server: imported once, at low priority, and left alone.

Everything in the dashboard that touches tensors calls `prepare` first. It knows no page.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import queue
import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

# Set for a server whose runs shall repeat bit for bit; `python -m dashboard --deterministic` does.
DETERMINISTIC_VARIABLE = "DCGAN_STUDIO_DETERMINISTIC"

_NICENESS = 10  # Of the threads that train; 0 is usual, 19 the most patient.

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

# Two, so that a page with many digits to draw keeps no other waiting; and one for what takes
# seconds, which may ask those two.
_pages = ThreadPoolExecutor(2, thread_name_prefix="for-a-page")
_long = ThreadPoolExecutor(1, thread_name_prefix="long-work")

_PREPARING = threading.Lock()
_is_prepared = threading.Event()


def prepare() -> None:
    """Import TensorFlow for this process, or wait until another thread has; takes seconds."""
    if _is_prepared.is_set():
        return
    with _PREPARING:
        if _is_prepared.is_set():
            return
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(_operation_threads()))
        import dcgan.export.samplers
        import dcgan.recording.start  # noqa: F401 - between them they import all that is slow

        if os.environ.get(DETERMINISTIC_VARIABLE):
            from dcgan.backend import make_deterministic

            make_deterministic()
        disable_clear_session()
        worker = threading.Thread(target=_make_thread_pools, name="thread-pools")
        worker.start()
        worker.join()
        # What is imported stays: without it each full collection walks TensorFlow's modules.
        gc.collect()
        gc.freeze()
        _is_prepared.set()


def _operation_threads() -> int:
    """Return into how many threads TensorFlow may split one operation: a core fewer than there are.

    A split operation ends when its slowest part does, and the page and a browser on the same
    machine keep one core busy now and then. Operations beside each other still use all cores: on
    two, the default networks train as fast and take a fifth less of the processor, and with a
    core 15 % busy a tenth faster; `classic` alone on the machine is 6 % slower.
    """
    return max(1, _num_cores() - 1)


def _num_cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # Linux: those that this process may use.
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def disable_clear_session() -> None:
    """Make `keras.backend.clear_session` do nothing in this process.

    Streamlit calls it after every script and fragment run. It would reset Keras's global state
    under the training thread, drop TensorFlow's kernel cache (the next step takes a hundred
    times as long) and collect all garbage.
    """
    import keras

    def leave_alone(free_memory: bool = True) -> None:
        """Streamlit's call after each rerun ends here."""

    keras.backend.clear_session = leave_alone


def lower_priority() -> None:
    """Lower the priority of this thread below that of the page's threads (Linux only)."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        # A server that was started at a lower one stays there: to rise takes a privilege.
        lowered = max(_NICENESS, os.getpriority(os.PRIO_PROCESS, thread))
        os.setpriority(os.PRIO_PROCESS, thread, lowered)


def run_for_page(
    work: Callable[_Arguments, _Result], *arguments: _Arguments.args, **named: _Arguments.kwargs
) -> _Result:
    """Do TensorFlow's work for a page, in one of a few threads that stay; returns the result.

    Streamlit runs each rerun of a script in a thread of its own, and TensorFlow keeps something
    for every thread that it has ever worked in.

    Args:
        work: Which must not come back here, as all threads may be waiting for theirs then.
        *arguments, **named: Its arguments.
    """
    return _pages.submit(work, *arguments, **named).result()


def run_long_work(
    work: Callable[_Arguments, _Result], *arguments: _Arguments.args, **named: _Arguments.kwargs
) -> _Result:
    """Do TensorFlow's work that takes seconds, as `run_for_page`; who comes second waits.

    Args:
        work: Which may come to `run_for_page`, but not back here.
        *arguments, **named: Its arguments.
    """
    return _long.submit(work, *arguments, **named).result()


def iterate_long_work(make: Callable[[], Generator[_Result]]) -> Generator[_Result]:
    """Do work as `run_long_work` does and pass on what it yields on its way.

    Args:
        make: Starts the work; what it yields comes as soon as it is there. It is closed where the
            caller closes this generator, or is let go of.
    """
    items: queue.SimpleQueue[_Result | Future[None]] = queue.SimpleQueue()
    is_left = threading.Event()

    def work() -> None:
        with contextlib.closing(make()) as found:
            for item in found:
                if is_left.is_set():
                    return
                items.put(item)

    future = _long.submit(work)
    future.add_done_callback(items.put)  # Which stands for the end.
    try:
        while not isinstance(item := items.get(), Future):
            yield item
        item.result()  # Raises what the work has raised.
    finally:
        is_left.set()


def release_free_memory() -> None:
    """Hand memory that is free back to the system, where its C library keeps it (glibc).

    Training, evaluation and pages free arrays of many sizes from many threads; the library keeps
    the holes, and they add up by some megabytes a minute for as long as a run lasts. Takes a few
    milliseconds.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _make_thread_pools() -> None:
    # TensorFlow's pool threads inherit the priority of the thread that runs the first operation.
    lower_priority()
    import tensorflow as tf

    from dcgan.model.devices import prepare_gpus

    prepare_gpus()
    tf.linalg.matmul(tf.ones((64, 64)), tf.ones((64, 64)))

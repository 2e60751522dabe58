"""TensorFlow inside a Streamlit server: its import, thread priority, sessions and memory.

All code of the dashboard that uses tensors calls `prepare` first. Imports no Streamlit.
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

# If set, equal runs give equal bits; `python -m dashboard --deterministic` sets it.
DETERMINISTIC_VARIABLE = "DCGAN_STUDIO_DETERMINISTIC"

_NICENESS = 10  # Priority of the training threads; 0 is the default, 19 the lowest priority.

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

# Two threads, so that a page with many images does not block the other pages. Work that takes
# seconds has its own thread, because it may itself wait for one of the two.
_page_pool = ThreadPoolExecutor(2, thread_name_prefix="for-a-page")
_long_pool = ThreadPoolExecutor(1, thread_name_prefix="long-work")

_PREPARE_LOCK = threading.Lock()
_is_prepared = threading.Event()


def prepare() -> None:
    """Import and configure TensorFlow once for this process; takes seconds."""
    if _is_prepared.is_set():
        return
    with _PREPARE_LOCK:
        if _is_prepared.is_set():
            return
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(_count_operation_threads()))

        if os.environ.get(DETERMINISTIC_VARIABLE):
            from dcgan.backend import make_deterministic

            make_deterministic()
        disable_clear_session()
        worker = threading.Thread(target=_make_thread_pools, name="thread-pools")
        worker.start()
        worker.join()
        # Without this, each full garbage collection would visit all objects of TensorFlow.
        gc.collect()
        gc.freeze()
        _is_prepared.set()


def _count_operation_threads() -> int:
    """Return the number of threads that share one TensorFlow operation: one less than the cores.

    A shared operation ends when its slowest thread ends, and the server or a browser on the same
    machine sometimes keeps one core busy. Parallel operations still use all cores.

    Measured on two cores: the default networks train equally fast with 20 % less processor time,
    and 10 % faster if one core is 15 % busy. On an idle machine `classic` is 6 % slower.
    """
    return max(1, _count_cores() - 1)


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # Linux: the cores that this process may use.
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def disable_clear_session() -> None:
    """Make `keras.backend.clear_session` do nothing in this process.

    Streamlit calls it after each run of a script or fragment. During training it would reset
    Keras's global state, collect all garbage, and drop TensorFlow's kernel cache, after which the
    next step takes a hundred times as long.
    """
    import keras

    def do_nothing(free_memory: bool = True) -> None:
        """Replace `clear_session`, which Streamlit calls after each rerun."""

    keras.backend.clear_session = do_nothing


def lower_priority() -> None:
    """Give the calling thread a lower priority than other threads (Linux only)."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        # A server that already runs at a lower priority may not raise it without a privilege.
        niceness = max(_NICENESS, os.getpriority(os.PRIO_PROCESS, thread))
        os.setpriority(os.PRIO_PROCESS, thread, niceness)


def run_for_page(
    work: Callable[_Arguments, _Result], *arguments: _Arguments.args, **named: _Arguments.kwargs
) -> _Result:
    """Call a function that uses TensorFlow in one of two permanent threads; return its result.

    TensorFlow keeps memory for each thread that has used it and never frees it, and Streamlit runs
    each rerun in a new thread.

    Args:
        work: The function. It must not call `run_for_page`, because all threads of the pool could
            then wait for each other.
        *arguments, **named: Arguments of the function.
    """
    return _page_pool.submit(work, *arguments, **named).result()


def run_long_work(
    work: Callable[_Arguments, _Result], *arguments: _Arguments.args, **named: _Arguments.kwargs
) -> _Result:
    """Call a function that takes seconds in a permanent thread; one call runs at a time.

    Args:
        work: The function. It may call `run_for_page`, but not `run_long_work`.
        *arguments, **named: Arguments of the function.
    """
    return _long_pool.submit(work, *arguments, **named).result()


def iterate_long_work(make: Callable[[], Generator[_Result]]) -> Generator[_Result]:
    """Run a generator in the thread of `run_long_work`; yield each item as soon as it is ready.

    Args:
        make: Returns the generator, which is closed when the caller closes the returned one.
    """
    items: queue.SimpleQueue[_Result | Future[None]] = queue.SimpleQueue()
    is_closed = threading.Event()

    def work() -> None:
        with contextlib.closing(make()) as generator:
            for item in generator:
                if is_closed.is_set():
                    return
                items.put(item)

    future = _long_pool.submit(work)
    future.add_done_callback(items.put)  # The future as an item marks the end.
    try:
        while not isinstance(item := items.get(), Future):
            yield item
        item.result()  # Raises the generator's exception, if any.
    finally:
        is_closed.set()


def release_free_memory() -> None:
    """Return free memory to the operating system (glibc only); takes a few milliseconds.

    Many threads allocate and free arrays of many sizes. The C library keeps the freed gaps, which
    grow by some megabytes per minute during training.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _make_thread_pools() -> None:
    """Run a first operation, which starts TensorFlow's thread pools, at low priority."""
    # The threads of the pools inherit the priority of this thread.
    lower_priority()
    import tensorflow as tf

    from dcgan.model.devices import prepare_gpus

    prepare_gpus()
    tf.linalg.matmul(tf.ones((64, 64)), tf.ones((64, 64)))

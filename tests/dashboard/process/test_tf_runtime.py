"""TensorFlow in a Streamlit server: reruns do not reset it, and pages have a higher priority."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Generator

import pytest

from dashboard.process import tf_runtime
from tests.forked_python import run_python

on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="each thread has its own priority on Linux"
)

# Keras numbers layers of the same name: a cleared session starts again with "dense".
RERUNS = """
import gc
import threading
from streamlit.runtime.scriptrunner.script_runner import _clean_problem_modules
from streamlit.testing.v1 import AppTest
import keras
from dashboard.process import tf_runtime

def rerun():
    AppTest.from_string("import streamlit as st; st.write('hello')", default_timeout=60).run()

def new_name():
    return keras.layers.Dense(1).name

def names():
    layer_names = [new_name()]
    _clean_problem_modules()
    layer_names.append(new_name())
    rerun()
    layer_names.append(new_name())
    return layer_names

print(*names())
frozen = gc.get_freeze_count()  # Of the process that started this one.
threads = [threading.Thread(target=tf_runtime.prepare) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
keras.backend.clear_session(free_memory=False)
print(*names())
print(gc.get_freeze_count() > frozen)
print([thread.name for thread in threading.enumerate() if thread.name == "thread-pools"])
"""


def test_no_rerun_clears_the_keras_session_after_preparation() -> None:
    done = run_python("-c", RERUNS)
    assert done.returncode == 0, done.stderr
    before, after, is_frozen, leftover = done.stdout.splitlines()
    # Before it Streamlit does clear the session, by its function and by a rerun.
    assert before.split() == ["dense", "dense", "dense"]
    assert after.split() == ["dense_1", "dense_2", "dense_3"]
    assert is_frozen == "True"
    assert leftover == "[]"


def measure_priorities(action: Callable[[], object]) -> tuple[int, int]:
    """Return the priority of a thread before and after an action in it."""
    priorities: list[int] = []

    def work() -> None:
        thread = threading.get_native_id()
        priorities.append(os.getpriority(os.PRIO_PROCESS, thread))
        action()
        priorities.append(os.getpriority(os.PRIO_PROCESS, thread))

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    before, after = priorities
    return before, after


@on_linux
def test_only_the_calling_thread_gets_a_lower_priority() -> None:
    before, after = measure_priorities(tf_runtime.lower_priority)
    assert after == max(10, before)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


@on_linux
def test_an_even_lower_priority_of_the_server_is_kept() -> None:
    def start_behind() -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
        tf_runtime.lower_priority()  # 10 would be a higher priority.

    _, after = measure_priorities(start_behind)
    assert after == 15


def test_other_systems_keep_their_priorities(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: int) -> None:
        raise AssertionError

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "setpriority", refuse)
    tf_runtime.lower_priority()


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (8, 7)])
def test_one_operation_leaves_one_core_free(
    monkeypatch: pytest.MonkeyPatch, cores: int, threads: int
) -> None:
    monkeypatch.setattr(tf_runtime, "_count_cores", lambda: cores)
    assert tf_runtime._count_operation_threads() == threads


@pytest.mark.parametrize(("chosen", "used"), [(None, "3"), ("5", "5")])
def test_a_number_of_threads_from_the_environment_is_kept(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, used: str
) -> None:
    name = "TF_NUM_INTRAOP_THREADS"  # TensorFlow reads it when it makes its pools.
    seen: list[str | None] = []
    monkeypatch.setenv(name, chosen or "")
    if chosen is None:
        monkeypatch.delenv(name)
    monkeypatch.setattr(tf_runtime, "_is_prepared", threading.Event())
    monkeypatch.setattr(tf_runtime, "_count_operation_threads", lambda: 3)
    monkeypatch.setattr(tf_runtime, "disable_clear_session", lambda: None)
    monkeypatch.setattr(tf_runtime, "_make_thread_pools", lambda: seen.append(os.environ.get(name)))
    monkeypatch.setattr(gc, "freeze", lambda: None)
    tf_runtime.prepare()
    assert seen == [used]


def test_work_for_pages_runs_in_two_threads_and_raises_its_errors() -> None:
    names: set[str] = set()
    for _ in range(5):  # Each from a new thread, as Streamlit's reruns are.
        page = threading.Thread(
            target=lambda: names.add(
                tf_runtime.run_for_page(lambda: threading.current_thread().name)
            )
        )
        page.start()
        page.join()
    assert 1 <= len(names) <= 2
    assert all(name.startswith("for-a-page") for name in names)
    with pytest.raises(ZeroDivisionError):
        tf_runtime.run_for_page(lambda: 1 // 0)
    assert tf_runtime.run_for_page(divmod, 7, 2) == (3, 1)


def test_long_work_runs_in_one_thread_and_yields_items_before_it_ends() -> None:
    may_continue = threading.Event()

    def count(num: int) -> Generator[tuple[int, str]]:
        for number in range(num):
            yield number, threading.current_thread().name
            may_continue.wait(60)

    items = tf_runtime.iterate_long_work(lambda: count(2))
    assert next(items)[0] == 0  # Before the work is over.
    may_continue.set()
    later_items = list(items)
    name = tf_runtime.run_long_work(lambda: threading.current_thread().name)
    assert later_items == [(1, name)]
    assert name != threading.current_thread().name


def test_closed_long_work_ends_and_its_errors_are_raised() -> None:
    ended = threading.Event()

    def count_forever() -> Generator[int]:
        try:
            while True:
                yield 1
        finally:
            ended.set()

    items = tf_runtime.iterate_long_work(count_forever)
    next(items)
    items.close()
    # The one thread for long work is free again, and the generator was closed.
    assert tf_runtime.run_long_work(ended.is_set)

    def fail() -> Generator[int]:
        yield 1
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(tf_runtime.iterate_long_work(fail))

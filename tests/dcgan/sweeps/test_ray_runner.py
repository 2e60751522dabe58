"""Sweeps on Ray: real ones if it is installed, and the errors without it."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from dcgan.cli.main import main
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run
from dcgan.sweeps import ray_runner
from dcgan.sweeps.claims import claim
from dcgan.sweeps.combinations import Combination
from tests.command_line import REPOSITORY, TINY_OPTIONS
from tests.ports import find_free_addresses

QUICK_OPTIONS = (*TINY_OPTIONS, "--evaluate-every=0", "--checkpoint-seconds=1")
with_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None or os.name == "nt",
    reason="Ray is not installed; pip install -r requirements-ray.txt to try it.",
)


# Without Ray


def test_without_ray_the_error_names_the_requirements_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    arguments = ["sweep", "--vary", "seed=1,2", "--on", "ray", "--root", str(tmp_path / "runs")]
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: --on ray: Ray is not installed; pip install -r ")
    assert "requirements-ray.txt" in result.stderr
    assert not (tmp_path / "runs").exists()
    assert (REPOSITORY / "requirements-ray.txt").is_file()


def test_runs_with_several_workers_are_refused(tmp_path: Path) -> None:
    arguments = ["sweep", "--vary", "seed=1,2", "--on", "ray", "--strategy", "multi_worker"]
    result = CliRunner().invoke(main, [*arguments, "--root", str(tmp_path)])
    assert result.exit_code == 2
    assert "Ray trains each run in one process" in result.stderr


class FakeRay:
    """A cluster of two machines, and one that is down."""

    def nodes(self) -> list[dict[str, object]]:
        return [
            {"Alive": True, "Resources": {"CPU": 4.0}},
            {"Alive": True, "Resources": {"CPU": 2.0, "GPU": 1.0}},
            {"Alive": False, "Resources": {"CPU": 64.0, "GPU": 8.0}},
        ]


def test_runs_that_fit_on_no_machine_are_refused() -> None:
    ray_runner.check_capacity(FakeRay(), 4, 1.0)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="--cpus-per-run: got 5; no machine has more than 4"):
        ray_runner.check_capacity(FakeRay(), 5, 0.0)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="--gpus-per-run: got 2; no machine has more than 1"):
        ray_runner.check_capacity(FakeRay(), 1, 2.0)  # type: ignore[arg-type]


def test_the_error_names_a_cluster_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ray_runner.check_address(f"127.0.0.1:{port}")
        ray_runner.check_address(f"ray://127.0.0.1:{port}")
    ray_runner.check_address("auto")
    for wrong in (*find_free_addresses(1), "127.0.0.1:99999"):
        with pytest.raises(ConfigError, match=f"RAY_ADDRESS: got {wrong}, which does not answer"):
            ray_runner.check_address(wrong)


def test_an_address_of_ipv6_is_looked_up_without_its_brackets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up: list[tuple[str, int]] = []

    def connect(
        address: tuple[str, int], timeout: float
    ) -> contextlib.AbstractContextManager[None]:
        looked_up.append(address)
        return contextlib.nullcontext()

    monkeypatch.setattr(socket, "create_connection", connect)
    ray_runner.check_address("[::1]:6379")
    ray_runner.check_address("ray://[fe80::1]:10001")
    assert looked_up == [("::1", 6379), ("fe80::1", 10001)]


def test_a_claimed_or_invalid_combination_returns_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_runner, "_limit_threads", lambda num_threads: None)
    monkeypatch.setattr("dcgan.locking.lock._RETRY_SECONDS", 0.0)
    combination = Combination(TrainingConfig(dataset="nowhere.npz"), ("seed",), tmp_path / "one")
    before = signal.getsignal(signal.SIGINT)
    try:
        with claim(combination):
            taken = ray_runner._train_and_catch(combination, 1, False)
        wrong = ray_runner._train_and_catch(combination, 1, False)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (taken.exit_code, wrong.exit_code) == (1, 2)
    assert taken.summary.startswith("skipped: one is being written by process")
    assert "nowhere.npz" in wrong.summary


def test_the_environment_is_as_before_after_a_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = SimpleNamespace(init=lambda **_: None, shutdown=lambda: None)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    before = dict(os.environ)
    with ray_runner._connect(lambda line: None):
        assert os.environ["RAY_AUTH_MODE"] == "token"
        assert os.environ["RAY_AUTH_TOKEN"]
    assert dict(os.environ) == before


# With Ray


def start_sweep(root: Path, *arguments: object) -> subprocess.Popen[str]:
    """Start a sweep in its own process group, as a terminal does."""
    command = [sys.executable, "-m", "dcgan", "sweep", "--root", root, "--on", "ray", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    return subprocess.Popen(
        [str(argument) for argument in command],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def list_own_runs(root: Path) -> list[Run]:
    return sorted(
        (run for run in list_runs(root)[0] if not run.is_read_only),
        key=lambda run: run.config.seed,
    )


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    for _ in itertools.count():
        if condition():
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
            _, errors = process.communicate()
            pytest.fail(f"the sweep ended too soon: {errors}")


def have_both_checkpoints(root: Path, more_than: int = 0) -> bool:
    runs = list_own_runs(root)
    return len(runs) == 2 and all((run.checkpoints.find_newest() or 0) > more_than for run in runs)


def find_trainer(run: Run) -> int | None:
    """Return the process that holds a run's lock; None if it is free."""
    inode = (run.path / ".lock").stat().st_ino
    for line in Path("/proc/locks").read_text(encoding="utf-8").splitlines():
        if match := re.search(rf" WRITE (\d+) \S+:{inode} ", line):
            return int(match[1])
    return None


@pytest.fixture
def processes_to_end() -> Iterator[list[subprocess.Popen[str]]]:
    """Return a list of processes that are killed at the end of the test."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@with_ray
@pytest.mark.skipif(
    not Path("/proc/locks").exists(), reason="Only Linux lists the holders of locks."
)
def test_two_runs_train_at_once_and_survive_crashes_and_interrupts(
    spots_file: str, tmp_path: Path, processes_to_end: list[subprocess.Popen[str]]
) -> None:
    options = ("--dataset", spots_file, "--max-seconds=3600", *QUICK_OPTIONS)
    arguments = ("--vary", "seed=1,2", *options)
    first = start_sweep(tmp_path, *arguments)
    processes_to_end.append(first)
    wait_until(lambda: have_both_checkpoints(tmp_path), first)
    one, two = list_own_runs(tmp_path)
    dead, other = find_trainer(one), find_trainer(two)
    assert dead is not None
    assert other not in (dead, None)

    # A run whose process died is resumed by another one.
    step = max(one.checkpoints.list_steps())
    os.kill(dead, signal.SIGKILL)
    wait_until(lambda: find_trainer(one) not in (dead, None), first)
    wait_until(lambda: max(one.checkpoints.list_steps()) > step, first)

    # When the process of the sweep dies, the processes of its runs end too.
    first.kill()
    first.wait()
    deadline = time.monotonic() + 60
    while one.lock.is_held() or two.lock.is_held():
        assert time.monotonic() < deadline, "the processes of the runs outlive the sweep"
    steps = max(one.checkpoints.list_steps()), max(two.checkpoints.list_steps())

    # Started again, the sweep resumes; Ctrl-C, which reaches all its processes, saves both runs.
    second = start_sweep(tmp_path, *arguments)
    processes_to_end.append(second)
    wait_until(lambda: have_both_checkpoints(tmp_path, max(steps)), second)
    os.killpg(second.pid, signal.SIGINT)
    output, errors = second.communicate(timeout=120)
    assert second.returncode == 130, errors
    assert set(output.split()) == {str(one.path), str(two.path)}
    for run, before in zip(list_own_runs(tmp_path), steps, strict=True):
        status = run.read_status()
        assert (status.state, max(run.checkpoints.list_steps())) == ("stopped", status.step)
        assert status.step > before
        assert f"seed {run.config.seed}: saved at step {status.step:,}" in errors


@with_ray
def test_a_sweep_on_ray_ends_with_a_table_and_the_worst_code(
    spots_file: str, tmp_path: Path, processes_to_end: list[subprocess.Popen[str]]
) -> None:
    arguments = (
        "--vary",
        "batch-size=8,16,101",
        "--dataset",
        spots_file,
        "--epochs=1",
        *QUICK_OPTIONS[1:],
    )
    for _ in range(2):
        process = start_sweep(tmp_path, *arguments)
        processes_to_end.append(process)
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 2, errors
        assert "batch_size 101: batch_size: got 101; the data set has 100 pictures" in errors
        states = [open_run(Path(line)).read_status().state for line in output.split()]
        assert states == ["finished", "finished"]
        assert "batch_size  state      step" in errors
    assert "batch_size 8: already finished" in errors

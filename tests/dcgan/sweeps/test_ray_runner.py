"""Runs at the same time by Ray: they are tried where it is installed, and refused where not."""

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

import numpy as np
import pytest
from click.testing import CliRunner

from dcgan.cli.main import main
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run
from dcgan.sweeps import ray_runner
from dcgan.sweeps.claims import claim
from dcgan.sweeps.combinations import Combination
from tests.ports import free_addresses

REPOSITORY = Path(__file__).parents[3]
TINY = (
    "--batch-size=16",
    "--generator-filters=8,4",
    "--discriminator-filters=4,8",
    "--latent-dim=4",
    "--num-samples=6",
    "--evaluate-every=0",
    "--checkpoint-seconds=1",
)
with_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None or os.name == "nt",
    reason="Ray is not installed; pip install -r requirements-ray.txt to try it.",
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, tiny_dataset: ImageDataset) -> str:
    path = tmp_path_factory.mktemp("pictures") / "spots.npz"
    np.savez(path, images=tiny_dataset.pixels[:100])
    return str(path)


# Without Ray


def test_without_ray_one_sentence_names_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    words = ["sweep", "--vary", "seed=1,2", "--on", "ray", "--root", str(tmp_path / "runs")]
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: --on ray: Ray is not installed; pip install -r ")
    assert "requirements-ray.txt" in result.stderr
    assert not (tmp_path / "runs").exists()
    assert (REPOSITORY / "requirements-ray.txt").is_file()


def test_a_run_of_several_workers_is_none_of_rays(tmp_path: Path) -> None:
    words = ["sweep", "--vary", "seed=1,2", "--on", "ray", "--strategy", "multi_worker"]
    result = CliRunner().invoke(main, [*words, "--root", str(tmp_path)])
    assert result.exit_code == 2
    assert "Ray trains each run in one process" in result.stderr


class Machines:
    """What Ray says of its machines."""

    def nodes(self) -> list[dict[str, object]]:
        return [
            {"Alive": True, "Resources": {"CPU": 4.0}},
            {"Alive": True, "Resources": {"CPU": 2.0, "GPU": 1.0}},
            {"Alive": False, "Resources": {"CPU": 64.0, "GPU": 8.0}},
        ]


def test_more_than_a_machine_has_is_refused_and_not_waited_for() -> None:
    ray_runner._check_room(Machines(), 4, 1.0)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="--cpus-per-run: got 5; no machine has more than 4"):
        ray_runner._check_room(Machines(), 5, 0.0)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="--gpus-per-run: got 2; no machine has more than 1"):
        ray_runner._check_room(Machines(), 1, 2.0)  # type: ignore[arg-type]


def test_a_cluster_that_does_not_answer_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ray_runner._check_address(f"127.0.0.1:{port}")
        ray_runner._check_address(f"ray://127.0.0.1:{port}")
    ray_runner._check_address("auto")
    for wrong in (*free_addresses(1), "127.0.0.1:99999"):
        with pytest.raises(ConfigError, match=f"RAY_ADDRESS: got {wrong}, which does not answer"):
            ray_runner._check_address(wrong)


def test_a_combination_that_is_taken_or_wrong_comes_back_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_runner, "_limit_threads", lambda num: None)
    monkeypatch.setattr("dcgan.runs.lock._RETRY_SECONDS", 0.0)
    combination = Combination(TrainingConfig(dataset="nowhere.npz"), ("seed",), tmp_path / "one")
    before = signal.getsignal(signal.SIGINT)
    try:
        with claim(combination):
            taken = ray_runner._train(combination, 1, False)
        wrong = ray_runner._train(combination, 1, False)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (taken.exit_code, wrong.exit_code) == (1, 2)
    assert "is skipped: it is being written by process" in taken.summary
    assert "nowhere.npz" in wrong.summary


# With Ray


def start(root: Path, *words: object) -> subprocess.Popen[str]:
    """Start a sweep as a terminal does: with all of its processes in one group."""
    command = [sys.executable, "-m", "dcgan", "sweep", "--root", root, "--on", "ray", *words]
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def runs_of(root: Path) -> list[Run]:
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
            pytest.fail(f"it ended too soon: {errors}")


def both_train(root: Path, more_than: int = 0) -> bool:
    runs = runs_of(root)
    return len(runs) == 2 and all((run.checkpoints.find_newest() or 0) > more_than for run in runs)


def trainer_of(run: Run) -> int | None:
    """Return the process that holds a run's lock; None if none does."""
    inode = (run.path / ".lock").stat().st_ino
    for line in Path("/proc/locks").read_text().splitlines():
        if match := re.search(rf" WRITE (\d+) \S+:{inode} ", line):
            return int(match[1])
    return None


@pytest.fixture
def ended() -> Iterator[list[subprocess.Popen[str]]]:
    """Return a list; what a test puts there is ended with it."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@with_ray
@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="Who holds a lock is asked of Linux.")
def test_two_runs_train_at_once_and_survive_what_comes(
    pictures: str, tmp_path: Path, ended: list[subprocess.Popen[str]]
) -> None:
    words = ("--vary", "seed=1,2", "--dataset", pictures, "--max-seconds=3600", *TINY)
    first = start(tmp_path, *words)
    ended.append(first)
    wait_until(lambda: both_train(tmp_path), first)
    one, two = runs_of(tmp_path)
    dead, other = trainer_of(one), trainer_of(two)
    assert dead is not None
    assert other not in (dead, None)

    # A process that dies is followed by another, which goes on.
    step = max(one.checkpoints.list_steps())
    os.kill(dead, signal.SIGKILL)
    wait_until(lambda: trainer_of(one) not in (dead, None), first)
    wait_until(lambda: max(one.checkpoints.list_steps()) > step, first)

    # So it is with the one that started them.
    first.kill()
    first.wait()
    deadline = time.monotonic() + 60
    while one.lock.is_held() or two.lock.is_held():
        assert time.monotonic() < deadline, "the runs' processes outlive the sweep"
    steps = max(one.checkpoints.list_steps()), max(two.checkpoints.list_steps())

    # Started again it goes on; Ctrl-C, which all of a terminal's processes get, saves both.
    second = start(tmp_path, *words)
    ended.append(second)
    wait_until(lambda: both_train(tmp_path, max(steps)), second)
    os.killpg(second.pid, signal.SIGINT)
    output, errors = second.communicate(timeout=120)
    assert second.returncode == 130, errors
    assert set(output.split()) == {str(one.path), str(two.path)}
    for run, before in zip(runs_of(tmp_path), steps, strict=True):
        status = run.read_status()
        assert (status.state, max(run.checkpoints.list_steps())) == ("stopped", status.step)
        assert status.step > before
        assert f"seed {run.config.seed}: saved at step {status.step:,}" in errors


@with_ray
def test_a_sweep_on_ray_ends_with_a_table_and_the_worst_code(
    pictures: str, tmp_path: Path, ended: list[subprocess.Popen[str]]
) -> None:
    words = ("--vary", "batch-size=8,16,101", "--dataset", pictures, "--epochs=1", *TINY[1:])
    for _ in range(2):
        process = start(tmp_path, *words)
        ended.append(process)
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 2, errors
        assert "batch_size 101: batch_size: got 101; the data set has 100 images" in errors
        states = [open_run(Path(line)).read_status().state for line in output.split()]
        assert states == ["finished", "finished"]
        assert "batch_size  state      step" in errors
    assert "batch_size 8: already finished" in errors

"""A sweep's runs at the same time, each in a process of its own, placed by Ray.

Ray has the queue, the cores, the machines and the processes that die; runs, checkpoints and locks
are ours. So it is Ray's plain tasks and not Ray Tune: Tune would keep checkpoints, results and a
resume of its own beside those of the runs, and its searches and early stops are not asked for.
Ray is an extra: it is imported only when a sweep is to run on it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType

from dcgan.errors import ConfigError, DCGANError, DiskWriteError, InUseError
from dcgan.recording.disk_retry import patience
from dcgan.signals import block_hangups
from dcgan.sweeps.sweeps import Combination, begin, claimed, read_row

_REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements-ray.txt"
_ADDRESS = "RAY_ADDRESS"  # Ray's own variable: a cluster that is already there.
_RETRIES = 2  # How often a run whose process died goes on by itself.
_ANSWER_SECONDS = 10.0
_WAIT_SECONDS = 0.5
_NEWS_SECONDS = 30.0
_STOP_SECONDS = 60.0  # After which a run that was told to save and stop is told again.

# Before Ray is imported: it reports nothing to anybody, and who asked for no GPU sees none.
_ALWAYS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "1"}


@dataclass(frozen=True)
class Outcome:
    """How training a combination went.

    Attributes:
        words: For people, such as "finished", or why it failed.
        exit_code: 0, or what the sweep's process exits with in the end.
    """

    words: str
    exit_code: int = 0


def check_ray() -> None:
    """Refuse at once where Ray is not installed.

    Raises:
        ConfigError: Which names the requirements file.
    """
    if importlib.util.find_spec("ray") is None:
        raise ConfigError(
            f"--on ray: Ray is not installed; pip install -r {_REQUIREMENTS.name}, in the folder "
            f"{_REQUIREMENTS.parent}."
        )


def train_all(
    combinations: Sequence[Combination],
    *,
    cpus: int,
    gpus: float,
    deterministic: bool,
    interrupted: Sequence[int],
    started: Callable[[], None],
    tell: Callable[[str], None],
) -> int:
    """Train combinations at the same time, as many as there is room for.

    Ray runs on this machine, for this process alone, or on the cluster that RAY_ADDRESS names,
    whose machines must see this program and the runs' folder at the same paths.

    Args:
        combinations: The runs.
        cpus, gpus: What each gets of a machine.
        deterministic: As of `train --deterministic`.
        interrupted: The signals so far; at the first, all runs save and stop.
        started: Called when Ray is there, which takes signals for itself when it starts.
        tell: Is told news, in a line each.

    Returns:
        The worst exit code of all: 0 where all are finished.

    Raises:
        ConfigError: If Ray is not there, cannot start, or has no machine with so many cores.
    """
    check_ray()
    with _ray(tell) as ray:
        started()
        _check_room(ray, cpus, gpus)
        # `max_calls`: TensorFlow's threads are a process's, and so is what it holds of a GPU.
        remote = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=_RETRIES, max_calls=1)(_train)
        tasks = {remote.remote(each, cpus, deterministic): each for each in combinations}
        return _attend(ray, tasks, interrupted, tell)


@contextlib.contextmanager
def _ray(tell: Callable[[str], None]) -> Iterator[ModuleType]:
    """Start Ray, or find the cluster, and leave it in the end."""
    os.environ.update(_ALWAYS)
    address = os.environ.get(_ADDRESS, "")
    if address == "local":  # Ray's word for a cluster of one's own.
        address = ""
    if address:
        _check_address(address)
    else:
        # Others on this machine may not give it work: its ports are open to this machine alone,
        # and to those who know a word. (Elsewhere than on Linux loopback is Ray's own default.)
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    import ray

    tell(f"Looking for Ray at {address}" if address else "Starting Ray on this machine")
    quiet = {"log_to_driver": False, "logging_level": "error"}
    try:
        # Ray's processes would die with the terminal, and the runs in them before they are saved.
        with block_hangups():
            if address:
                ray.init(address=address, **quiet)
            else:
                ray.init(address="local", include_dashboard=False, **quiet)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        where = f"{_ADDRESS}={address}" if address else "here"
        reason = str(error).strip().partition("\n")[0]
        raise ConfigError(f"--on ray: Ray cannot be used {where}: {reason}") from error
    try:
        # Ray prints what it has to say of processes that died; standard output is for scripts.
        with contextlib.redirect_stdout(sys.stderr):
            yield ray
    finally:
        ray.shutdown()


def _check_address(address: str) -> None:
    """Refuse an address where nobody answers; Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():  # "auto", by which Ray finds a cluster on this machine.
        return
    try:
        with socket.create_connection((host, int(port)), _ANSWER_SECONDS):
            pass
    except (OSError, OverflowError) as error:
        raise ConfigError(f"{_ADDRESS}: nobody answers at {address} ({error}).") from None


def _check_room(ray: ModuleType, cpus: int, gpus: float) -> None:
    """Refuse what would wait for ever."""
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    most_cpus = max((int(each.get("CPU", 0)) for each in machines), default=0)
    most_gpus = max((each.get("GPU", 0) for each in machines), default=0)
    if cpus > most_cpus:
        raise ConfigError(f"--cpus-per-run: got {cpus}; no machine has more than {most_cpus}.")
    if gpus > 1 and gpus != int(gpus):
        raise ConfigError(f"--gpus-per-run: got {gpus:g}; above 1 give a whole number.")
    if gpus > most_gpus:
        raise ConfigError(f"--gpus-per-run: got {gpus:g}; no machine has more than {most_gpus:g}.")


def _attend(
    ray: ModuleType,
    tasks: Mapping[object, Combination],
    interrupted: Sequence[int],
    tell: Callable[[str], None],
) -> int:
    """Wait for all tasks and say how each went; at the first signal let all save and stop."""
    waiting, worst = list(tasks), 0
    told_at, stop_at = time.monotonic(), 0.0
    while waiting:
        done, waiting = ray.wait(waiting, timeout=_WAIT_SECONDS)
        for task in done:
            outcome = _outcome(ray, task)
            worst = max(worst, outcome.exit_code)
            if outcome.words:
                tell(f"{tasks[task].words}: {outcome.words}")
        now = time.monotonic()
        if interrupted and now >= stop_at:
            if not stop_at:
                tell("Interrupted: all runs save and stop.")
            for task in waiting:
                ray.cancel(task, force=False)
            stop_at = now + _STOP_SECONDS
        elif waiting and now - told_at > _NEWS_SECONDS:
            tell(_news([tasks[task] for task in waiting], len(tasks)))
            told_at = now
    return worst


def _news(waiting: Sequence[Combination], num: int) -> str:
    """Say where the runs stand that are not done, as far as they are under way."""
    rows = [read_row(each) for each in waiting]
    under_way = [
        f"{row.combination.words} at step {row.step:,}" for row in rows if row.state == "running"
    ]
    return f"{num - len(waiting)} of {num} done; {'; '.join(under_way) or 'none under way'}"


def _outcome(ray: ModuleType, task: object) -> Outcome:
    try:
        outcome: Outcome = ray.get(task)
    except ray.exceptions.TaskCancelledError:  # Before it began.
        return Outcome("")
    except (ray.exceptions.RayTaskError, ray.exceptions.RaySystemError) as error:
        return Outcome(str(error).strip().rpartition("\n")[2], 1)
    except ray.exceptions.RayError:
        return Outcome(
            f"its process died {_RETRIES + 1} times. The run is saved up to its last checkpoint; "
            "the same command goes on from there.",
            1,
        )
    return outcome


def _train(combination: Combination, num_threads: int, deterministic: bool) -> Outcome:
    """Train one combination, in a process of its own that Ray has started."""
    interrupted: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        interrupted.append(number)

    signal.signal(signal.SIGINT, note)  # By which `ray.cancel` speaks to a task.
    _limit_threads(num_threads)
    try:
        return _train_claimed(combination, deterministic, interrupted)
    except InUseError as error:
        return Outcome(str(error), error.exit_code)
    except DiskWriteError as error:
        words = f"{error} The same command goes on from the last checkpoint."
        return Outcome(words, error.exit_code)
    except DCGANError as error:
        return Outcome(str(error), error.exit_code)


def _train_claimed(
    combination: Combination, deterministic: bool, interrupted: Sequence[int]
) -> Outcome:
    with claimed(combination):
        if deterministic:
            from dcgan.backend import make_deterministic

            make_deterministic()
        ready = begin(combination)
        if ready is None:
            return Outcome("finished before")
        from dcgan.recording.recording import record

        reports = record(ready.run, ready.gan, ready.dataset, patience(interrupted, _say))
        with contextlib.closing(reports):
            for _ in reports:
                if interrupted:
                    return Outcome(f"saved at step {ready.gan.step:,}")
    since = "" if ready.step is None else f" (went on from step {ready.step:,})"
    return Outcome(f"finished at step {ready.gan.step:,}{since}")


def _limit_threads(num: int) -> None:
    """Let TensorFlow use so many cores and no more, before it is imported; Ray limits NumPy."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(num)


def _say(words: str) -> None:
    """Leave news in Ray's log of this process."""
    print(words, file=sys.stderr, flush=True)  # noqa: T201

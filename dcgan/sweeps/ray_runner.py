"""A sweep on Ray: its runs train at the same time, each in its own process.

Ray schedules the runs on cores and machines, and restarts processes that die. This library has its
own runs, checkpoints and locks, so plain Ray tasks suffice: Ray Tune would add other checkpoints,
results and another way to resume. Ray is optional, and imported only for a sweep that uses it.
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
from types import FrameType, ModuleType

from dcgan.errors import FAILED, ConfigError, DCGANError, DiskWriteError, InUseError
from dcgan.installation import describe_install_command
from dcgan.recording.disk_retry import build_disk_retry
from dcgan.signals import block_hangups
from dcgan.sweeps.claims import claim, prepare_run
from dcgan.sweeps.combinations import Combination
from dcgan.sweeps.table import read_row

_ADDRESS = "RAY_ADDRESS"  # Ray's variable for the address of a running cluster.
_MAX_RETRIES = 2  # A run whose process died is resumed at most this many times.
_CONNECT_SECONDS = 10.0
_POLL_SECONDS = 0.5
_PROGRESS_SECONDS = 30.0
_CANCEL_AGAIN_SECONDS = 60.0  # A run that has not stopped by then is cancelled again.

# Variables that are set before Ray is imported: no usage statistics, and no GPU for tasks that
# asked for none.
_VARIABLES = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "1"}
# Also set for a new cluster on this machine. Loopback and a token keep other users of the machine
# from submitting work. (On other systems than Linux, loopback is Ray's default.)
_LOCAL_VARIABLES = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"}


@dataclass(frozen=True)
class Outcome:
    """The result of training a combination.

    Attributes:
        summary: Text such as "finished at step 938", or why it failed; "" if it never started.
        exit_code: 0, or the exit code of the failure.
    """

    summary: str
    exit_code: int = 0


def check_ray() -> None:
    """Check that Ray is installed.

    Raises:
        ConfigError: If it is not; names the requirements file.
    """
    if importlib.util.find_spec("ray") is None:
        raise ConfigError(f"--on ray: Ray is not installed; {describe_install_command('ray')}.")


def train_all(
    combinations: Sequence[Combination],
    *,
    cpus: int,
    gpus: float,
    deterministic: bool,
    received_signals: Sequence[int],
    on_start: Callable[[], None],
    report: Callable[[str], None],
) -> int:
    """Train combinations at the same time, as many as fit.

    Ray runs on this machine, for this process only, or on the cluster that RAY_ADDRESS names. The
    machines of a cluster must have this program and the runs' folder at the same paths.

    Args:
        combinations: The runs.
        cpus, gpus: Cores and GPUs for each run.
        deterministic: Whether each run repeats bit for bit, which takes up to twice as long.
        received_signals: The signals received so far; after the first, all runs save and stop.
        on_start: Called once Ray has started, to set the signal handlers that Ray has replaced.
        report: Called with each line of progress.

    Returns:
        The worst exit code; 0 if none failed.

    Raises:
        ConfigError: If Ray is not installed or cannot start, or no machine has enough cores.
    """
    check_ray()
    with _connect(report) as ray:
        on_start()
        check_capacity(ray, cpus, gpus)
        # `max_calls`: a process for each run, as TensorFlow frees GPU memory only when it ends.
        remote = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=_MAX_RETRIES, max_calls=1)(
            _train_and_catch
        )
        tasks = {
            remote.remote(combination, cpus, deterministic): combination
            for combination in combinations
        }
        return _wait_for_all(ray, tasks, received_signals, report)


@contextlib.contextmanager
def _connect(report: Callable[[str], None]) -> Iterator[ModuleType]:
    """Start Ray or connect to the cluster, and disconnect at the end."""
    address = os.environ.get(_ADDRESS, "")
    if address == "local":  # Ray's word for a new cluster on this machine.
        address = ""
    variables = dict(_VARIABLES)
    if address:
        check_address(address)
    else:
        variables |= _LOCAL_VARIABLES | {"RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with _environment(variables):
        import ray

        report(f"Connecting to Ray at {address}" if address else "Starting Ray on this machine")
        quiet = {"log_to_driver": False, "logging_level": "error"}
        try:
            # Otherwise a closed terminal would end Ray's processes before their runs are saved.
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
            # Ray prints messages about processes that died; standard output is for results.
            with contextlib.redirect_stdout(sys.stderr):
                yield ray
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables during a block, and restore their former values."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def check_address(address: str) -> None:
    """Check that a program listens at an address; Ray itself would retry for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():  # Such as "auto": Ray looks for a cluster on this machine.
        return
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS):
            pass
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"{_ADDRESS}: got {address}, which does not answer ({error}); start a cluster there."
        ) from None


def check_capacity(ray: ModuleType, cpus: int, gpus: float) -> None:
    """Check that a machine has enough cores and GPUs for a run; Ray would wait forever."""
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    most_cpus = max((int(machine.get("CPU", 0)) for machine in machines), default=0)
    most_gpus = max((machine.get("GPU", 0) for machine in machines), default=0)
    if cpus > most_cpus:
        raise ConfigError(f"--cpus-per-run: got {cpus}; no machine has more than {most_cpus}.")
    if gpus > 1 and gpus != int(gpus):
        raise ConfigError(f"--gpus-per-run: got {gpus:g}; above 1 give a whole number.")
    if gpus > most_gpus:
        raise ConfigError(f"--gpus-per-run: got {gpus:g}; no machine has more than {most_gpus:g}.")


def _wait_for_all(
    ray: ModuleType,
    tasks: Mapping[object, Combination],
    received_signals: Sequence[int],
    report: Callable[[str], None],
) -> int:
    """Wait for all tasks and report their outcomes; after the first signal, cancel all."""
    waiting, worst = list(tasks), 0
    reported_at, cancel_at = time.monotonic(), 0.0
    while waiting:
        done, waiting = ray.wait(waiting, timeout=_POLL_SECONDS)
        for task in done:
            outcome = _read_outcome(ray, task)
            worst = max(worst, outcome.exit_code)
            if outcome.summary:
                report(f"{tasks[task].label}: {outcome.summary}")
        now = time.monotonic()
        if received_signals and now >= cancel_at:
            if not cancel_at:
                report("Interrupted: all runs save and stop.")
            for task in waiting:
                ray.cancel(task, force=False)
            cancel_at = now + _CANCEL_AGAIN_SECONDS
        elif waiting and now - reported_at > _PROGRESS_SECONDS:
            report(_describe_progress([tasks[task] for task in waiting], len(tasks)))
            reported_at = now
    return worst


def _describe_progress(waiting: Sequence[Combination], num_runs: int) -> str:
    """Describe how many runs are done, and the step of each that trains."""
    rows = [read_row(combination) for combination in waiting]
    running = [
        f"{row.combination.label} at step {row.step:,}" for row in rows if row.state == "running"
    ]
    num_done = num_runs - len(waiting)
    return f"{num_done} of {num_runs} done; {'; '.join(running) or 'none is training'}"


def _read_outcome(ray: ModuleType, task: object) -> Outcome:
    try:
        outcome: Outcome = ray.get(task)
    except ray.exceptions.TaskCancelledError:  # It never started.
        return Outcome("")
    except (ray.exceptions.RayTaskError, ray.exceptions.RaySystemError) as error:
        return Outcome(str(error).strip().rpartition("\n")[2], FAILED)
    except ray.exceptions.RayError:
        return Outcome(
            f"its process died {_MAX_RETRIES + 1} times. The run is saved up to its last "
            "checkpoint; the same command resumes it.",
            FAILED,
        )
    return outcome


def _train_and_catch(combination: Combination, num_threads: int, deterministic: bool) -> Outcome:
    """Train one combination, in a process that Ray has started for it; an error is an outcome."""
    received_signals: list[int] = []

    def record_signal(number: int, frame: FrameType | None) -> None:
        received_signals.append(number)

    signal.signal(signal.SIGINT, record_signal)  # `ray.cancel` interrupts a task with SIGINT.
    _limit_threads(num_threads)
    try:
        return _claim_and_train(combination, deterministic, received_signals)
    except InUseError as error:
        return Outcome(f"skipped: {error}", error.exit_code)
    except DiskWriteError as error:
        summary = f"{error} The same command resumes from the last checkpoint."
        return Outcome(summary, error.exit_code)
    except DCGANError as error:
        return Outcome(str(error), error.exit_code)


def _claim_and_train(
    combination: Combination, deterministic: bool, received_signals: Sequence[int]
) -> Outcome:
    with claim(combination):
        if deterministic:
            from dcgan.backend import make_deterministic

            make_deterministic()
        prepared = prepare_run(combination)
        if prepared is None:
            return Outcome("already finished")
        from dcgan.recording.recorder import record

        retry = build_disk_retry(received_signals, _log)
        reports = record(prepared.run, prepared.gan, prepared.dataset, retry)
        with contextlib.closing(reports):
            for _ in reports:
                if received_signals:
                    return Outcome(f"saved at step {prepared.gan.step:,}")
    since = "" if prepared.step is None else f" (resumed at step {prepared.step:,})"
    return Outcome(f"finished at step {prepared.gan.step:,}{since}")


def _limit_threads(num_threads: int) -> None:
    """Limit TensorFlow's threads, before it is imported; Ray limits NumPy's."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(num_threads)


def _log(text: str) -> None:
    """Write a line to Ray's log of this process."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201

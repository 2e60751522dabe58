"""Several processes that train one run together: who they are, and how they meet.

TensorFlow's MultiWorkerMirroredStrategy adds up their gradients. It leaves open what is here: that
all are there before it begins, as its own wait has no end and no words. What they say to each other
from then on is `line`'s.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

from dcgan.backend import tf
from dcgan.errors import ConfigError, WorkerError
from dcgan.model.devices import prepare_gpus

_TF_CONFIG = "TF_CONFIG"  # TensorFlow's own variable: who the workers are, and which this one is.
_NO_PROXY = "no_grpc_proxy"  # gRPC's own variable.
TIMEOUT_VARIABLE = "DCGAN_STUDIO_WORKER_SECONDS"
_TIMEOUT_SECONDS = 120.0  # How long workers wait for each other at the beginning.
_AGAIN_SECONDS = 0.2
_ADDRESS = re.compile(r"(?P<host>[^\s:\[\]]+):(?P<port>\d{1,5})")
_MAX_WORKERS = 256
_MAX_BYTES, _NUMBER_BYTES = 4096, 2
_GO = b"go"
_ANSWER_SECONDS = 2.0
_GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class Cluster:
    """The workers of a run, and which one this process is.

    Attributes:
        addresses: host:port of each, the chief's first.
        index: Of this process among them.
        has_chief_job: Whether the chief is a job of its own, as some set it, and no worker 0.
    """

    addresses: tuple[str, ...]
    index: int
    has_chief_job: bool = False

    @property
    def is_chief(self) -> bool:
        """Whether this process decides and writes; the others follow."""
        return self.index == 0

    def number_of(self, job: str, task: int) -> int | None:
        """Return which of them TensorFlow calls so; None if none of them."""
        index = task + (self.has_chief_job and job == "worker")
        return index if index < len(self.addresses) else None

    def name(self, index: int) -> str:
        """Name a worker in a sentence."""
        return f"{'the chief' if index == 0 else f'worker {index}'} ({self.addresses[index]})"


def set_cluster(workers: str, index: int) -> None:
    """Say who the workers are, by the variable from which TensorFlow reads it.

    Args:
        workers: host:port of each, parted by commas, the same for all of them, the chief's first.
        index: Which one this process is, from 0.

    Raises:
        ConfigError: If an address is none, two are the same, or the index is none of them.
    """
    addresses = [part.strip() for part in workers.split(",") if part.strip()]
    if not addresses:
        raise ConfigError("workers: got none; give host:port of each, parted by commas.")
    if not 0 <= index < len(addresses):
        raise ConfigError(
            f"worker_index: got {index}; expected 0 to {len(addresses) - 1}, as there are "
            f"{len(addresses)} workers."
        )
    config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
    _cluster_of(config)
    os.environ[_TF_CONFIG] = json.dumps(config)


def read_cluster(environment: Mapping[str, str] = os.environ) -> Cluster:
    """Read who the workers are from TF_CONFIG, as Kubernetes, Vertex and others set it.

    Raises:
        ConfigError: If it is not set, or not understood.
    """
    text = environment.get(_TF_CONFIG)
    if not text:
        raise ConfigError(
            "strategy: multi_worker needs to know the workers; give --workers and --worker-index, "
            "or set TF_CONFIG."
        )
    try:
        config = json.loads(text)
    except ValueError:
        _refuse("it is no JSON")
    if not isinstance(config, dict):
        _refuse("it is no JSON object")
    return _cluster_of(config)


def _cluster_of(config: Mapping[str, object]) -> Cluster:
    jobs, task = config.get("cluster"), config.get("task")
    if not isinstance(jobs, dict) or not isinstance(task, dict):
        _refuse('it has no "cluster" or no "task"')
    addresses: list[str] = []
    first: dict[object, int] = {}
    for job in ("chief", "worker"):
        first[job] = len(addresses)
        found = jobs.get(job, [])
        addresses += found if isinstance(found, list) else _refuse(f"its {job} is no list")
    if not 0 < len(addresses) <= _MAX_WORKERS:
        _refuse(f"it names {len(addresses)} workers; there can be 1 to {_MAX_WORKERS}")
    for address in addresses:
        match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
        if match is None or not 0 < int(match["port"]) < 2**16:
            _refuse(f"{address!r} is no host:port")
    if len(set(addresses)) < len(addresses):
        _refuse("two workers have one address")
    kind, number = task.get("type"), task.get("index")
    is_known = isinstance(kind, str) and kind in first
    if not is_known or not isinstance(number, int) or isinstance(number, bool):
        _refuse(f"its task is {kind!r} {number!r}; expected a chief or a worker and its number")
    if not 0 <= number < len(jobs.get(kind, [])):
        _refuse(f"its task is {kind} {number}, which the cluster does not have")
    return Cluster(tuple(addresses), first[kind] + number, first["worker"] > 0)


def _refuse(why: str) -> NoReturn:
    raise ConfigError(f"workers (TF_CONFIG): {why}.")


def meet(cluster: Cluster, seconds: float | None = None) -> None:
    """Wait until all workers are there and the chief reaches each; they go on together or not.

    Args:
        cluster: Who they are.
        seconds: How long at most; None for two minutes, or what DCGAN_STUDIO_WORKER_SECONDS says.

    Raises:
        WorkerError: Names who did not come, or who was started with other workers.
        ConfigError: If this process cannot listen on its own address, or the variable is no time.
    """
    if seconds is None:
        seconds = _patience()
    if len(cluster.addresses) == 1:
        return
    # TensorFlow listens on the same port afterwards, which is free again then.
    with _listen(cluster) as listener:
        if cluster.is_chief:
            _gather(cluster, listener, seconds)
        else:
            _report(cluster, seconds)


def _patience() -> float:
    text = os.environ.get(TIMEOUT_VARIABLE) or _TIMEOUT_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ConfigError(f"{TIMEOUT_VARIABLE}: got {text!r}; expected seconds, such as 120.")
    return seconds


def _listen(cluster: Cluster) -> socket.socket:
    try:
        return socket.create_server(("", _port(cluster, cluster.index)), backlog=_MAX_WORKERS)
    except OSError as error:
        raise ConfigError(
            f"workers: {cluster.name(cluster.index)} is this process, which cannot listen there "
            f"({error.strerror}); was another one started with the same number?"
        ) from None


def _host(cluster: Cluster, index: int) -> str:
    return cluster.addresses[index].rpartition(":")[0]


def _port(cluster: Cluster, index: int) -> int:
    return int(cluster.addresses[index].rpartition(":")[2])


def _greeting(cluster: Cluster) -> bytes:
    """Return what workers of this cluster, and no others, say to each other; 32 bytes."""
    return hashlib.sha256(",".join(cluster.addresses).encode()).digest()


def _gather(cluster: Cluster, listener: socket.socket, seconds: float) -> None:
    """As the chief, wait for all; each holds its line open until it is told to go on."""
    others = set(range(1, len(cluster.addresses)))
    waiting: dict[int, socket.socket] = {}
    reached: set[int] = set()
    greeting, ends = _greeting(cluster), time.monotonic() + seconds
    listener.settimeout(_AGAIN_SECONDS)
    with contextlib.ExitStack() as lines:
        while not waiting.keys() == reached == others:
            if time.monotonic() > ends:
                words = _missing(cluster, others - waiting.keys(), others - reached, seconds)
                _tell_all(waiting, greeting + words.encode())
                raise WorkerError(words)
            with contextlib.suppress(OSError):  # Nobody came, or one who went away.
                line = lines.enter_context(listener.accept()[0])
                index = _identify(line, greeting)
                if index in others:
                    waiting[index] = line
            waiting = {index: line for index, line in waiting.items() if _is_open(line)}
            reached &= waiting.keys()
            reached |= {index for index in waiting.keys() - reached if _reaches(cluster, index)}
        _tell_all(waiting, greeting + _GO)


def _missing(cluster: Cluster, absent: set[int], unreached: set[int], seconds: float) -> str:
    words = f"Of {len(cluster.addresses)} workers"
    if absent:
        words += f" {', '.join(map(cluster.name, sorted(absent)))} did not come"
    else:
        names = ", ".join(map(cluster.name, sorted(unreached)))
        words += f" {names} cannot be reached from the chief at that address"
    return (
        f"{words} within {seconds:g} seconds. Start all of them, each with the same list of "
        "workers."
    )


def _tell_all(waiting: Mapping[int, socket.socket], words: bytes) -> None:
    for line in waiting.values():
        with contextlib.suppress(OSError):
            line.sendall(words)


def _identify(line: socket.socket, greeting: bytes) -> int:
    """Return the number of a worker who has come; 0 for one who is none of ours."""
    line.settimeout(_ANSWER_SECONDS)
    said = b""
    while len(said) < len(greeting) + _NUMBER_BYTES and (more := line.recv(_MAX_BYTES)):
        said += more
    is_ours = said[: len(greeting)] == greeting
    return int.from_bytes(said[len(greeting) :], "big") if is_ours else 0


def _is_open(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return line.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True  # It waits, as it should.
    except OSError:
        return False


def _reaches(cluster: Cluster, index: int) -> bool:
    try:
        address = (_host(cluster, index), _port(cluster, index))
        with socket.create_connection(address, _ANSWER_SECONDS):
            return True
    except OSError:
        return False


def _report(cluster: Cluster, seconds: float) -> None:
    """Tell the chief that this worker is here, and wait for its word."""
    greeting = _greeting(cluster)
    # The chief gives up first, and says whom it has missed.
    ends = time.monotonic() + seconds + _GRACE_SECONDS
    stranger = ""
    while (left := ends - time.monotonic()) > 0:
        try:
            address = (_host(cluster, 0), _port(cluster, 0))
            with socket.create_connection(address, _ANSWER_SECONDS) as line:
                line.sendall(greeting + cluster.index.to_bytes(_NUMBER_BYTES, "big"))
                line.settimeout(left)
                answer = line.recv(_MAX_BYTES)
        except OSError:
            answer = b""
        if answer == greeting + _GO:
            return
        if answer.startswith(greeting):
            raise WorkerError(answer[len(greeting) :].decode(errors="replace"))
        if answer:
            stranger = " Something else answers there."
        time.sleep(_AGAIN_SECONDS)
    raise WorkerError(
        f"Of {len(cluster.addresses)} workers {cluster.name(0)} did not come within {seconds:g} "
        f"seconds.{stranger} Start all of them, each with the same list of workers."
    )


def hosts_without_proxy(cluster: Cluster, environment: Mapping[str, str] = os.environ) -> str:
    """Return the hosts that gRPC must reach without a proxy: a person's own, and all workers'.

    Where `http_proxy` is set, gRPC would send the workers' messages to the proxy, also those over
    loopback, and all would wait for each other for ever.
    """
    names = (_NO_PROXY, "no_proxy", "NO_PROXY")  # gRPC takes the first that is set.
    theirs = next((environment[name] for name in names if environment.get(name)), "")
    hosts = [_host(cluster, index).strip("[]") for index in range(len(cluster.addresses))]
    return ",".join(dict.fromkeys([*filter(None, theirs.split(",")), *hosts]))


@cache
def join() -> tuple[Cluster, tf.distribute.Strategy]:
    """Meet the other workers and return who they are and TensorFlow's strategy; once a process.

    Raises:
        ConfigError, WorkerError: As of `read_cluster` and `meet`.
    """
    cluster = read_cluster()
    meet(cluster)
    os.environ[_NO_PROXY] = hosts_without_proxy(cluster)
    prepare_gpus()
    return cluster, tf.distribute.MultiWorkerMirroredStrategy()

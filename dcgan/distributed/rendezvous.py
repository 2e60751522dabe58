"""Rendezvous: all workers of a run wait for each other before TensorFlow connects them.

TensorFlow's MultiWorkerMirroredStrategy waits without a limit and without a message. Here the
wait ends after a time, with the names of the missing workers.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import socket
import time
from collections.abc import Mapping
from functools import cache

from dcgan.backend import tf
from dcgan.distributed.cluster import MAX_WORKERS, Cluster, read_cluster
from dcgan.errors import ConfigError, WorkerError
from dcgan.model.devices import prepare_gpus

_NO_PROXY = "no_grpc_proxy"  # gRPC's own variable.
TIMEOUT_VARIABLE = "DCGAN_STUDIO_WORKER_SECONDS"
_TIMEOUT_SECONDS = 120.0
_RETRY_SECONDS = 0.2
_MAX_BYTES, _INDEX_BYTES = 4096, 2  # Size of a message at most, and of a worker's index in it.
_GO = b"go"
_ANSWER_SECONDS = 2.0
_GRACE_SECONDS = 5.0


@cache
def join_cluster() -> tuple[Cluster, tf.distribute.Strategy]:
    """Wait for the other workers; return all workers and TensorFlow's strategy.

    Call it before TensorFlow's first operation. A second call returns the same result.

    Raises:
        ConfigError: If the workers are not known, or this process cannot listen on its address.
        WorkerError: If a worker does not connect in time; names the missing workers.
    """
    cluster = read_cluster()
    wait_for_workers(cluster)
    os.environ[_NO_PROXY] = list_hosts_without_proxy(cluster)
    prepare_gpus()
    return cluster, tf.distribute.MultiWorkerMirroredStrategy()


def wait_for_workers(cluster: Cluster, seconds: float | None = None) -> None:
    """Wait until all workers are connected and the chief can reach each; all continue or none.

    Args:
        cluster: The workers.
        seconds: The longest wait; None for DCGAN_STUDIO_WORKER_SECONDS, or two minutes.

    Raises:
        WorkerError: Names the missing workers, or those started with another list of workers.
        ConfigError: If this process cannot listen on its own address, or the variable is not a
            number of seconds.
    """
    if seconds is None:
        seconds = _read_timeout()
    if len(cluster.addresses) == 1:
        return
    # TensorFlow listens on the same port later, so the listener is closed at the end.
    with _listen(cluster) as listener:
        if cluster.is_chief:
            _gather_workers(cluster, listener, seconds)
        else:
            _report_to_chief(cluster, seconds)


def _read_timeout() -> float:
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
        return socket.create_server(("", cluster.get_port(cluster.index)), backlog=MAX_WORKERS)
    except OSError as error:
        raise ConfigError(
            f"workers: {cluster.describe(cluster.index)} is this process, which cannot listen "
            f"there ({error.strerror}); was another one started with the same index?"
        ) from None


def make_greeting(cluster: Cluster) -> bytes:
    """Return the 32 bytes that identify the workers of this cluster to each other."""
    return hashlib.sha256(",".join(cluster.addresses).encode()).digest()


def _gather_workers(cluster: Cluster, listener: socket.socket, seconds: float) -> None:
    """Wait as the chief for all workers; each keeps its connection open until the answer."""
    others = set(range(1, len(cluster.addresses)))
    connected: dict[int, socket.socket] = {}  # By the index of the worker.
    reached: set[int] = set()
    greeting, deadline = make_greeting(cluster), time.monotonic() + seconds
    listener.settimeout(_RETRY_SECONDS)
    with contextlib.ExitStack() as connections:
        while not connected.keys() == reached == others:
            if time.monotonic() > deadline:
                problem = _describe_missing(
                    cluster, others - connected.keys(), others - reached, seconds
                )
                _answer_all(connected, greeting + problem.encode())
                raise WorkerError(problem)
            with contextlib.suppress(OSError):  # Nobody connected, or a connection was lost.
                connection = connections.enter_context(listener.accept()[0])
                index = _identify(connection, greeting)
                if index in others:
                    connected[index] = connection
            connected = {
                index: connection for index, connection in connected.items() if _is_open(connection)
            }
            reached &= connected.keys()
            reached |= {index for index in connected.keys() - reached if _can_reach(cluster, index)}
        _answer_all(connected, greeting + _GO)


def _describe_missing(
    cluster: Cluster, absent: set[int], unreached: set[int], seconds: float
) -> str:
    text = f"Of {len(cluster.addresses)} workers"
    if absent:
        text += f" {', '.join(map(cluster.describe, sorted(absent)))} did not connect"
    else:
        names = ", ".join(map(cluster.describe, sorted(unreached)))
        text += f" {names} cannot be reached from the chief at that address"
    return (
        f"{text} within {seconds:g} seconds. Start all of them, each with the same list of workers."
    )


def _answer_all(connected: Mapping[int, socket.socket], answer: bytes) -> None:
    for connection in connected.values():
        with contextlib.suppress(OSError):
            connection.sendall(answer)


def _identify(connection: socket.socket, greeting: bytes) -> int:
    """Return the index of a worker that has connected; 0 for any other program."""
    connection.settimeout(_ANSWER_SECONDS)
    received = b""
    while len(received) < len(greeting) + _INDEX_BYTES and (more := connection.recv(_MAX_BYTES)):
        received += more
    is_worker = received[: len(greeting)] == greeting
    return int.from_bytes(received[len(greeting) :], "big") if is_worker else 0


def _is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True  # The worker is connected and waits for the answer.
    except OSError:
        return False


def _can_reach(cluster: Cluster, index: int) -> bool:
    try:
        address = (cluster.get_host(index), cluster.get_port(index))
        with socket.create_connection(address, _ANSWER_SECONDS):
            return True
    except OSError:
        return False


def _report_to_chief(cluster: Cluster, seconds: float) -> None:
    """Connect to the chief until it answers that all workers are there."""
    greeting = make_greeting(cluster)
    # Later than the chief's deadline, so that its answer, which names the missing workers, arrives.
    deadline = time.monotonic() + seconds + _GRACE_SECONDS
    other_program = ""
    while (left := deadline - time.monotonic()) > 0:
        try:
            address = (cluster.get_host(0), cluster.get_port(0))
            with socket.create_connection(address, _ANSWER_SECONDS) as connection:
                connection.sendall(greeting + cluster.index.to_bytes(_INDEX_BYTES, "big"))
                connection.settimeout(left)
                answer = connection.recv(_MAX_BYTES)
        except OSError:
            answer = b""
        if answer == greeting + _GO:
            return
        if answer.startswith(greeting):
            raise WorkerError(answer[len(greeting) :].decode(errors="replace"))
        if answer:
            other_program = " Another program answers there."
        time.sleep(_RETRY_SECONDS)
    raise WorkerError(
        f"Of {len(cluster.addresses)} workers {cluster.describe(0)} could not be reached within "
        f"{seconds:g} seconds.{other_program} Start all of them, each with the same list of "
        "workers."
    )


def list_hosts_without_proxy(cluster: Cluster, environment: Mapping[str, str] = os.environ) -> str:
    """Return the hosts that gRPC must reach without a proxy: the user's list and all workers.

    If `http_proxy` is set, gRPC would send the workers' messages to the proxy, even on loopback,
    and all workers would wait for each other forever.
    """
    names = (_NO_PROXY, "no_proxy", "NO_PROXY")  # gRPC takes the first that is set.
    user_hosts = next((environment[name] for name in names if environment.get(name)), "")
    worker_hosts = [cluster.get_host(index).strip("[]") for index in range(len(cluster.addresses))]
    return ",".join(dict.fromkeys([*filter(None, user_hosts.split(",")), *worker_hosts]))

"""Several processes that train one run together: who they are, how they meet, how they keep step.

TensorFlow's MultiWorkerMirroredStrategy adds up their gradients. It leaves open what is here: that
all are there before it begins (its own wait has no end and no words), and that all make the same
steps, as the chief alone looks at the clock, the disk and the person.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NoReturn, Self

import numpy as np
import tensorflow as tf

from dcgan.errors import ConfigError, WorkerError

_TF_CONFIG = "TF_CONFIG"  # TensorFlow's own variable: who the workers are, and which this one is.
TIMEOUT_VARIABLE = "DCGAN_STUDIO_WORKER_SECONDS"
_TIMEOUT_SECONDS = 120.0  # How long workers wait for each other at the beginning.
_AGAIN_SECONDS = 0.2
_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):(?P<port>\d{1,5})")
_MAX_WORKERS = 256
_MAX_BYTES = 64
_ANSWER_SECONDS = 2.0


@dataclass(frozen=True)
class Cluster:
    """The workers of a run, and which one this process is.

    Attributes:
        addresses: host:port of each, the chief's first.
        index: Of this process among them.
    """

    addresses: tuple[str, ...]
    index: int

    @property
    def is_chief(self) -> bool:
        """Whether this process decides and writes; the others follow."""
        return self.index == 0

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
    if kind not in first or not isinstance(number, int) or isinstance(number, bool):
        _refuse(f"its task is {kind!r} {number!r}; expected a chief or a worker and its number")
    if not 0 <= number < len(jobs.get(kind, [])):
        _refuse(f"its task is {kind} {number}, which the cluster does not have")
    return Cluster(tuple(addresses), first[kind] + number)


def _refuse(why: str) -> NoReturn:
    raise ConfigError(f"workers (TF_CONFIG): {why}.")


def meet(cluster: Cluster, seconds: float | None = None) -> None:
    """Wait until all workers are there and see each other.

    Args:
        cluster: Who they are.
        seconds: How long at most; None for two minutes, or what DCGAN_STUDIO_WORKER_SECONDS says.

    Raises:
        WorkerError: Names who did not come, or who was started with other workers.
        ConfigError: If this process cannot listen on its own address.
    """
    if seconds is None:
        seconds = float(os.environ.get(TIMEOUT_VARIABLE) or _TIMEOUT_SECONDS)
    others = set(range(len(cluster.addresses))) - {cluster.index}
    if not others:
        return
    # TensorFlow listens on the same port afterwards, which is free again then.
    port = int(cluster.addresses[cluster.index].rpartition(":")[2])
    greeting = _greeting(cluster)
    reached, strangers = set[int](), set[int]()
    ends = time.monotonic() + seconds
    with _Door(port, cluster, greeting) as door:
        while not reached == door.heard == others:
            if time.monotonic() > ends:
                _tell_who_is_missing(cluster, others - (reached & door.heard), strangers, seconds)
            for index in others - reached:
                answer = _ask(cluster.addresses[index], greeting, cluster.index)
                if answer == greeting:
                    reached.add(index)
                elif answer:
                    strangers.add(index)
            time.sleep(_AGAIN_SECONDS)


def _tell_who_is_missing(
    cluster: Cluster, missing: set[int], strangers: set[int], seconds: float
) -> NoReturn:
    names = ", ".join(map(cluster.name, sorted(missing)))
    others = "".join(
        f" At {cluster.addresses[index]} something else answers." for index in sorted(strangers)
    )
    raise WorkerError(
        f"Of {len(cluster.addresses)} workers {names} did not come within {seconds:g} seconds."
        f"{others} Start all of them, each with the same list of workers."
    )


def _greeting(cluster: Cluster) -> bytes:
    """Return what workers of this cluster, and no others, say to each other."""
    return hashlib.sha256(",".join(cluster.addresses).encode()).digest()


class _Door:
    """Answers who asks for this worker, in a thread of its own.

    Attributes:
        heard: Who has asked and has understood the answer.
    """

    def __init__(self, port: int, cluster: Cluster, greeting: bytes) -> None:
        self.heard = set[int]()
        self._greeting = greeting
        self._is_open = True
        try:
            self._listener = socket.create_server(("", port), backlog=_MAX_WORKERS)
        except OSError as error:
            raise ConfigError(
                f"workers: {cluster.name(cluster.index)} is this process, which cannot listen "
                f"there ({error.strerror}); was another one started with the same number?"
            ) from None
        self._listener.settimeout(_AGAIN_SECONDS)
        self._thread = threading.Thread(target=self._answer_all, name="door", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_open = False
        self._thread.join()
        self._listener.close()

    def _answer_all(self) -> None:
        while self._is_open:
            with contextlib.suppress(OSError):  # Nobody came, or one who went away.
                connection, _ = self._listener.accept()
                with connection:
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(_ANSWER_SECONDS)
        asked = connection.recv(_MAX_BYTES)
        connection.sendall(self._greeting)
        number = connection.recv(_MAX_BYTES)  # Told when the answer has come.
        if asked == self._greeting and len(number) == 2:
            self.heard = self.heard | {int.from_bytes(number, "big")}


def _ask(address: str, greeting: bytes, index: int) -> bytes:
    """Greet a worker; return what it answers, nothing if nobody is there."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _ANSWER_SECONDS) as connection:
            connection.sendall(greeting)
            answer = connection.recv(_MAX_BYTES)
            if answer == greeting:
                connection.sendall(index.to_bytes(2, "big"))
            return answer
    except OSError:
        return b""


class Line:
    """By which the chief tells the others what to do next; all call it, each at the same time.

    What is told goes the way that gradients go, so it needs no connection of its own, and comes in
    its order between the steps.
    """

    def __init__(self, cluster: Cluster, strategy: tf.distribute.Strategy) -> None:
        """Make it for the workers of a strategy, one a process."""
        self.cluster = cluster
        self._strategy = strategy
        self._wants_to_stop = False
        self._stop_is_wanted = False
        self._add = tf.function(
            self._sum_of_all, input_signature=[tf.TensorSpec((None,), tf.int32)]
        )

    @property
    def is_chief(self) -> bool:
        """Whether this process tells; the others hear."""
        return self.cluster.is_chief

    @property
    def stop_is_wanted(self) -> bool:
        """Whether any worker was asked to stop, as far as has come to the chief."""
        return self._stop_is_wanted

    def want_to_stop(self) -> None:
        """Ask the chief to stop, with the next that it tells."""
        self._wants_to_stop = True

    def tell(self, words: bytes) -> None:
        """Tell all others; they `hear`.

        Raises:
            WorkerError: If one of them is gone.
        """
        self._share_length(len(words))
        padded = np.frombuffer(words + bytes(-len(words) % 4), np.int32)
        self._sum(padded)

    def hear(self) -> bytes:
        """Wait for what the chief tells.

        Raises:
            WorkerError: If the chief or another worker is gone.
        """
        length = self._share_length(0)
        return self._sum(np.zeros(-(-length // 4), np.int32)).tobytes()[:length]

    def disagreeing(self, is_right: bool) -> list[int]:
        """Say whether something is right here; return the numbers of those where it is not."""
        votes = np.zeros(len(self.cluster.addresses), np.int32)
        votes[self.cluster.index] = not is_right
        return np.flatnonzero(self._sum(votes)).tolist()

    def _share_length(self, length: int) -> int:
        numbers = np.array([length, self._wants_to_stop], np.int32)
        length, wanting = self._sum(numbers).tolist()
        self._stop_is_wanted = wanting > 0
        return int(length)

    def _sum(self, numbers: np.ndarray) -> np.ndarray:
        with gone_workers_in_words():
            return np.asarray(self._add(tf.constant(numbers)))

    def _sum_of_all(self, numbers: tf.Tensor) -> tf.Tensor:
        # With several devices in a process each would count.
        share = self._strategy.run(
            lambda: tf.where(
                tf.distribute.get_replica_context().replica_id_in_sync_group % self._replicas_here
                == 0,
                numbers,
                tf.zeros_like(numbers),
            )
        )
        return self._strategy.reduce(tf.distribute.ReduceOp.SUM, share, axis=None)

    @property
    def _replicas_here(self) -> int:
        return self._strategy.num_replicas_in_sync // len(self.cluster.addresses)


@contextlib.contextmanager
def gone_workers_in_words() -> Iterator[None]:
    """Turn what TensorFlow raises when a worker is gone into a sentence."""
    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
        found = re.search(r"/job:(\w+)/(?:replica:0/)?task:(\d+)", str(error))
        who = f"{found[1]} {found[2]}" if found else "a worker"
        raise WorkerError(
            f"Training ended because {who} is gone: it was killed, or cannot be reached. Start all "
            "workers again and resume the run."
        ) from error


@cache
def join() -> tuple[Cluster, tf.distribute.Strategy]:
    """Meet the other workers and return who they are and TensorFlow's strategy; once a process.

    Raises:
        ConfigError, WorkerError: As of `read_cluster` and `meet`.
    """
    cluster = read_cluster()
    meet(cluster)
    return cluster, tf.distribute.MultiWorkerMirroredStrategy()

"""The workers of a run: their addresses and the index of this process, from TF_CONFIG."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from dcgan.errors import ConfigError

MAX_WORKERS = 256  # Also how many may wait at once for a connection to the chief.
_TF_CONFIG = "TF_CONFIG"  # TensorFlow's own variable: the workers, and which one this process is.
_ADDRESS = re.compile(r"(?P<host>[^\s:\[\]]+):(?P<port>\d{1,5})")


@dataclass(frozen=True)
class Cluster:
    """The workers of a run, and the index of this process among them.

    Attributes:
        addresses: The workers' host:port, the chief's first.
        index: Index of this process in `addresses`; 0 is the chief.
        has_chief_job: Whether TF_CONFIG names the chief as a separate job, not as worker 0.
    """

    addresses: tuple[str, ...]
    index: int
    has_chief_job: bool = False

    @property
    def is_chief(self) -> bool:
        """Whether this process is the chief, whose commands the other workers execute."""
        return self.index == 0

    def get_host(self, index: int) -> str:
        """Return a worker's host."""
        return self.addresses[index].rpartition(":")[0]

    def get_port(self, index: int) -> int:
        """Return a worker's port."""
        return int(self.addresses[index].rpartition(":")[2])

    def find_index(self, job: str, task: int) -> int | None:
        """Return the index of a worker from TensorFlow's job and task; None if it is unknown."""
        index = task + (self.has_chief_job and job == "worker")
        return index if index < len(self.addresses) else None

    def describe(self, index: int) -> str:
        """Return a worker's name and address, as part of a sentence."""
        return f"{'the chief' if index == 0 else f'worker {index}'} ({self.addresses[index]})"


def set_cluster(workers: str, index: int) -> None:
    """Set TF_CONFIG, from which TensorFlow reads the workers.

    Args:
        workers: The workers' host:port, separated by commas, the chief's first; the same text on
            all workers.
        index: Index of this process among them, from 0.

    Raises:
        ConfigError: If an address is not valid, two are the same, or the index is out of range.
    """
    addresses = [part.strip() for part in workers.split(",") if part.strip()]
    if not addresses:
        raise ConfigError("--workers: got none; give host:port of each, separated by commas.")
    if not 0 <= index < len(addresses):
        raise ConfigError(
            f"--worker-index: got {index}; expected 0 to {len(addresses) - 1}, as there are "
            f"{len(addresses)} workers."
        )
    config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
    _parse_cluster(config, "--workers")
    os.environ[_TF_CONFIG] = json.dumps(config)


def read_cluster(environment: Mapping[str, str] = os.environ) -> Cluster:
    """Read the workers from TF_CONFIG, as Kubernetes, Vertex and others set it.

    Raises:
        ConfigError: If it is not set, or not valid.
    """
    text = environment.get(_TF_CONFIG)
    if not text:
        raise ConfigError(
            "multi_worker needs to know the workers; give --workers and --worker-index, or set "
            "TF_CONFIG.",
            setting="strategy",
        )
    try:
        config = json.loads(text)
    except ValueError:
        _refuse(_TF_CONFIG, "it is not JSON")
    if not isinstance(config, dict):
        _refuse(_TF_CONFIG, "it is not a JSON object")
    return _parse_cluster(config, _TF_CONFIG)


def _parse_cluster(config: Mapping[str, object], source: str) -> Cluster:
    """Parse the value of TF_CONFIG; `source` names its origin in errors."""
    jobs, task = config.get("cluster"), config.get("task")
    if not isinstance(jobs, dict) or not isinstance(task, dict):
        _refuse(source, 'it has no "cluster" or no "task"')
    addresses: list[str] = []
    first_indices: dict[object, int] = {}
    for job_name in ("chief", "worker"):
        first_indices[job_name] = len(addresses)
        members = jobs.get(job_name, [])
        if not isinstance(members, list):
            _refuse(source, f"its {job_name} is not a list")
        addresses += members
    if not 0 < len(addresses) <= MAX_WORKERS:
        _refuse(source, f"it names {len(addresses)} workers; there can be 1 to {MAX_WORKERS}")
    for address in addresses:
        match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
        if match is None or not 0 < int(match["port"]) < 2**16:
            _refuse(source, f"{address!r} is not a host:port")
    if len(set(addresses)) < len(addresses):
        _refuse(source, "two workers have the same address")
    job, index = task.get("type"), task.get("index")
    is_known = isinstance(job, str) and job in first_indices
    if not is_known or not isinstance(index, int) or isinstance(index, bool):
        _refuse(
            source, f"its task is {job!r} {index!r}; expected a chief or a worker and its index"
        )
    if not 0 <= index < len(jobs.get(job, [])):
        _refuse(source, f"its task is {job} {index}, which the cluster does not have")
    return Cluster(
        tuple(addresses), first_indices[job] + index, has_chief_job=first_indices["worker"] > 0
    )


def _refuse(source: str, problem: str) -> NoReturn:
    raise ConfigError(f"{source}: {problem}.")

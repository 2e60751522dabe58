"""Messages from the chief to the other workers of a run.

They are sent as TensorFlow collectives, in order with the gradients of the steps, so they need no
separate connection.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from dcgan.backend import tf
from dcgan.distributed.cluster import Cluster
from dcgan.errors import WorkerError

# The chief's commands, with their details in parentheses:
#   start   Build the networks of a run (`config`, `fingerprint` of its images).
#   steps   Make steps (`num_steps`).
#   state   Load a state, which follows as bytes.
#   config  Change the settings (`config`).
#   end     End the run (`run`; `problem` if it failed or could not start).
ChiefCommand = Literal["start", "steps", "state", "config", "end"]

_TASK = re.compile(r"/job:(\w+)/(?:replica:\d+/)?task:(\d+)")  # TensorFlow's names of workers.


class WorkerChannel:
    """Broadcasts messages from the chief to all other workers of a strategy.

    All workers call it at the same time: the chief sends while the others receive.

    Attributes:
        cluster: The workers.
        strategy: TensorFlow's strategy over all of them.
    """

    def __init__(self, cluster: Cluster, strategy: tf.distribute.Strategy) -> None:
        """Build the channel between a strategy's workers; each is a process."""
        self.cluster, self.strategy = cluster, strategy
        self._wants_stop = False  # Whether this worker requests a stop with the next message.
        self._stop_is_requested = False
        self._add = tf.function(
            self._add_over_workers, input_signature=[tf.TensorSpec((None,), tf.int32)]
        )

    @property
    def stop_is_requested(self) -> bool:
        """Whether a worker requested a stop before the last message."""
        return self._stop_is_requested

    def request_stop(self) -> None:
        """Request a stop; all workers learn of it with the chief's next message."""
        self._wants_stop = True

    def broadcast(self, data: bytes) -> None:
        """Send bytes to all other workers, which `receive` them.

        Raises:
            WorkerError: If one of them is gone.
        """
        self._share_length(len(data))
        padded = np.frombuffer(data + bytes(-len(data) % 4), np.int32)
        self._sum(padded)

    def receive(self) -> bytes:
        """Wait for the bytes that the chief broadcasts.

        Raises:
            WorkerError: If the chief or another worker is gone.
        """
        length = self._share_length(0)
        return self._sum(np.zeros(-(-length // 4), np.int32)).tobytes()[:length]

    def broadcast_command(self, command: ChiefCommand, **details: object) -> None:
        """Send a command to all other workers, which `receive_command`.

        Args:
            command: The command.
            **details: Values for JSON.

        Raises:
            WorkerError: If one of them is gone.
        """
        self.broadcast(json.dumps({"command": command, **details}).encode())

    def receive_command(self) -> tuple[str, dict[str, Any]]:
        """Wait for the chief's next command; return it, one of `ChiefCommand`, and its details.

        Raises:
            WorkerError: If the chief or another worker is gone.
        """
        details = json.loads(self.receive())
        return details.pop("command"), details

    def find_failed_workers(self, *, has_failed: bool) -> list[int]:
        """Return the indices of the workers that have failed; all workers call it together.

        Args:
            has_failed: Whether this worker has failed.

        Raises:
            WorkerError: If another worker is gone.
        """
        failed = np.zeros(len(self.cluster.addresses), np.int32)
        failed[self.cluster.index] = has_failed
        return np.flatnonzero(self._sum(failed)).tolist()

    def _share_length(self, length: int) -> int:
        numbers = np.array([length, self._wants_stop], np.int32)
        length, num_requests = self._sum(numbers).tolist()
        self._stop_is_requested = num_requests > 0
        return int(length)

    def _sum(self, numbers: np.ndarray) -> np.ndarray:
        with name_lost_workers(self.cluster):
            return np.asarray(self._add(tf.constant(numbers)))

    def _add_over_workers(self, numbers: tf.Tensor) -> tf.Tensor:
        # Each process may have several devices; only the first one contributes its numbers.
        share = self.strategy.run(
            lambda: tf.where(
                tf.distribute.get_replica_context().replica_id_in_sync_group % self._local_replicas
                == 0,
                numbers,
                tf.zeros_like(numbers),
            )
        )
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, share, axis=None)

    @property
    def _local_replicas(self) -> int:
        return self.strategy.num_replicas_in_sync // len(self.cluster.addresses)


@contextlib.contextmanager
def name_lost_workers(cluster: Cluster) -> Iterator[None]:
    """Turn TensorFlow's errors of a lost worker into a WorkerError that names it."""
    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
        named = (cluster.find_index(job, int(task)) for job, task in _TASK.findall(str(error)))
        lost = sorted({index for index in named if index is not None} - {cluster.index})
        names = ", ".join(map(cluster.describe, lost)) or "a worker"
        raise WorkerError(
            f"Training ended because {names} is gone: it was killed, or cannot be reached. Start "
            "all workers again and resume the run."
        ) from error

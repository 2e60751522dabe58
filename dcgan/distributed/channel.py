"""What several workers say to each other while they train one run: the chief tells, all follow.

All make the same steps, as the chief alone looks at the clock, the disk and the person.
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

# What the chief tells the others, with details: to begin a run (`config`, `fingerprint` of its
# data); to make steps (`num_steps`); to take over a state, which follows as bytes, or a
# `config`; to leave a `run` that has ended, or one that failed or could not begin (`why`).
Order = Literal["begin", "steps", "state", "config", "leave"]

_TASK = re.compile(r"/job:(\w+)/(?:replica:\d+/)?task:(\d+)")  # As TensorFlow names a worker.


class Line:
    """By which the chief tells the others what to do next; all call it, each at the same time.

    What is told goes the way that gradients go, so it needs no connection of its own, and comes in
    its order between the steps.

    Attributes:
        cluster: The workers.
        strategy: TensorFlow's, of all of them.
    """

    def __init__(self, cluster: Cluster, strategy: tf.distribute.Strategy) -> None:
        """Make it for the workers of a strategy, one a process."""
        self.cluster, self.strategy = cluster, strategy
        self._asks_to_stop = False
        self._was_asked_to_stop = False
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
        return self._was_asked_to_stop

    def want_to_stop(self) -> None:
        """Ask the chief to stop, with the next that it tells."""
        self._asks_to_stop = True

    def tell(self, words: bytes) -> None:
        """Tell all others; they `hear`.

        Raises:
            WorkerError: If one of them is gone.
        """
        self._share_length(len(words))
        padded = np.frombuffer(words + bytes(-len(words) % 4), np.int32)
        self._sum(padded)

    def give(self, order: Order, **details: object) -> None:
        """Tell all others what to do; they `take` it.

        Args:
            order: What.
            **details: What JSON can say.

        Raises:
            WorkerError: If one of them is gone.
        """
        self.tell(json.dumps({"do": order, **details}).encode())

    def take(self) -> tuple[str, dict[str, Any]]:
        """Wait for the chief's next order; return it, one of `Order`, and its details.

        Raises:
            WorkerError: If the chief or another worker is gone.
        """
        details = json.loads(self.hear())
        return details.pop("do"), details

    def hear(self) -> bytes:
        """Wait for what the chief tells.

        Raises:
            WorkerError: If the chief or another worker is gone.
        """
        length = self._share_length(0)
        return self._sum(np.zeros(-(-length // 4), np.int32)).tobytes()[:length]

    def disagreeing(self, is_right: bool) -> list[int]:
        """Say whether something is right here; return the numbers of those where it is not.

        Raises:
            WorkerError: If another worker is gone.
        """
        votes = np.zeros(len(self.cluster.addresses), np.int32)
        votes[self.cluster.index] = not is_right
        return np.flatnonzero(self._sum(votes)).tolist()

    def _share_length(self, length: int) -> int:
        numbers = np.array([length, self._asks_to_stop], np.int32)
        length, wanting = self._sum(numbers).tolist()
        self._was_asked_to_stop = wanting > 0
        return int(length)

    def _sum(self, numbers: np.ndarray) -> np.ndarray:
        with gone_workers_in_words(self.cluster):
            return np.asarray(self._add(tf.constant(numbers)))

    def _sum_of_all(self, numbers: tf.Tensor) -> tf.Tensor:
        # With several devices in a process each would count.
        share = self.strategy.run(
            lambda: tf.where(
                tf.distribute.get_replica_context().replica_id_in_sync_group % self._replicas_here
                == 0,
                numbers,
                tf.zeros_like(numbers),
            )
        )
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, share, axis=None)

    @property
    def _replicas_here(self) -> int:
        return self.strategy.num_replicas_in_sync // len(self.cluster.addresses)


@contextlib.contextmanager
def gone_workers_in_words(cluster: Cluster) -> Iterator[None]:
    """Turn what TensorFlow raises when a worker is gone into a sentence."""
    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
        told = (cluster.number_of(job, int(task)) for job, task in _TASK.findall(str(error)))
        gone = sorted({index for index in told if index is not None} - {cluster.index})
        names = ", ".join(map(cluster.name, gone)) or "a worker"
        raise WorkerError(
            f"Training ended because {names} is gone: it was killed, or cannot be reached. Start "
            "all workers again and resume the run."
        ) from error

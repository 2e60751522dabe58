"""The networks that the runs of a tuning share."""

from __future__ import annotations

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.model.devices import choose_strategy
from dcgan.model.gan import DCGAN
from dcgan.training.batches import check_batch

_MAX_NETWORKS = 6  # The graph of each takes some 70 MB.


class NetworkCache:
    """Networks by the settings on which their graph depends.

    Building the graph of a step takes seconds. Runs that differ only in their learning rates share
    a graph, and a continued run uses the graph that it had.
    """

    def __init__(self, num_images: int) -> None:
        """Start empty.

        Args:
            num_images: Size of the data set that the runs train on.
        """
        self._num_images = num_images
        # The least recently used first.
        self._made: dict[tuple[object, ...], tuple[DCGAN, dict[str, np.ndarray]]] = {}

    def make_gan(self, config: TrainingConfig) -> DCGAN:
        """Return networks of some settings, in the state of a new run.

        A later call may return the same networks and reset them.

        Raises:
            ConfigError: If the batches do not suit the data set or the devices.
        """
        key = config.graph_key
        if key in self._made:
            gan, first_state = self._made.pop(key)
            gan.change_config(config)
            gan.set_state(first_state)
        else:
            while len(self._made) >= _MAX_NETWORKS:
                del self._made[next(iter(self._made))]
            gan = DCGAN(config, choose_strategy(config.strategy))
            first_state = gan.get_state()
        self._made[key] = gan, first_state
        check_batch(config, self._num_images, gan.strategy.num_replicas_in_sync)
        return gan

"""Lookahead: both networks regularly go back half of the way that they came."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.backend import keras, tf
from dcgan.config.training_config import TrainingConfig

_SHARE_KEPT = 0.5  # The paper's share of the way that a return keeps.


class Lookahead:
    """The weights to which both networks of a run return, half of the way.

    Two networks that follow each other circle around the weights at which neither gains anything.
    A regular return damps the circling.

    Attributes:
        variables: The weights after the newest return, in the order of the networks' trainable
            variables; empty if there are no returns. The object must be made in the scope of the
            strategy.

    Source:
        Chavdarova et al., "Taming GANs with Lookahead-Minmax", 2021, arXiv:2006.14567, algorithm 1.
    """

    def __init__(self, config: TrainingConfig, networks: Sequence[keras.Model]) -> None:
        """Prepare the returns; the first one leads towards the current weights."""
        self._every = config.lookahead
        self._weights = (
            [variable for network in networks for variable in network.trainable_variables]
            if self._every > 0
            else []
        )
        self.variables = [
            keras.Variable(weight, trainable=False, name=weight.name) for weight in self._weights
        ]

    def restart(self) -> None:
        """Make the current weights those to which the next return leads."""
        for before, weight in zip(self.variables, self._weights, strict=True):
            before.assign(weight)

    def update(self, step: tf.Tensor) -> None:
        """Return half of the way if it is time, in the graph of a step.

        Args:
            step: Steps so far, at least 1; int32.
        """
        if self._every > 0:
            tf.cond(tf.equal(step % self._every, 0), self._return, lambda: None)

    def _return(self) -> None:
        for before, weight in zip(self.variables, self._weights, strict=True):
            before.assign(before + _SHARE_KEPT * (weight - before))
            weight.assign(before)

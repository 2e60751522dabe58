"""Lookahead: both networks regularly go back a part of the way that they came."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.backend import keras, tf
from dcgan.config.training_config import TrainingConfig

_SHARE_KEPT = 0.5  # The share of the way that a return keeps in the end; the paper's.
# Returns keep almost the whole way at first and fall to that share in these steps: half of the way
# from the beginning is slower there, see docs/levers.md. The paper's share is the same everywhere.
_STEPS_TO_SHARE = 1000


class Lookahead:
    """The weights towards which both networks of a run return.

    Two networks that follow each other circle around the weights at which neither gains anything.
    A regular return damps the circling. A return goes back half of the way, and less in the first
    1,000 steps. Sets of pictures that are augmented train without returns.

    Attributes:
        variables: The weights after the newest return, in the order of the networks' trainable
            variables; empty if there are no returns. The object must be made in the scope of the
            strategy.

    Source:
        Chavdarova et al., "Taming GANs with Lookahead-Minmax", 2021, arXiv:2006.14567, algorithm 1.
    """

    def __init__(self, config: TrainingConfig, networks: Sequence[keras.Model]) -> None:
        """Prepare the returns; the first one leads towards the current weights."""
        self._config = config
        self._weights = (
            [variable for network in networks for variable in network.trainable_variables]
            if config.lookahead > 0
            else []
        )
        self.variables = [
            keras.Variable(weight, trainable=False, name=weight.name) for weight in self._weights
        ]

    def restart(self) -> None:
        """Make the current weights those to which the next return leads."""
        for before, weight in zip(self.variables, self._weights, strict=True):
            before.assign(weight)

    def update(self, step: tf.Tensor, num_images: int) -> None:
        """Go back a part of the way if it is time, in the graph of a step.

        Args:
            step: Steps so far, at least 1; int32.
            num_images: Size of the data set, known while the graph is traced.
        """
        every = self._config.get_effect("lookahead", num_images)
        if every:
            tf.cond(tf.equal(step % every, 0), lambda: self._return(step), lambda: None)

    def _return(self, step: tf.Tensor) -> None:
        kept = compute_share_kept(step)
        for before, weight in zip(self.variables, self._weights, strict=True):
            before.assign(before + kept * (weight - before))
            weight.assign(before)


def compute_share_kept(step: tf.Tensor) -> tf.Tensor:
    """Return the share of the way that the return after a step keeps, float32 in [0.5, 1].

    Args:
        step: Steps so far, at least 0; int32.
    """
    elapsed = tf.minimum(tf.cast(step, tf.float32) / _STEPS_TO_SHARE, 1.0)
    return 1.0 - (1.0 - _SHARE_KEPT) * elapsed

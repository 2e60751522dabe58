"""Networks with the default settings, built before a run starts. Imports no Streamlit."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from dashboard.process import tf_runtime
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DCGANError

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN

# Delay after a run that has used the networks. A person may start a run with other settings at
# once, and building two graphs at the same time would delay it.
_PAUSE_SECONDS = 2.0


class PreparedNetworks:
    """Networks for the next run; their graph is traced while nothing trains.

    This saves the seconds of tracing between the click on Start training and the first step.
    """

    def __init__(
        self,
        config: TrainingConfig | None = None,
        is_training: Callable[[], bool] = lambda: False,
    ) -> None:
        """Create the object without building networks.

        Args:
            config: The settings of the networks; None for the default settings on MNIST.
            is_training: Returns whether a run is active.
        """
        self._config = config or TrainingConfig(class_names=NAMED_SETS["mnist"].class_names)
        self._is_training = is_training
        self._lock = threading.Lock()
        self._gan: DCGAN | None = None
        self._was_taken = False
        self._is_closed = threading.Event()

    def prepare(self, after_seconds: float = 0.0) -> None:
        """Prepare networks in a new thread, unless some are ready or a run is active by then.

        Args:
            after_seconds: Delay before the thread begins.
        """
        if not self._is_closed.is_set():
            # Not a daemon thread: the process would abort if Python ended during TensorFlow's work.
            threading.Thread(
                target=self._build, args=(after_seconds,), name="prepare-networks", daemon=False
            ).start()

    def prepare_again(self) -> None:
        """Prepare networks after a short delay, if a run has taken the last ones."""
        if self._was_taken:
            self.prepare(_PAUSE_SECONDS)

    def close(self) -> None:
        """Prepare no more networks, because the process ends."""
        self._is_closed.set()

    def _build(self, after_seconds: float) -> None:
        from dcgan.data.datasets import load_configured_dataset
        from dcgan.recording.start import make_local_gan
        from dcgan.training.tracing import trace_step

        tf_runtime.lower_priority()
        if self._is_closed.wait(after_seconds) or not threading.main_thread().is_alive():
            return
        # Errors are ignored here: a run that starts later meets the same error and reports it.
        with self._lock, contextlib.suppress(DCGANError):
            if self._gan is None and not self._is_training():
                dataset = load_configured_dataset(self._config)
                gan = make_local_gan(self._config, dataset)
                trace_step(gan, dataset)
                self._gan, self._was_taken = gan, False

    def make_gan(self, config: TrainingConfig, dataset: ImageDataset) -> DCGAN:
        """Return the prepared networks if they fit a run's settings, otherwise new ones.

        Waits if fitting networks are being prepared, because building new ones takes longer.

        Raises:
            ConfigError: If a batch is larger than the data set, or cannot be split evenly.
        """
        from dcgan.recording.start import make_local_gan
        from dcgan.training.batches import check_batch

        gan = self._take() if self._fits(config) else None
        if gan is None:
            return make_local_gan(config, dataset)
        check_batch(config, len(dataset), gan.strategy.num_replicas_in_sync)
        gan.change_config(config)
        return gan

    def _fits(self, config: TrainingConfig) -> bool:
        return config.graph_key == self._config.graph_key

    def _take(self) -> DCGAN | None:
        with self._lock:
            gan, self._gan = self._gan, None
            self._was_taken = self._was_taken or gan is not None
        return gan

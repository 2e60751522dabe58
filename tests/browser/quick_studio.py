"""`python -m dashboard` with six changes that make tests of its pages quick.

- Runs train small networks, unless their sizes were set in the form.
- No networks are prepared before a run starts: these runs have other settings.
- After its first steps, training rests for nine times as long as each chunk of steps took, which
  leaves most of the processor to the server, the browser and other tests.
- The real images are measured once for all runs.
- A trial of a remedy trains for a moment and is measured on 200 pictures.
- Pages poll for news every second instead of every one to four seconds.

tests/dashboard/state tests the real intervals, tests/browser/test_server.py the real networks.
"""

from __future__ import annotations

import functools
import math
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.snapshots import external_runs, watchers
from dashboard.state.prepared_networks import PreparedNetworks
from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig

if TYPE_CHECKING:
    import numpy as np

    from dcgan.backend import tf

# Between two polls of a page; with less, a busy machine does nothing but redraw.
POLL_SECONDS = 1.0
MAX_REST_SECONDS = 0.8  # On a busy machine a chunk may take seconds.

# Training rests only after these steps: before them all pictures are so alike that Explore takes
# one survey after the other.
STEPS_WITHOUT_REST = 150

_DEFAULTS = TrainingConfig()
SMALL_NETWORKS: dict[str, object] = {
    "r1_penalty": 0.0,  # Half of the time that TensorFlow takes to trace a step.
    "generator_filters": (8, 4),
    "discriminator_filters": (4, 8),
    "generator_units": 8,
    "discriminator_units": 6,
}


def shorten_intervals() -> None:
    """Make pages poll for news every second."""
    pace = (math.inf, POLL_SECONDS)  # The same at every age of a run.
    watchers._INTERVALS = (pace, pace, pace)
    watchers._COMMAND_SECONDS = watchers._IDLE_SECONDS = POLL_SECONDS / 2
    watchers._MAX_REDRAWS_PER_SECOND = 2 / POLL_SECONDS
    external_runs._READ_SECONDS = external_runs._SEARCH_SECONDS = POLL_SECONDS / 2


def prepare_nothing(self: PreparedNetworks, after_seconds: float = 0.0) -> None:
    """Replace `PreparedNetworks.prepare`."""


def train_small_networks() -> None:
    """Replace the default sizes of the networks of each run that is started."""
    start = Trainer.start

    def start_small(
        self: Trainer, config: TrainingConfig, root: Path | None = None, title: str = ""
    ) -> bool:
        sizes = {name: getattr(config, name) for name in SMALL_NETWORKS}
        is_default = all(value == getattr(_DEFAULTS, name) for name, value in sizes.items())
        small = config.replace(**SMALL_NETWORKS) if is_default else config
        return start(self, small, root, title)

    Trainer.start = start_small  # type: ignore[method-assign]
    PreparedNetworks.prepare = prepare_nothing  # type: ignore[method-assign]


def rest_between_chunks() -> None:
    """Make training rest after each later chunk of steps for nine times as long as it took."""
    from dcgan.model.gan import DCGAN
    from dcgan.training_step.step_metrics import StepMetrics

    train_steps = DCGAN.train_steps
    never_set = threading.Event()  # Its `wait` is a pause.

    def train_steps_and_rest(
        self: DCGAN, images: tf.Tensor, order: np.ndarray, position: int, num_steps: int
    ) -> StepMetrics:
        began = time.monotonic()
        metrics = train_steps(self, images, order, position, num_steps)
        if self.step > STEPS_WITHOUT_REST:
            never_set.wait(min(MAX_REST_SECONDS, 9 * (time.monotonic() - began)))
        return metrics

    DCGAN.train_steps = train_steps_and_rest  # type: ignore[method-assign]


def share_measurements() -> None:
    """Measure the real images of a data set once."""
    from dcgan.evaluation import evaluator

    evaluator.Evaluator = functools.lru_cache(maxsize=2)(  # type: ignore[misc, assignment]
        evaluator.Evaluator
    )


def shorten_trials() -> None:
    """Make each trial of a remedy train for a moment, and measure it on few pictures."""
    from dcgan.remedies import measurement, trials

    trials.create_study = functools.partial(trials.create_study, seconds=0.3)
    measurement.EPOCH_EVALUATION_IMAGES = 200  # type: ignore[attr-defined]


def change_training() -> None:
    """Make the changes that import TensorFlow."""
    rest_between_chunks()
    share_measurements()
    shorten_trials()


def main() -> None:
    """Start the dashboard with the six changes."""
    from dashboard.__main__ import main as start_dashboard

    shorten_intervals()
    train_small_networks()
    threading.Thread(target=change_training, daemon=True).start()
    start_dashboard(prog_name="python -m dashboard")


if __name__ == "__main__":
    main()

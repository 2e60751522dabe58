"""The bounds of a public demo: settings that visitors may change, times and numbers of runs.

Imports no Streamlit.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError

# `python -m dashboard --demo` and `--demo-seconds` set them.
DEMO_VARIABLE = "DCGAN_STUDIO_DEMO"
DEMO_SECONDS_VARIABLE = "DCGAN_STUDIO_DEMO_SECONDS"

DEMO_SECONDS = 90.0
MIN_SECONDS, MAX_SECONDS = 10.0, 3600.0

# The settings that visitors may change. All others are fixed: the data, the sizes of networks and
# batches, the length of a run and its files decide how much memory, time and disk space it takes. A
# wide kernel and many discriminator steps only make a step slower, and the time is bounded.
OFFERED_SETTINGS = (
    "seed",
    "class_conditional",
    "only_classes",
    "generator_learning_rate",
    "discriminator_learning_rate",
    "beta_1",
    "label_smoothing",
    "r1_penalty",
    "discriminator_steps",
    "ema_decay",
    "dropout",
    "kernel_size",
)


@dataclass(frozen=True)
class DemoBounds:
    """The bounds of a public demo.

    Attributes:
        seconds: Training time of a run.
        max_waiting: Largest number of visitors in the queue.
        keep_seconds: Time from the start of a visitor's run until it is deleted.
        max_kept: Largest number of visitors' runs that are kept; the oldest are deleted first.
        max_kept_per_visitor: Largest number of runs of one visitor that are kept.
        gone_seconds: Time without a connection after which a visitor loses the place in the queue.
    """

    seconds: float = DEMO_SECONDS
    max_waiting: int = 20
    keep_seconds: float = 3600.0
    max_kept: int = 40
    max_kept_per_visitor: int = 5
    gone_seconds: float = 60.0

    @property
    def max_wall_seconds(self) -> float:
        """Seconds after which a run is stopped, counted from its start, preparation included."""
        return 2 * self.seconds + 120

    @property
    def config(self) -> TrainingConfig:
        """The settings of a visitor's run, before the visitor changes any."""
        return TrainingConfig(epochs=None, max_seconds=self.seconds)

    def check(self, config: TrainingConfig) -> None:
        """Check that a visitor may train with these settings.

        Raises:
            ConfigError: If a fixed setting is changed; names the setting.
        """
        default = self.config
        for name in TrainingConfig.model_fields:
            if name not in OFFERED_SETTINGS and getattr(config, name) != getattr(default, name):
                raise ConfigError(
                    "visitors of this demo cannot change it; to try other values, run the program "
                    "on your own computer.",
                    setting=name,
                )


def read_demo_bounds() -> DemoBounds | None:
    """Return the bounds of the public demo; None if the server is no demo.

    Raises:
        ConfigError: If the variable of the seconds is not a number from 10 to 3,600.
    """
    if os.environ.get(DEMO_VARIABLE, "0") in ("", "0"):
        return None
    text = os.environ.get(DEMO_SECONDS_VARIABLE, "")
    try:
        seconds = float(text) if text else DEMO_SECONDS
    except ValueError:
        seconds = 0.0
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise ConfigError(
            f"{DEMO_SECONDS_VARIABLE}: got {text!r}; expected a number from {MIN_SECONDS:g} to "
            f"{MAX_SECONDS:,g}."
        )
    return DemoBounds(seconds)

"""The included run with whose weights a new run on few pictures can start."""

from __future__ import annotations

from dcgan.config.setting_info import list_settings_that_affect
from dcgan.config.training_config import TrainingConfig
from dcgan.installation import list_included_runs

STARTED_BELOW = 2000  # Pictures; more of them teach strokes and edges by themselves.
_NUM_CLASSES = 10  # Of the included run that knows classes.


def find_included_start(config: TrainingConfig, num_images: int) -> str:
    """Return the name of the included run to start from; "" if no included run fits.

    The included runs have the default networks, for grey pictures of 28×28. One of them knows
    classes: it is for runs that learn classes.

    Args:
        config: The settings of the new run.
        num_images: Number of training pictures.
    """
    default = TrainingConfig(class_conditional=config.class_conditional)
    fits = all(
        getattr(config, name) == getattr(default, name)
        for name in list_settings_that_affect("networks")
    )
    path = list_included_runs()[1 if config.class_names else 0]
    return path.name if fits and num_images < STARTED_BELOW and path.is_dir() else ""


def describe_fresh_layers(config: TrainingConfig) -> str:
    """Return the layers that start fresh after such a start, for a sentence; "" if there are none.

    The layers that take the class have another shape for each number of classes.
    """
    if config.num_classes in (0, _NUM_CLASSES):
        return ""
    return "the generator's first layer and the discriminator's last, which depend on the classes"

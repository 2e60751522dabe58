"""Titles of runs that start from another run: the change first, then the other run's title."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from dcgan.config.config_text import name_choice
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.manifest import MAX_TITLE
from dcgan.wording import capitalize, shorten

_MAX_ORIGIN = 36  # Characters.
_MAX_SETTINGS = 2


def make_branch_title(
    change: str, origin_title: str, kind: Literal["branch", "restart"] = "branch"
) -> str:
    """Return a title such as "Dropout 0.4 (branch of my run)".

    Args:
        change: Description of the change.
        origin_title: Title of the run from which this one starts. If that is a branch or restart
            too, only its change is repeated.
        kind: A branch starts from a checkpoint, a restart from random weights.
    """
    origin = re.sub(r" \((branch|restart) of .*", "", origin_title)
    ending = f" ({kind} of {shorten(origin, _MAX_ORIGIN, ' …')})"
    return f"{shorten(change, MAX_TITLE - len(ending), ' …')}{ending}"


def describe_new_settings(values: Mapping[str, object]) -> str:
    """Describe settings briefly, such as "Generator learning rate 0.0005, Batch size 32 …"."""
    settings = [name_choice(name, value) for name, value in values.items()]
    more = " …" if len(settings) > _MAX_SETTINGS else ""
    text = ", ".join(settings[:_MAX_SETTINGS]) + more
    return capitalize(text)


def describe_branch(before: TrainingConfig, after: TrainingConfig, step: int) -> str:
    """Describe a branch by its changed settings, or else by the step from which it starts."""
    changed = {
        name: getattr(after, name)
        for name in type(after).model_fields
        if getattr(before, name) != getattr(after, name)
    }
    return describe_new_settings(changed) or f"From step {step:,}"

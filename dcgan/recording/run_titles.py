"""Titles of runs that start from another run: what is new first, then the run's name."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import Literal

from dcgan.config.config_text import format_value
from dcgan.config.setting_info import get_setting_label
from dcgan.config.training_config import TrainingConfig

_MAX_ORIGIN = 36  # Characters: a title has at most 80.
_MAX_SETTINGS = 2


def make_branch_title(
    change: str, origin: str, kind: Literal["branch", "restart"] = "branch"
) -> str:
    """Return a title such as "Generator lr 0.0005 (branch of my run)".

    Args:
        change: What is new.
        origin: Title of the run it starts from; if that is such a title itself, only what was new
            there is repeated.
        kind: A branch starts from a checkpoint, a restart from random weights.
    """
    own = re.sub(r" \((branch|restart) of .*", "", origin)
    return f"{change} ({kind} of {textwrap.shorten(own, _MAX_ORIGIN, placeholder=' …')})"


def describe_new_settings(values: Mapping[str, object]) -> str:
    """Describe settings briefly, such as "Generator lr 0.0005, Batch size 32 and 3 more"."""
    words = [
        f"{get_setting_label(name).replace('learning rate', 'lr')} {format_value(name, value)}"
        for name, value in values.items()
    ]
    more = f" and {len(words) - _MAX_SETTINGS} more" if len(words) > _MAX_SETTINGS else ""
    return ", ".join(words[:_MAX_SETTINGS]) + more


def describe_branch(before: TrainingConfig, after: TrainingConfig, step: int) -> str:
    """Describe what is new in a branch: its changed settings, or the step it starts from."""
    changed = {
        name: getattr(after, name)
        for name in type(after).model_fields
        if getattr(before, name) != getattr(after, name)
    }
    return describe_new_settings(changed) or f"From step {step:,}"

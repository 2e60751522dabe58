"""The field of a setting, and the types of settings that forms and flags give as text."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

# When a setting of an existing run may change: during training, in a branch of the run, or never,
# because the run's weights, pictures or epochs would no longer fit.
Changes = Literal["live", "in_branch", "never"]

# Whether own pictures are inverted; "auto" decides by their borders.
Polarity = Literal["auto", "as_is", "inverted"]

# What both networks minimise; `dcgan.training_step.losses` has the formulas.
Loss = Literal["bce", "hinge", "wgan_gp", "relativistic"]

# What a setting affects. `pictures`: the training pictures. `networks`: their layers. `step`: the
# graph of a training step, or the weights before the first one. `learning`: what is learned, with
# the same graph. `speed`: the time of a step or between steps. `schedule`: when the run ends or is
# measured. `saving`: only what is saved, not what is learned.
Effect = Literal["pictures", "networks", "step", "learning", "speed", "schedule", "saving"]


def make_setting(
    default: object,
    help_text: str,
    *,
    label: str,
    group: str,
    affects: tuple[Effect, ...],
    changes: Changes = "never",
    **bounds: Any,
) -> Any:
    """Make the field of a setting.

    Args:
        default: Value if none is given.
        help_text: Explanation for the page, the flag and the docs.
        label: Name for people, such as "Batch size".
        group: Heading under which the setting is shown, such as "Networks".
        affects: What depends on the value.
        changes: When the setting may change in an existing run.
        **bounds: Bounds of the value, as pydantic names them.
    """
    extra: dict[str, Any] = {"group": group, "affects": affects, "changes": changes}
    return Field(default, description=help_text, title=label, json_schema_extra=extra, **bounds)


MAX_WIDTH = 1024  # Channels of a layer.


def parse_numbers(value: object) -> object:
    """Split text such as "256, 128, 64", from a form or a flag; pass on anything else."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def parse_whole(value: object) -> object:
    """Turn text such as "64" into 64, as pydantic's `Literal` does not; pass on anything else."""
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


def parse_optional(value: object) -> object:
    """Turn "" and "none" into None, which means no limit; pass on anything else."""
    if isinstance(value, str) and value.strip().lower() in ("", "none"):
        return None
    return value


Width = Annotated[int, Field(ge=1, le=MAX_WIDTH)]
Widths = Annotated[tuple[Width, ...], BeforeValidator(parse_numbers)]
ClassNumbers = Annotated[
    tuple[Annotated[int, Field(ge=0, le=9)], ...], BeforeValidator(parse_numbers)
]


def _check_distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse two equal names, because a person could only choose the first of the two classes."""
    if len(set(names)) < len(names):
        raise ValueError("two classes have one name")
    return names


# Each class is an input of the generator and a column of the sample grid.
MAX_CLASSES = 100
ClassName = Annotated[str, Field(min_length=1, max_length=100)]
ClassNames = Annotated[
    tuple[ClassName, ...], Field(max_length=MAX_CLASSES), AfterValidator(_check_distinct)
]

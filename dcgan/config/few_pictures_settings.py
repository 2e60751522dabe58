"""Settings for few pictures: their augmentation."""

from __future__ import annotations

import functools
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from dcgan.config.setting_types import make_setting, parse_numbers

# What augmentation changes in a picture; `dcgan.training_step.augmentation` has the formulas.
AugmentationKind = Literal["translation", "cutout", "color", "mirror"]
KINDS: tuple[AugmentationKind, ...] = ("translation", "cutout", "color", "mirror")

AUGMENTED_BELOW = 5000  # With `auto`, sets of fewer pictures than this are augmented.

_setting = functools.partial(make_setting, group="Few pictures", changes="in_branch")


def _parse_strength(value: object) -> object:
    """Turn text such as "0.4" into a number, and 0 into "off"; pass on anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return value
    return "off" if value == 0 else value


def _sort(kinds: tuple[AugmentationKind, ...]) -> tuple[AugmentationKind, ...]:
    """Return each kind once, in the order of `KINDS`."""
    return tuple(kind for kind in KINDS if kind in kinds)


class FewPicturesSettings(BaseModel):
    """The section "Few pictures" of the form; see `Settings`."""

    augment: Annotated[
        Literal["auto", "off"] | Annotated[float, Field(ge=0, le=1)],
        BeforeValidator(_parse_strength),
    ] = _setting(
        "auto",
        "Change the pictures that the discriminator sees at random, real ones and fakes alike, so "
        f"that it cannot memorise a small set. auto: below {AUGMENTED_BELOW:,} pictures, as often "
        "as needed. A number: the share of pictures that each kind changes. off: never.",
        label="Augmentation",
        affects=("step", "speed"),
    )
    augmentations: Annotated[
        tuple[AugmentationKind, ...], BeforeValidator(parse_numbers), AfterValidator(_sort)
    ] = _setting(
        ("translation", "cutout", "color"),
        "What augmentation changes. translation: moves the picture by up to an eighth. cutout: "
        "covers a part. color: brightness and contrast, of colours also the saturation. mirror: "
        "swaps left and right; not for digits or letters.",
        label="Kinds of augmentation",
        affects=("step", "speed"),
        min_length=1,
        max_length=len(KINDS),
    )

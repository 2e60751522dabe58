"""Settings for few pictures: their augmentation, and a trained run to start from."""

from __future__ import annotations

import functools
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from dcgan.config.setting_types import make_setting, parse_numbers

# What augmentation changes in a picture; `dcgan.training_step.augmentation` has the formulas.
AugmentationKind = Literal["translation", "distortion", "cutout", "color", "mirror"]
KINDS: tuple[AugmentationKind, ...] = get_args(AugmentationKind)

AUGMENTED_BELOW = 5000  # With `auto`, sets of fewer pictures than this are augmented.
# The highest probability of adaptive augmentation. With more, the generator may learn to draw the
# changes (Karras et al., 2020, arXiv:2006.06676, section 2.2).
MAX_ADAPTIVE_PROBABILITY = 0.8

_setting = functools.partial(make_setting, group="Few pictures")


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
        "Randomly change the pictures that the discriminator sees, real ones and fakes alike, so "
        f"that it cannot memorise a small set. auto: below {AUGMENTED_BELOW:,} pictures, as often "
        "as needed. A number: the share of pictures that each kind changes. off: never.",
        label="Augmentation",
        affects=("step", "speed"),
        changes="in_branch",
    )
    augmentations: Annotated[
        tuple[AugmentationKind, ...], BeforeValidator(parse_numbers), AfterValidator(_sort)
    ] = _setting(
        ("translation", "distortion", "color"),
        "What augmentation changes. translation: moves the picture by up to an eighth. distortion: "
        "stretches and slants it a little. cutout: covers a part. color: brightness, saturation "
        "and contrast, of pictures in colour only. mirror: swaps left and right; not for digits or "
        "letters.",
        label="Kinds of augmentation",
        affects=("step", "speed"),
        changes="in_branch",
        min_length=1,
        max_length=len(KINDS),
    )
    start_from: str = _setting(
        "",
        "Start with the weights of a trained run, given by its name or folder; layers of other "
        "sizes start with random weights. Empty: all layers do.",
        label="Start from",
        affects=("learning",),
        max_length=4096,
    )
    held_layers: int = _setting(
        0,
        "With a run to start from: how many of the discriminator's first convolutions keep that "
        "run's weights for a while. They detect strokes and edges, which are hard to learn from "
        "few pictures. 0: none.",
        label="Frozen layers",
        affects=("step",),
        ge=0,
        le=4,
    )
    held_steps: int = _setting(
        1000,
        "Steps for which these layers are frozen.",
        label="Frozen for steps",
        affects=("step",),
        ge=1,
        le=10_000_000,
    )

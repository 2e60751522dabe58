"""The kinds of losses that a run can have, and how they differ beyond their formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dcgan.config.setting_types import Loss


@dataclass(frozen=True)
class LossKind:
    """The properties of a loss; `dcgan.training_step.losses` has its formula.

    Attributes:
        label: Name for people.
        has_targets: Whether each image has a target, which label smoothing changes.
        is_shift_invariant: Whether only differences of logits count. An extra penalty then keeps
            the mean logit near 0.
        is_paired: Whether each fake is compared with a real image. There is then a penalty at real
            images (R1) and at fakes (R2), and the generator's loss also needs real images' logits.
        has_gradient_penalty: Whether it has its own gradient penalty instead of R1. The slope at
            one image must not depend on other images, so the discriminator has LayerNorm, not
            BatchNorm.
        can_be_negative: Whether the generator's or the discriminator's loss can be 0 or less.
        may_discriminator_win: Whether the generator learns even if the discriminator recognizes
            nearly all images.
        settings: Settings for which training needs other values than the defaults, with their
            values.
    """

    label: str
    has_targets: bool = False
    is_shift_invariant: bool = False
    is_paired: bool = False
    has_gradient_penalty: bool = False
    can_be_negative: bool = False
    may_discriminator_win: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)


LOSS_KINDS: Mapping[Loss, LossKind] = MappingProxyType(
    {
        "bce": LossKind("Cross-entropy (bce)", has_targets=True),
        "hinge": LossKind("Hinge", can_be_negative=True),
        # Measured: after 1,200 steps the Fréchet distance is 0.52 with three discriminator steps,
        # and 1.33 with one.
        "wgan_gp": LossKind(
            "WGAN-GP (wgan_gp)",
            is_shift_invariant=True,
            has_gradient_penalty=True,
            can_be_negative=True,
            may_discriminator_win=True,
            settings=MappingProxyType({"discriminator_steps": 3}),
        ),
        "relativistic": LossKind("Relativistic", is_shift_invariant=True, is_paired=True),
    }
)

# Settings that at least one loss overrides.
SETTINGS_OF_LOSSES = frozenset(name for kind in LOSS_KINDS.values() for name in kind.settings)

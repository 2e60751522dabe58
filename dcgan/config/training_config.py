"""TrainingConfig: the settings of one run, values derived from them, and the presets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from dcgan.config.config_text import explain_refusal
from dcgan.config.loss_kinds import LOSS_KINDS, SETTINGS_OF_LOSSES, LossKind
from dcgan.config.sections.few_pictures import AUGMENTED_BELOW
from dcgan.config.setting_info import list_settings_that_affect
from dcgan.config.setting_types import MAX_WIDTH, ClassNames
from dcgan.config.settings import ImageShape, Settings
from dcgan.errors import ConfigError

# Time limit of a run with `until_converged` for which nobody has chosen a length.
MAX_SECONDS_UNTIL_CONVERGED = 3600.0

ZSchedule = Literal["falling", "falling_and_rising"]


class TrainingConfig(Settings):
    """The settings of a training run; immutable, and valid once built.

    The defaults are the `fast` preset. `create` and `preset` build a config and raise a
    `ConfigError` for a wrong value; `replace` makes a changed copy.

    Attributes:
        class_names: The classes that the networks learn, in the order of the labels; empty if they
            learn none. `start_run` sets them from the data (`with_learned_classes`).
        num_held_out: Number of own pictures that are not trained on; metrics compare with them.
            `start_run` sets it from the data; runs of older versions trained on all pictures.
        z_schedule: The factors of z in training with classes (`step_inputs.Z_SCHEDULES`). A run
            keeps its own, so that it resumes exactly; new runs have the default.
    """

    class_names: ClassNames = ()
    num_held_out: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    z_schedule: ZSchedule = "falling_and_rising"

    @classmethod
    def create(cls, **values: object) -> TrainingConfig:
        """Build a config from settings by name.

        A setting that is not given has the loss's own value (see `LOSS_KINDS`) or the default.

        Raises:
            ConfigError: If a value is not allowed; one sentence with field, value and bounds.
        """
        try:
            return cls.model_validate(_list_settings_of_loss(values.get("loss")) | values)
        except ValidationError as error:
            setting, problem = explain_refusal(error)
            raise ConfigError(problem, setting=setting) from None

    @classmethod
    def preset(cls, name: str, **overrides: object) -> TrainingConfig:
        """Build the config of a preset (a key of `PRESETS`) with some values replaced.

        If `overrides` turn on `until_converged` and give neither epochs nor a time limit, training
        takes an hour at most: a preset's epochs would end most runs before they stop improving.

        Raises:
            ConfigError: If the preset is unknown or a value is not allowed.
        """
        if name not in PRESETS:
            raise ConfigError(
                f"preset: got {name!r}; expected one of {', '.join(sorted(PRESETS))}."
            )
        config = cls.create(**{**PRESETS[name], **overrides})
        if config.until_converged and overrides.keys().isdisjoint(("epochs", "max_seconds")):
            return config.replace(epochs=None, max_seconds=MAX_SECONDS_UNTIL_CONVERGED)
        return config

    def replace(self, **changes: object) -> TrainingConfig:
        """Return a copy with some values changed; all values are checked again.

        If the loss changes, the settings that `LOSS_KINDS` gives for a loss change with it. A
        setting that is among the changes, or that no longer has the old loss's value, keeps its
        value.
        """
        values = self.model_dump()
        if changes.get("loss", self.loss) != self.loss:
            before = _list_settings_of_loss(self.loss)
            after = _list_settings_of_loss(changes["loss"])
            values |= {name: value for name, value in after.items() if values[name] == before[name]}
        return type(self).create(**values | changes)

    def with_learned_classes(self, class_names: tuple[str, ...]) -> TrainingConfig:
        """Return a copy that learns these classes; none if `class_conditional` is off.

        Args:
            class_names: The classes of the data, in the order of the labels. A single class is not
                learned, as all pictures have it.
        """
        is_learned = self.class_conditional and len(class_names) > 1
        return self.replace(class_names=class_names if is_learned else ())

    @property
    def graph_key(self) -> tuple[object, ...]:
        """Values that the graph of training depends on; networks of an equal key can be reused.

        For another number or shape of pictures, TensorFlow traces another graph by itself.
        """
        names = (*list_settings_that_affect("networks", "step"), "class_names", "z_schedule")
        holds_layers = bool(self.start_from) and self.held_layers > 0
        return (*(getattr(self, name) for name in names), holds_layers)

    @property
    def loss_kind(self) -> LossKind:
        """The properties of the loss."""
        return LOSS_KINDS[self.loss]

    @property
    def image_shape(self) -> ImageShape:
        """Height, width and channels of the pictures."""
        return (self.image_size, self.image_size, 3 if self.color else 1)

    @property
    def num_classes(self) -> int:
        """Number of classes that the networks learn; 0 if they learn none."""
        return len(self.class_names)

    @property
    def num_generator_inputs(self) -> int:
        """Length of the vectors that the generator takes: z, then a weight for each class."""
        return self.latent_dim + self.num_classes

    @property
    def num_doublings(self) -> int:
        """Number of times that the generator doubles its first small picture, of 7×7 or 8×8."""
        return {28: 2, 32: 2, 64: 3}[self.image_size]

    @property
    def generator_widths(self) -> tuple[int, ...]:
        """Channels of all generator layers: `generator_filters`, and more for large pictures.

        As in the paper, each added layer is twice as wide as the next one.
        """
        first, *others = self.generator_filters
        added = [min(first * 2**index, MAX_WIDTH) for index in range(self.num_doublings - 1)]
        return (*reversed(added), *others)

    @property
    def discriminator_widths(self) -> tuple[int, ...]:
        """Channels of all convolutions: `discriminator_filters`, and more for large pictures."""
        *others, last = self.discriminator_filters
        return (
            *others,
            *(min(last * 2**index, MAX_WIDTH) for index in range(self.num_doublings - 1)),
        )

    @property
    def target_smoothing(self) -> float:
        """The value of `label_smoothing`, or 0 for a loss without targets."""
        return self.label_smoothing if self.loss_kind.has_targets else 0.0

    def is_augmented(self, num_images: int) -> bool:
        """Return whether the discriminator sees augmented images of a set of this size."""
        return num_images < AUGMENTED_BELOW if self.augment == "auto" else self.augment != "off"

    def get_effect(self, setting: str, num_images: int) -> object:
        """Return a setting's value; "off" for augmentation, and its kinds, that a set does not get.

        Settings of the same effect on a set of this size are equal. Lookahead is 0 for a set that
        is augmented, as it makes the training of few pictures slower: see docs/own-pictures.md.
        """
        if setting in ("augment", "augmentations") and not self.is_augmented(num_images):
            return "off"
        if setting == "lookahead" and self.is_augmented(num_images):
            return 0
        return getattr(self, setting)

    @property
    def images_per_step(self) -> int:
        """Number of real images in one step."""
        return self.batch_size * self.discriminator_steps

    def compute_steps_per_epoch(self, num_images: int) -> int:
        """Return the number of steps in an epoch; a last, partial batch counts as a step.

        It does not depend on `discriminator_steps`: each of the discriminator's updates in a step
        has its own pass over the data.
        """
        return math.ceil(num_images / self.batch_size)

    def compute_total_steps(self, num_images: int) -> int | None:
        """Return the planned number of steps, or None if only `max_seconds` limits the run."""
        return (
            None if self.epochs is None else self.epochs * self.compute_steps_per_epoch(num_images)
        )

    def compute_share_done(self, step: int, seconds: float, num_images: int) -> float:
        """Return how much of the planned training is done.

        Args:
            step: Updates made so far.
            seconds: Training time so far.
            num_images: Size of the data set, at least 1.

        Returns:
            In [0, 1], the larger of the shares of steps and of seconds; 1.0 only at the end.
        """
        shares = [0.0]
        total_steps = self.compute_total_steps(num_images)
        if total_steps is not None:
            shares.append(step / total_steps)
        if self.max_seconds is not None:
            shares.append(seconds / self.max_seconds)
        return min(1.0, max(shares))

    def is_done(self, step: int, seconds: float, num_images: int) -> bool:
        """Return whether all planned epochs or seconds are done, whichever comes first.

        Args:
            step, seconds, num_images: As in `compute_share_done`.
        """
        return self.compute_share_done(step, seconds, num_images) >= 1.0

    def has_reached_time_limit(self, seconds: float) -> bool:
        """Return whether a training time in seconds is at least `max_seconds`; False without it."""
        return self.max_seconds is not None and seconds >= self.max_seconds

    def estimate_seconds_left(
        self, total_steps: int | None, step: int, seconds_so_far: float, seconds_per_step: float
    ) -> float:
        """Estimate the training time left until the planned last step or the time limit.

        Args:
            total_steps: From `compute_total_steps`.
            step: The current step.
            seconds_so_far: Training time up to this step.
            seconds_per_step: Duration of a step at the current speed; above 0.

        Returns:
            Seconds, at least 0.
        """
        ends = []
        if total_steps is not None:
            ends.append((total_steps - step) * seconds_per_step)
        if self.max_seconds is not None:
            ends.append(self.max_seconds - seconds_so_far)
        return max(0.0, min(ends))

    def compute_epoch(self, step: int, num_images: int) -> int:
        """Return the epoch, from 1, of a step; step 0, before the first, is in epoch 1."""
        return max(1, math.ceil(step / self.compute_steps_per_epoch(num_images)))


# `fast` is the defaults above. `classic` has the layers and the Adam settings of the DCGAN paper
# (Radford, Metz, Chintala, 2015, arXiv:1511.06434), and the channels, dropout and epochs of
# TensorFlow's public DCGAN tutorial.
_PRESETS: dict[str, dict[str, object]] = {
    "fast": {},
    "classic": {
        "class_conditional": False,
        "epochs": 50,
        "batch_size": 32,
        "latent_dim": 100,
        "generator_filters": (256, 128, 64),
        "discriminator_filters": (64, 128),
        "generator_units": 0,
        "discriminator_units": 0,
        "kernel_size": 5,
        "dropout": 0.3,
        "generator_learning_rate": 2e-4,
        "discriminator_learning_rate": 2e-4,
        "beta_1": 0.5,
        "lookahead": 0,
        "label_smoothing": 0.0,
        "r1_penalty": 0.0,
        "ema_decay": 0.0,
    },
}
PRESETS: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {name: MappingProxyType(values) for name, values in _PRESETS.items()}
)


def _list_settings_of_loss(loss: object) -> dict[str, object]:
    """Return the values, for this loss, of all `SETTINGS_OF_LOSSES`."""
    defaults = {name: Settings.model_fields[name].default for name in SETTINGS_OF_LOSSES}
    kinds = (kind for name, kind in LOSS_KINDS.items() if name == loss)
    return defaults | dict(next(kinds, LOSS_KINDS["bce"]).settings)


PRESET_HELP: Mapping[str, str] = MappingProxyType(
    {
        "fast": "Made for a laptop without a GPU: good MNIST digits after about a minute.",
        "classic": "The 2015 DCGAN paper's settings at the public tutorials' sizes; takes hours on "
        "a CPU.",
    }
)

"""TrainingConfig: the one home of every setting, with its default, bounds and help text.

The form, the command line, docs/settings.md and a run's `config.json` are drawn from it.
It knows no tensor, no file and no screen.
"""

from __future__ import annotations

import copy
import functools
import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from dcgan.errors import ConfigError

# Of a picture: height and width in pixels, and channels, 1 for grey and 3 for red, green, blue.
ImageShape = tuple[int, int, int]
DIGIT_SHAPE: ImageShape = (28, 28, 1)  # As MNIST has them.
NAMED_SETS = ("mnist", "keras", "fashion_mnist")  # All grey.
MAX_WIDTH = 1024  # Channels of a layer.
MAX_SEED = 2**31 - 1  # What every library that takes a seed accepts.
MAX_DISCRIMINATOR_STEPS = 10


def _parse_widths(value: object) -> object:
    """Accept "256, 128, 64" beside a sequence, so that text fields and flags can say it."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _parse_whole(value: object) -> object:
    """Accept "64" beside 64, where only some numbers are allowed."""
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


def _parse_optional(value: object) -> object:
    """Accept the empty word and "none" for a bound that is not set."""
    if isinstance(value, str) and value.strip().lower() in ("", "none"):
        return None
    return value


Width = Annotated[int, Field(ge=1, le=MAX_WIDTH)]
Widths = Annotated[tuple[Width, ...], BeforeValidator(_parse_widths)]


# When a setting of a run that has begun may change: while it trains, in a branch of it, or never,
# because its weights, its pictures or the count of its epochs would no longer fit.
Changes = Literal["live", "in_branch", "never"]


def _setting(
    default: object,
    help_text: str,
    *,
    label: str,
    group: str,
    changes: Changes = "never",
    **bounds: Any,
) -> Any:
    return Field(
        default,
        description=help_text,
        title=label,
        json_schema_extra={"group": group, "changes": changes},
        **bounds,
    )


class TrainingConfig(BaseModel):
    """Every setting of a training run; immutable, and valid once it exists.

    The defaults are the `fast` preset. Build one with `create` or `preset`, which refuse a wrong
    value in one sentence, and change one with `replace`. `model_fields` holds each setting's
    label (`title`), help text (`description`) and group; `describe_bounds` says what it accepts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    # Data.
    dataset: str = _setting(
        "mnist",
        "What to learn from: mnist (built in), keras, fashion_mnist, or the path of your own "
        "pictures: a folder, .zip, .npz, .npy, IDX or .csv file.",
        label="Data set",
        group="Data",
        min_length=1,
        max_length=4096,
    )
    polarity: Literal["auto", "as_is", "inverted"] = _setting(
        "auto",
        "Own pictures only: the networks learn light strokes on black; auto inverts pictures "
        "with light borders.",
        label="Polarity",
        group="Data",
    )
    image_size: Annotated[Literal[28, 32, 64], BeforeValidator(_parse_whole)] = _setting(
        28,
        "Height and width of the pictures, in pixels; at 64 each network has one block more, twice "
        "as wide, and a step takes several times as long.",
        label="Picture size",
        group="Data",
    )
    color: bool = _setting(
        False,
        "Own pictures only: learn their colours; else they become grey.",
        label="Colour",
        group="Data",
    )

    # How long.
    epochs: Annotated[int | None, BeforeValidator(_parse_optional)] = _setting(
        10,
        "Passes over the data; empty for no limit other than the seconds.",
        label="Epochs",
        group="Length",
        ge=1,
        le=100_000,
    )
    max_seconds: Annotated[float | None, BeforeValidator(_parse_optional)] = _setting(
        None,
        "Stop at the first step after this many seconds of training, which begin with the building "
        "of the first step; empty for no limit.",
        label="Time limit (s)",
        group="Length",
        gt=0,
        le=10_000_000,
    )
    batch_size: int = _setting(
        64,
        "Images in one batch; larger is steadier, smaller takes more steps per epoch.",
        label="Batch size",
        group="Length",
        ge=2,
        le=4096,
    )

    # Optimizers.
    generator_learning_rate: float = _setting(
        2e-3,
        "Step size (lr) of the generator's Adam optimizer.",
        label="Generator lr",
        group="Optimizers",
        changes="live",
        gt=0,
        le=1,
    )
    discriminator_learning_rate: float = _setting(
        2e-3,
        "Step size (lr) of the discriminator's Adam optimizer; lower it where the discriminator "
        "wins.",
        label="Discriminator lr",
        group="Optimizers",
        changes="live",
        gt=0,
        le=1,
    )
    beta_1: float = _setting(
        0.5,
        "Adam's memory of past gradients; GANs train steadier at 0.5 than at the usual 0.9.",
        label="beta_1",
        group="Optimizers",
        changes="in_branch",
        ge=0,
        lt=1,
    )
    beta_2: float = _setting(
        0.999,
        "Adam's memory of past squared gradients.",
        label="beta_2",
        group="Optimizers",
        changes="in_branch",
        ge=0,
        lt=1,
    )
    label_smoothing: float = _setting(
        0.1,
        "One-sided: real images get the target 1 minus this, which keeps the discriminator "
        "from growing too sure.",
        label="Label smoothing",
        group="Optimizers",
        changes="in_branch",
        ge=0,
        le=0.5,
    )
    r1_penalty: float = _setting(
        0.2,
        "Weight of the penalty on a steep discriminator at real images (R1), which lets training "
        "come to rest; 0 turns it off. Larger pictures get more of it, by their pixels.",
        label="R1 penalty",
        group="Optimizers",
        changes="in_branch",
        ge=0,
        le=1000,
    )
    discriminator_steps: int = _setting(
        1,
        "Updates of the discriminator, each on its own batch, for one of the generator. Each "
        "passes over the data once an epoch.",
        label="Discriminator steps",
        group="Optimizers",
        changes="live",
        ge=1,
        le=MAX_DISCRIMINATOR_STEPS,
    )
    ema_decay: float = _setting(
        0.999,
        "The pictures come from a running average of the generator's weights; this is the "
        "weight on the old value (0 turns it off).",
        label="EMA decay",
        group="Optimizers",
        changes="in_branch",
        ge=0,
        lt=1,
    )

    # Networks.
    latent_dim: int = _setting(
        16,
        "Length of the latent vector z from which a digit is made.",
        label="Latent size",
        group="Networks",
        ge=1,
        le=1024,
    )
    generator_filters: Widths = _setting(
        (48, 24),
        "Channels of the generator's layers, from the smallest picture (7×7 of 28×28, 8×8 of the "
        "others) up: two or more numbers.",
        label="Generator channels",
        group="Networks",
        min_length=2,
        max_length=6,
    )
    discriminator_filters: Widths = _setting(
        (16, 32),
        "Channels of the discriminator's convolutions, each of which halves the picture.",
        label="Discriminator channels",
        group="Networks",
        min_length=1,
        max_length=4,
    )
    generator_units: int = _setting(
        128,
        "Width of a hidden dense layer between z and the first small picture; 0 for none.",
        label="Generator hidden units",
        group="Networks",
        ge=0,
        le=1024,
    )
    discriminator_units: int = _setting(
        128,
        "Width of a hidden dense layer behind the convolutions, which sees the whole picture at "
        "once; 0 for none.",
        label="Discriminator hidden units",
        group="Networks",
        ge=0,
        le=1024,
    )
    kernel_size: int = _setting(
        4,
        "Side of the convolutions' windows, in pixels.",
        label="Kernel size",
        group="Networks",
        ge=2,
        le=9,
    )
    dropout: float = _setting(
        0.0,
        "Share of the discriminator's activations set to 0 in training.",
        label="Dropout",
        group="Networks",
        ge=0,
        le=0.9,
    )

    # What is shown and kept.
    seed: int = _setting(
        0,
        "Starts every random choice; on one machine the same seed and settings give the same run, "
        "to rounding, or bit for bit with --deterministic.",
        label="Seed",
        group="Run",
        ge=0,
        le=MAX_SEED,
    )
    num_samples: int = _setting(
        100,
        "Digits in the sample grid, drawn from the same z throughout the run.",
        label="Digits in the grid",
        group="Run",
        ge=1,
        le=400,
    )
    sample_seconds: float = _setting(
        3.0,
        "Seconds of training between two live sample grids; sooner in a run's first seconds.",
        label="Seconds between grids",
        group="Run",
        changes="in_branch",
        ge=0.2,
        le=3600,
    )
    checkpoint_seconds: float = _setting(
        30.0,
        "Seconds of training between two checkpoints; what a crash can cost at most.",
        label="Seconds between checkpoints",
        group="Run",
        changes="in_branch",
        ge=1,
        le=86_400,
    )
    keep_checkpoints: int = _setting(
        3,
        "Newest checkpoints to keep; the best by Fréchet distance and the ends of epochs 1, 2, 4, "
        "8, …, if at least half a second apart, are kept as well.",
        label="Checkpoints to keep",
        group="Run",
        changes="in_branch",
        ge=1,
        le=1000,
    )
    evaluate_every: int = _setting(
        1,
        "Measure how real the digits are at every so many epochs' ends; 0 never.",
        label="Epochs between evaluations",
        group="Run",
        changes="live",
        ge=0,
        le=100_000,
    )
    strategy: Literal["auto", "one_device", "mirrored", "multi_worker"] = _setting(
        "auto",
        "Where to train: auto takes all GPUs that TensorFlow sees, else the CPU; multi_worker "
        "several processes or machines, from the command line.",
        label="Devices",
        group="Run",
        changes="in_branch",
    )
    tensorboard: bool = _setting(
        False,
        "Also write numbers, sample grids and weights into the run's folder as TensorBoard reads "
        "them.",
        label="TensorBoard",
        group="Run",
        changes="in_branch",
    )

    @model_validator(mode="after")
    def _needs_an_end(self) -> Self:
        if self.epochs is None and self.max_seconds is None:
            raise ValueError("give epochs or max_seconds: without either, training never ends")
        return self

    @model_validator(mode="after")
    def _has_colors_to_learn(self) -> Self:
        if self.color and self.dataset in NAMED_SETS:
            raise ValueError(
                f"color is for your own pictures, and {self.dataset} is grey: leave it off, or "
                "give a dataset of yours"
            )
        return self

    @classmethod
    def create(cls, **values: object) -> TrainingConfig:
        """Build a config and turn pydantic's report into one sentence.

        Raises:
            ConfigError: Names the field, what came and what is allowed.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigError(_sentence(error)) from None

    @classmethod
    def preset(cls, name: str, **overrides: object) -> TrainingConfig:
        """Build the config of a preset (a key of `PRESETS`) with some values replaced.

        Raises:
            ConfigError: If the preset or a value is not known or not allowed.
        """
        if name not in PRESETS:
            raise ConfigError(
                f"preset: got {name!r}; expected one of {', '.join(sorted(PRESETS))}."
            )
        return cls.create(**{**PRESETS[name], **overrides})

    def replace(self, **changes: object) -> TrainingConfig:
        """Return a copy with some values changed and everything checked again."""
        return type(self).create(**{**self.model_dump(), **changes})

    @property
    def image_shape(self) -> ImageShape:
        """Height, width and channels of the pictures."""
        return (self.image_size, self.image_size, 3 if self.color else 1)

    @property
    def num_doublings(self) -> int:
        """How often the generator doubles its first small picture, of 7×7 or 8×8."""
        return {28: 2, 32: 2, 64: 3}[self.image_size]

    @property
    def generator_widths(self) -> tuple[int, ...]:
        """Channels of all of the generator's layers: `generator_filters`, grown with the picture.

        As in the paper's networks, what stands before them is twice as wide.
        """
        first, *others = self.generator_filters
        grown = [min(first * 2**index, MAX_WIDTH) for index in range(self.num_doublings - 1)]
        return (*reversed(grown), *others)

    @property
    def discriminator_widths(self) -> tuple[int, ...]:
        """Channels of all of its convolutions: `discriminator_filters`, grown with the picture."""
        *others, last = self.discriminator_filters
        return (
            *others,
            *(min(last * 2**index, MAX_WIDTH) for index in range(self.num_doublings - 1)),
        )

    @property
    def images_per_step(self) -> int:
        """Real images that one step learns from."""
        return self.batch_size * self.discriminator_steps

    def steps_per_epoch(self, num_images: int) -> int:
        """Return how many steps one pass over the data takes; a started one counts.

        Where the discriminator learns more than once a step, each of its updates passes over the
        data once an epoch: so the count is the same whether and when that setting is changed.
        """
        return math.ceil(num_images / self.batch_size)

    def total_steps(self, num_images: int) -> int | None:
        """Return the steps that are planned, or None where the clock alone decides."""
        return None if self.epochs is None else self.epochs * self.steps_per_epoch(num_images)

    def share_done(self, step: int, seconds: float, num_images: int) -> float:
        """Return how much of what was planned is done, of the steps or of the seconds.

        Args:
            step: Updates made so far.
            seconds: Training time so far.
            num_images: Size of the data set, at least 1.

        Returns:
            In [0, 1], the share of what ends the run sooner; 1.0 only when it is done.
        """
        shares = [0.0]
        last_step = self.total_steps(num_images)
        if last_step is not None:
            shares.append(step / last_step)
        if self.max_seconds is not None:
            shares.append(seconds / self.max_seconds)
        return min(1.0, max(shares))

    def is_done(self, step: int, seconds: float, num_images: int) -> bool:
        """Whether what was planned is done: all epochs, or the seconds, whichever came first.

        Arguments as in `share_done`.
        """
        return self.share_done(step, seconds, num_images) >= 1.0

    def epoch_of(self, step: int, num_images: int) -> int:
        """Return the epoch, from 1, that a step (from 1; 0 before the first) belongs to."""
        return max(1, math.ceil(step / self.steps_per_epoch(num_images)))


# `fast` is the defaults above. `classic` has the layers and the Adam settings of the DCGAN paper
# (Radford, Metz, Chintala, 2015, arXiv:1511.06434), and the channels, dropout and epochs of
# TensorFlow's public DCGAN tutorial.
_PRESETS: dict[str, dict[str, object]] = {
    "fast": {},
    "classic": {
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
        "label_smoothing": 0.0,
        "r1_penalty": 0.0,
        "ema_decay": 0.0,
    },
}
PRESETS: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {name: MappingProxyType(values) for name, values in _PRESETS.items()}
)

PRESET_HELP: Mapping[str, str] = MappingProxyType(
    {
        "fast": "Made for a laptop CPU: good digits within a minute.",
        "classic": "The textbook: the 2015 paper's settings at the public tutorials' sizes; "
        "hours on a CPU.",
    }
)


@functools.cache
def _schemas() -> Mapping[str, dict[str, Any]]:
    """Return the JSON schema of each setting; cached, so copy it before you hand it out."""
    return TrainingConfig.model_json_schema()["properties"]


def setting_schema(name: str) -> dict[str, Any]:
    """Return a setting's JSON schema: `type`, `enum`, `minimum` and so on, None left aside.

    Each call returns a dict of its own.
    """
    schema = _schemas()[name]
    options = [option for option in schema.get("anyOf", ()) if option["type"] != "null"]
    return copy.deepcopy(options[0] if options else schema)


def may_be_empty(name: str) -> bool:
    """Whether a setting may be None, which means no limit."""
    options = _schemas()[name].get("anyOf", ())
    return any(option["type"] == "null" for option in options)


def setting_group(name: str) -> str:
    """Return the heading under which a setting stands."""
    return str(_schemas()[name]["group"])


@functools.cache
def settings_that_change(when: Literal["live", "in_branch"]) -> tuple[str, ...]:
    """Return the settings of a run that may be changed while it trains, or in a branch of it."""
    allowed = {"live": ("live",), "in_branch": ("live", "in_branch")}[when]
    return tuple(name for name, schema in _schemas().items() if schema["changes"] in allowed)


def describe_changes(before: TrainingConfig, after: TrainingConfig) -> str:
    """Say what differs, such as "Generator lr 0.002 → 0.001"; empty where nothing does."""
    words = []
    for name, field in TrainingConfig.model_fields.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            words.append(f"{field.title} {_in_short(old)} → {_in_short(new)}")
    return ", ".join(words)


def _in_short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)


def describe_bounds(name: str) -> str:
    """Say in words what a setting accepts, such as "2 to 4096", from its own definition."""
    spec = setting_schema(name)
    if "enum" in spec:
        return ", ".join(map(str, spec["enum"]))
    if spec["type"] == "array":
        low, high = spec["items"]["minimum"], spec["items"]["maximum"]
        return f"{spec['minItems']} to {spec['maxItems']} whole numbers, each {low} to {high}"
    if spec["type"] == "boolean":
        return "true or false"
    if spec["type"] == "string":
        return "mnist, keras, fashion_mnist or a path"
    low = spec["minimum"] if "minimum" in spec else f"more than {spec['exclusiveMinimum']}"
    high = spec["maximum"] if "maximum" in spec else f"less than {spec['exclusiveMaximum']}"
    return f"{low} to {high}"


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    if not first["loc"]:
        return f"{first['msg'].removeprefix('Value error, ').capitalize()}."
    name = str(first["loc"][0])
    if name not in TrainingConfig.model_fields:
        known = ", ".join(TrainingConfig.model_fields)
        return f"{name}: there is no such setting; the settings are {known}."
    came = "nothing" if first["input"] is None else repr(first["input"])
    if len(came) > 80:
        came = came[:77] + "…"
    is_scalar = len(first["loc"]) == 1
    hint = describe_separators(str(first["input"])) if is_scalar and is_number(name) else ""
    if is_scalar and first["type"].startswith("int"):
        return f"{name}: got {came}; expected a whole number, {describe_bounds(name)}{hint}."
    return f"{name}: got {came}; expected {describe_bounds(name)}{hint}."


def is_number(name: str) -> bool:
    """Whether a setting is a single number."""
    return setting_schema(name).get("type") in ("integer", "number")


def describe_separators(text: str) -> str:
    """Return how to write a number with a comma or separated thousands; "" for other texts."""
    text = text.strip()
    ways = []
    if re.fullmatch(r"[-+]?\d*,\d+([eE][-+]?\d+)?", text):
        ways.append(f"with a decimal point, {text.replace(',', '.')}")
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}([,.' _\u2019\u00a0\u202f]\d{3})+", text):
        ways.append(f"without separators, {re.sub('[^-+0-9]', '', text)}")
    return f": write it {', or '.join(ways)}" if ways else ""

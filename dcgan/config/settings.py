"""Every setting of a training run, with its default, bounds, label and help text.

Settings are defined here only, each section of the form in its own module: the form, the command
line, the table in the documentation and a run's `config.json` are made from them. They do not know
tensors, files or pages.
"""

from __future__ import annotations

from typing import Self

from pydantic import ConfigDict, model_validator

from dcgan.config.named_datasets import NAMED_SETS, has_digits
from dcgan.config.sections.data import DataSettings
from dcgan.config.sections.few_pictures import FewPicturesSettings
from dcgan.config.sections.length import LengthSettings
from dcgan.config.sections.network import NetworkSettings
from dcgan.config.sections.optimizer import MAX_DISCRIMINATOR_STEPS as MAX_DISCRIMINATOR_STEPS
from dcgan.config.sections.optimizer import OptimizerSettings
from dcgan.config.sections.run import MAX_SEED as MAX_SEED
from dcgan.config.sections.run import RunSettings

ImageShape = tuple[int, int, int]  # Height, width in pixels; channels: 1 grey, 3 red, green, blue.
DIGIT_SHAPE: ImageShape = (28, 28, 1)  # As in MNIST.


# The fields of the last base come first.
class Settings(
    RunSettings,
    FewPicturesSettings,
    NetworkSettings,
    OptimizerSettings,
    LengthSettings,
    DataSettings,
):
    """The settings of a run: immutable, and valid once built; use them as a `TrainingConfig`.

    The defaults are the `fast` preset. `model_fields` holds each setting's label (`title`) and help
    text (`description`); `dcgan.config.setting_info` reads the rest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        if self.epochs is None and self.max_seconds is None:
            raise ValueError("give epochs or a time limit: without either, training never ends")
        if self.until_converged and self.evaluate_every == 0:
            raise ValueError("set evaluate_every to 1 or more: until_converged needs measurements")
        if self.color and self.dataset in NAMED_SETS:
            raise ValueError(
                f"color is for your own pictures, and {self.dataset} is grey: leave it off, or "
                "choose your own pictures"
            )
        if "mirror" in self.augmentations and has_digits(self.dataset):
            raise ValueError("augmentations cannot mirror digits: leave mirror out")
        if self.only_classes and self.dataset not in NAMED_SETS:
            raise ValueError("only_classes is for named sets: leave it empty for own pictures")
        if self.dataset in NAMED_SETS and (
            self.excluded_pictures or self.near_duplicates != "keep"
        ):
            raise ValueError(
                "excluded_pictures and near_duplicates are for your own pictures: a named set is "
                "learned as it is"
            )
        return self

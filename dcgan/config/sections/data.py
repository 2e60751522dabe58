"""The settings of a run's data: what is read, and how; see `dcgan.config.settings`."""

from __future__ import annotations

import functools
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator

from dcgan.config.picture_codes import MAX_EXCLUDED, PictureCodes
from dcgan.config.setting_types import ClassNumbers, Polarity, make_setting, parse_whole

_setting = functools.partial(make_setting, group="Data")


class DataSettings(BaseModel):
    """The section "Data" of the form; see `Settings`."""

    dataset: str = _setting(
        "mnist",
        "What to learn from: mnist (built in), keras, fashion_mnist, or the path of your own "
        "pictures: a folder, .zip, .npz, .npy, IDX or .csv file.",
        label="Data set",
        affects=("pictures", "speed"),
        min_length=1,
        max_length=4096,
    )
    polarity: Polarity = _setting(
        "auto",
        "Own pictures only: the networks learn light strokes on black. auto: pictures with light "
        "borders are inverted. inverted: all are. as_is: none.",
        label="Polarity",
        affects=("pictures",),
    )
    image_size: Annotated[Literal[28, 32, 64], BeforeValidator(parse_whole)] = _setting(
        28,
        "Height and width of the pictures, in pixels. At 64 each network has one more block, "
        "twice as wide, and a step takes several times as long.",
        label="Picture size",
        affects=("pictures", "networks", "speed"),
    )
    color: bool = _setting(
        False,
        "Own pictures only: learn their colours; otherwise they are converted to grey.",
        label="Colour",
        affects=("pictures", "networks", "speed"),
    )
    only_classes: ClassNumbers = _setting(
        (),
        "Named sets only: learn only pictures of these classes, such as 1, or 3, 8; empty for all.",
        label="Only these classes",
        affects=("pictures",),
        min_length=0,
        max_length=10,
    )
    near_duplicates: Literal["keep", "leave_out"] = _setting(
        "keep",
        "Own pictures only. leave_out: of pictures that are nearly the same, only the first is "
        "learned. A copy that is brighter or moved by a pixel counts as nearly the same.",
        label="Near-duplicates",
        affects=("pictures",),
    )
    excluded_pictures: PictureCodes = _setting(
        (),
        "Own pictures only: pictures to leave out, by their path below the folder, such as "
        "cats/7.png, or by the code that the command check prints. The files stay as they are.",
        label="Excluded",
        affects=("pictures",),
        min_length=0,
        max_length=MAX_EXCLUDED,
    )
    class_conditional: bool = _setting(
        True,
        "Tell both networks which digit, or class, each picture is. Then you can ask for a 7 and "
        "get a 7.",
        label="Learn the classes",
        affects=("networks",),  # A step takes 2% more time.
    )

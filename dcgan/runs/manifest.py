"""What the small JSON files of a run hold, and what of anybody's text may stand in them.

config.json is a `Manifest`, status.json a `Status`, label.json a `Label`. It reads and writes no
file; where the files are and who may write them is `runs`'s.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from dcgan.config import TrainingConfig

FORMAT = 4  # Of a run's folder; raised when an older version could misread a newer run.
# For each older format, the settings that it did not have yet and what they were in effect.
_IN_FORMAT: Mapping[object, Mapping[str, object]] = {
    1: {"generator_units": 0, "discriminator_units": 0, "r1_penalty": 0.0},
    2: {"r1_penalty": 0.0},
}

State = Literal["running", "paused", "stopped", "finished", "interrupted", "failed"]


def _check_time(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("the time has no zone")
    return text


def clean_title(text: str) -> str:
    """Make a run's title of anybody's text: one line of at most 80 characters."""
    words = map(_without_controls, text.split())
    title = " ".join(word for word in words if word)[:80].rstrip()
    # Joiners belong to some scripts, but a title of nothing else could not be seen.
    is_visible = any(unicodedata.category(c) not in ("Cf", "Zs", "Mn") for c in title)
    return title if is_visible else ""


def clean_note(text: str) -> str:
    """Make a note of anybody's text: at most 2,000 characters."""
    return _without_controls(text).strip()[:2000].rstrip()


def _without_controls(text: str) -> str:
    """Leave out what is no character of any script: controls (but line ends), half surrogates.

    And what turns the direction of text around: it would mix up the words beside it.
    """
    return "".join(
        c
        for c in text
        if c == "\n" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _TURNS)
    )


_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


_Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
_Time = Annotated[str, AfterValidator(_check_time)]


class DatasetInfo(BaseModel, frozen=True):
    """Which data a run learns from.

    Attributes:
        name: The data set's, or the file's or folder's own name.
        num_images: How many pictures were read.
        fingerprint: SHA-256 of their pixels.
        note: One sentence: what was read, left out, stretched and inverted; empty in runs from
            before it was kept.
        left_out: Number of files that were left out, by reason.
    """

    name: str
    num_images: Annotated[int, Field(ge=1, le=2**63 - 1)]
    fingerprint: str
    note: Annotated[str, AfterValidator(clean_note)] = ""
    left_out: dict[str, _Count] = Field(default_factory=dict)

    @property
    def num_left_out(self) -> int:
        """How many files were left out."""
        return sum(self.left_out.values())


class Status(BaseModel, frozen=True):
    """Where a run stands.

    Attributes:
        state: `interrupted` is a run that says running or paused while no process holds it.
        step, epoch, seconds: As in `reports.Report`, of the newest checkpoint or later.
        message: Why it failed, or empty.
        updated: ISO 8601 time of the last change.
        machine: Where it is trained, by the name that the machine gives itself; empty for a run
            that has ended, and in runs from before it was kept.
    """

    state: State
    step: _Count = 0
    epoch: _Count = 1
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    message: str = ""
    updated: str = ""
    machine: Annotated[str, AfterValidator(clean_title)] = ""


class Label(BaseModel):
    """What label.json holds."""

    title: Annotated[str, AfterValidator(clean_title)] = ""
    note: Annotated[str, AfterValidator(clean_note)] = ""


class Format(BaseModel):
    """What config.json holds in every format."""

    format: int


class Manifest(Format):
    """What config.json holds."""

    created: _Time
    parent: str | None
    dataset: DatasetInfo
    versions: dict[str, str]
    config: TrainingConfig

    @model_validator(mode="before")
    @classmethod
    def _bring_up_to_date(cls, found: object) -> object:
        if isinstance(found, dict) and isinstance(config := found.get("config"), dict):
            return found | {"config": {**_IN_FORMAT.get(found.get("format"), {}), **config}}
        return found

"""Content of a run's small JSON files: config.json, status.json and label.json.

Owns their models and the cleaning of untrusted text.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import platform
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field

from dcgan.config.stored_config import StoredConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.files.whole_files import read_model, translate_write_errors, write_json
from dcgan.locking.lock import editing

# Names of the files in a run's folder.
MANIFEST_NAME, STATUS_NAME, LABEL_NAME = "config.json", "status.json", "label.json"

FORMAT = 4  # Version of a run's folder; increased when an older version could misread a newer run.

State = Literal["running", "paused", "stopped", "finished", "interrupted", "failed"]

# Largest numbers of characters of a run's title and note.
MAX_TITLE, MAX_NOTE = 80, 2000


def _check_time(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("the time has no zone")
    return text


def clean_title(text: str) -> str:
    """Return any text as a title: one line of at most 80 characters without control characters."""
    words = map(_remove_controls, text.split())
    title = " ".join(word for word in words if word)[:MAX_TITLE].rstrip()
    # Some scripts need joiners, so they are kept; but a title of joiners only would be invisible.
    is_visible = any(
        unicodedata.category(character) not in ("Cf", "Zs", "Mn") for character in title
    )
    return title if is_visible else ""


def clean_text(text: str) -> str:
    """Return any text cut to 2,000 characters, without control characters."""
    return _remove_controls(text).strip()[:MAX_NOTE].rstrip()


def _remove_controls(text: str) -> str:
    """Remove control characters (except line ends), lone surrogates and direction overrides."""
    return "".join(
        character
        for character in text
        if character == "\n"
        or (unicodedata.category(character) not in ("Cc", "Cs") and character not in _OVERRIDES)
    )


# Characters that change the direction of text, also of the text beside a title.
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


_Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
_Time = Annotated[str, AfterValidator(_check_time)]


class DatasetInfo(BaseModel, frozen=True, populate_by_name=True, serialize_by_alias=True):
    """Description of the data that a run learns from.

    Attributes:
        name: Name of the data set, or of the file or folder.
        num_images: Number of images.
        fingerprint: SHA-256 of their pixels.
        label_fingerprint: SHA-256 of their labels; empty without labels and in older runs.
        summary: One sentence about what was read, left out, scaled and inverted; empty in older
            runs. Its key in the file is `note`.
        left_out: Number of files that were left out, by reason.
    """

    name: str
    num_images: Annotated[int, Field(ge=1, le=2**63 - 1)]
    fingerprint: str
    label_fingerprint: str = ""
    summary: Annotated[str, AfterValidator(clean_text)] = Field("", alias="note")
    left_out: dict[str, _Count] = Field(default_factory=dict)

    @classmethod
    def from_dataset(cls, dataset: ImageDataset) -> Self:
        """Describe a data set."""
        return cls(
            name=dataset.name,
            num_images=len(dataset),
            fingerprint=dataset.fingerprint,
            label_fingerprint=dataset.label_fingerprint,
            summary=dataset.summary,
            left_out=dict(dataset.left_out),
        )

    @property
    def num_left_out(self) -> int:
        """Number of files that were left out."""
        return sum(self.left_out.values())


class Status(BaseModel, frozen=True):
    """State and progress of a run: the content of status.json.

    Attributes:
        state: State of the run; "interrupted" if the file says running or paused, but no process
            holds the lock.
        step: Steps made so far, at the newest checkpoint or later.
        epoch: The pass over the data that the step belongs to, from 1.
        seconds: Training time until that step.
        message: Reason of a failure, or empty.
        updated: ISO 8601 time of the last change.
        machine: Host name of the machine that trains the run; empty after its end, and in older
            runs.
    """

    state: State
    step: _Count = 0
    epoch: _Count = 1
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    message: str = ""
    updated: str = ""
    machine: Annotated[str, AfterValidator(clean_title)] = ""


class ExperimentMark(BaseModel, frozen=True):
    """The guided experiment that a run belongs to.

    Attributes:
        key: Key of the experiment.
        prediction: Index of the prediction that a student made; None without one.
    """

    key: Annotated[str, Field(max_length=80)]
    prediction: Annotated[int, Field(ge=0, le=1000)] | None = None


class Label(BaseModel):
    """A person's title and note for a run: the content of label.json.

    Attributes:
        title, note: Title and note; "" without one.
        experiment: The guided experiment that the run belongs to; None for other runs, and for
            those of older versions, which are known by their titles.
    """

    title: Annotated[str, AfterValidator(clean_title)] = ""
    note: Annotated[str, AfterValidator(clean_text)] = ""
    experiment: ExperimentMark | None = None


class ManifestFormat(BaseModel):
    """The part of config.json that every format has."""

    format: int


class Manifest(ManifestFormat):
    """Settings and origin of a run: the content of config.json."""

    created: _Time
    parent: str | None
    dataset: DatasetInfo
    versions: dict[str, str]
    config: StoredConfig


def read_manifest(folder: Path) -> Manifest:
    """Read a run's config.json, of this or an older format.

    Raises:
        RunError: If it is missing, damaged or of a newer format; names the run.
    """
    # Check the format first, as the other fields of a newer one may be different.
    path = folder / MANIFEST_NAME
    version = read_model(path, ManifestFormat).format
    if version > FORMAT:
        raise RunError(
            f"{folder.name} has format {version}; this program reads up to {FORMAT}, so update it."
        )
    return read_model(path, Manifest)


def read_label(folder: Path) -> Label:
    """Read a run's label; an empty one if there is none or it is damaged."""
    try:
        return read_model(folder / LABEL_NAME, Label)
    except RunError:
        return Label()


def write_label(
    folder: Path, title: str, note: str, experiment: ExperimentMark | None = None
) -> None:
    """Write a run's label, which any process may edit while another one trains the run.

    Args:
        folder: The run's folder.
        title: Cut to 80 characters on one line.
        note: Cut to 2,000 characters.
        experiment: The guided experiment that the run belongs to; None keeps the one that it has.

    Raises:
        RunError: If another process edits the label for seconds, or the file system refuses.
    """
    with editing(folder / LABEL_NAME), translate_write_errors(folder):
        experiment = experiment or read_label(folder).experiment
        label = Label(title=title, note=note, experiment=experiment)
        write_json(folder / LABEL_NAME, label.model_dump(exclude_none=True))


def get_current_time() -> str:
    """Return the time as ISO 8601 text with its zone, in seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def list_installed_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that results may depend on, by name."""
    versions = {"python": platform.python_version()}
    for name in ("keras", "numpy", "pillow"):
        versions[name] = importlib.metadata.version(name)
    for name in ("tensorflow", "tensorflow-cpu"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions["tensorflow"] = importlib.metadata.version(name)
    return versions

"""Pins: latent vectors that a person keeps, each with a name, in one file beside the run.

Owns that file's form, which is also the form in which pins travel from one run or machine to
another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from dcgan.errors import RunError
from dcgan.files import translate_write_errors, write_atomically
from dcgan.latent.sampling import HARD_MAX_ENTRY
from dcgan.runs.lock import editing
from dcgan.runs.manifest import clean_title
from dcgan.runs.run_folder import Run

PINS_FILE = "pins.json"
MAX_PINS = 200
MAX_FILE_BYTES = 2**23  # Twice what the most pins of the longest z take.

_HOME = ".pins"  # Of the pins of a run that comes with the program, under the root.


_Entry = Annotated[float, Field(ge=-HARD_MAX_ENTRY, le=HARD_MAX_ENTRY, allow_inf_nan=False)]


class Pin(BaseModel, frozen=True):
    """A kept vector.

    Attributes:
        name: At most 80 characters; no two pins of a run share one.
        z: Its numbers, none of them further from 0 than a generator ever sees.
    """

    name: Annotated[str, AfterValidator(clean_title), Field(min_length=1)]
    z: Annotated[tuple[_Entry, ...], Field(min_length=1, max_length=1024)]

    @property
    def vector(self) -> np.ndarray:
        """The latent vector, shape (latent_dim,), float32."""
        return np.array(self.z, np.float32)


class _Tray(BaseModel):
    pins: Annotated[list[Pin], Field(max_length=MAX_PINS)]


def pins_path(run: Run, root: Path) -> Path:
    """Return where a run's pins are kept: in its folder, or under the root if it is read-only."""
    return root / _HOME / f"{run.name}.json" if run.is_read_only else run.path / PINS_FILE


def read_pins(path: Path, latent_dim: int) -> list[Pin]:
    """Return the pins of a file, in the order in which they were kept; none where there is none.

    Raises:
        RunError: If it is damaged, or its vectors are not of this length.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}).") from None
    return parse_pins(data, latent_dim, what=str(path))


def parse_pins(data: bytes, latent_dim: int, *, what: str) -> list[Pin]:
    """Read pins as of `pack_pins`, of anybody's file.

    Args:
        data: The file's bytes.
        latent_dim: Length of the vectors that the generator takes.
        what: The file, as a person knows it.

    Raises:
        RunError: If it is something else, too large, or of another latent_dim.
    """
    if len(data) > MAX_FILE_BYTES:
        raise RunError(f"{what} is too large to be a file of pins.")
    try:
        pins = _Tray.model_validate_json(data).pins
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{part}: " for part in first["loc"])
        raise RunError(f"{what} is no file of pins ({where}{first['msg']}).") from None
    for pin in pins:
        if len(pin.z) != latent_dim:
            raise RunError(
                f"{what}: {pin.name} has {len(pin.z)} numbers, and this run's z has {latent_dim}."
            )
    return _named_apart([], pins)


def _named_apart(pins: list[Pin], new: Iterable[Pin]) -> list[Pin]:
    """Return pins and new ones behind them; one whose name is taken gets a number behind it."""
    pins = list(pins)
    names = {kept.name for kept in pins}
    for pin in new:
        if pin in pins:  # Its name and its z: it was imported before.
            continue
        name, number = pin.name, 2
        while name in names:
            name, number = f"{pin.name[:70].rstrip()} {number}", number + 1
        names.add(name)
        pins.append(pin if name == pin.name else Pin(name=name, z=pin.z))
    return pins


def pack_pins(pins: Iterable[Pin]) -> bytes:
    """Return pins as a JSON file that `parse_pins` takes."""
    text = json.dumps({"pins": [pin.model_dump() for pin in pins]}, ensure_ascii=False, indent=1)
    return text.encode(errors="replace")


def add_pins(path: Path, latent_dim: int, new: Iterable[Pin]) -> None:
    """Keep more pins; one whose name is taken gets a number behind it.

    Raises:
        RunError: If there are too many, or the file is damaged or cannot be written.
    """

    def add(pins: list[Pin]) -> list[Pin]:
        pins = _named_apart(pins, new)
        if len(pins) > MAX_PINS:
            raise RunError(f"A run keeps {MAX_PINS} pins at most; delete some first.")
        return pins

    _change(path, latent_dim, add)


def delete_pin(path: Path, latent_dim: int, name: str) -> None:
    """Forget a pin; one that is gone already is no error.

    Raises:
        RunError: If the file is damaged or cannot be written.
    """
    _change(path, latent_dim, lambda pins: [pin for pin in pins if pin.name != name])


def _change(path: Path, latent_dim: int, change: Callable[[list[Pin]], list[Pin]]) -> None:
    if path.parent.name != _HOME and not path.parent.is_dir():
        raise RunError(f"{path.parent.name} is no longer there; choose another run.")
    # Two tabs, two servers or two machines may pin at once.
    with editing(path), translate_write_errors(path):
        write_atomically(path, pack_pins(change(read_pins(path, latent_dim))))

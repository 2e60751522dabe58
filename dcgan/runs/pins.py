"""Pins: named latent vectors that a person keeps for a run, with their classes, in one JSON file.

Owns the format of this file, which is also the format of exported pins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from dcgan.errors import RunError
from dcgan.files.whole_files import translate_write_errors, write_atomically
from dcgan.latent.sampling import HARD_MAX_ENTRY
from dcgan.locking.lock import editing
from dcgan.runs.manifest import clean_title
from dcgan.runs.run_folder import Run

PINS_FILE = "pins.json"
MAX_PINS = 200
MAX_FILE_BYTES = 2**23  # Twice the size of the largest valid file.

_INCLUDED_RUN_PINS = ".pins"  # Folder under the root for the pins of the included runs.


_Entry = Annotated[float, Field(ge=-HARD_MAX_ENTRY, le=HARD_MAX_ENTRY, allow_inf_nan=False)]


class Pin(BaseModel, frozen=True):
    """A named latent vector, and the class that was drawn with it.

    Attributes:
        name: At most 80 characters, unique among the pins of a run.
        z: Entries in [-HARD_MAX_ENTRY, HARD_MAX_ENTRY].
        class_name: The name of the class; "" if the run knows none, and in older files.
    """

    name: Annotated[str, AfterValidator(clean_title), Field(min_length=1)]
    z: Annotated[tuple[_Entry, ...], Field(min_length=1, max_length=1024)]
    class_name: Annotated[str, Field(max_length=100)] = ""

    @property
    def vector(self) -> np.ndarray:
        """The latent vector, shape (latent_dim,), float32."""
        return np.array(self.z, np.float32)


class _PinsFile(BaseModel):
    pins: Annotated[list[Pin], Field(max_length=MAX_PINS)]


def get_pins_path(run: Run, root: Path) -> Path:
    """Return the path of a run's pins: in its folder, or under the root if it is read-only."""
    if run.is_read_only:
        return root / _INCLUDED_RUN_PINS / f"{run.name}.json"
    return run.path / PINS_FILE


def read_pins(path: Path, latent_dim: int) -> list[Pin]:
    """Read the pins of a file, oldest first; none if there is no file.

    Raises:
        RunError: If the file is damaged, or a vector has another length than `latent_dim`.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}).") from None
    return parse_pins(data, latent_dim, file_name=str(path))


def parse_pins(data: bytes, latent_dim: int, *, file_name: str) -> list[Pin]:
    """Parse pins as written by `pack_pins`, possibly from an untrusted file.

    Args:
        data: Content of the file.
        latent_dim: Length of the generator's z.
        file_name: The file's name in errors.

    Raises:
        RunError: If the data are something else, too large, or of another latent_dim.
    """
    if len(data) > MAX_FILE_BYTES:
        raise RunError(f"{file_name} is too large to be a file of pins.")
    try:
        pins = _PinsFile.model_validate_json(data).pins
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{part}: " for part in first["loc"])
        raise RunError(f"{file_name} is not a file of pins ({where}{first['msg']}).") from None
    for pin in pins:
        if len(pin.z) != latent_dim:
            raise RunError(
                f"{file_name}: {pin.name} has {len(pin.z)} numbers, "
                f"and this run's z has {latent_dim}."
            )
    return _add_unique([], pins)


def _add_unique(pins: list[Pin], new_pins: Iterable[Pin]) -> list[Pin]:
    """Return pins with new ones appended; a name that is taken gets a number appended."""
    pins = list(pins)
    names = {pin.name for pin in pins}
    for pin in new_pins:
        if pin in pins:  # The same name, z and class: it was imported before.
            continue
        name, number = pin.name, 2
        while name in names:
            name, number = f"{pin.name[:70].rstrip()} {number}", number + 1
        names.add(name)
        pins.append(pin if name == pin.name else pin.model_copy(update={"name": name}))
    return pins


def pack_pins(pins: Iterable[Pin]) -> bytes:
    """Return pins as the content of a JSON file, which `parse_pins` reads."""
    values = [pin.model_dump(exclude_defaults=True) for pin in pins]
    text = json.dumps({"pins": values}, ensure_ascii=False, indent=1)
    return text.encode(errors="replace")


def add_pins(path: Path, latent_dim: int, new_pins: Iterable[Pin]) -> None:
    """Add pins to a file; a name that is taken gets a number appended.

    Raises:
        RunError: If there are too many pins, or the file is damaged or cannot be written.
    """

    def add(pins: list[Pin]) -> list[Pin]:
        pins = _add_unique(pins, new_pins)
        if len(pins) > MAX_PINS:
            raise RunError(f"A run keeps {MAX_PINS} pins at most; delete some first.")
        return pins

    _change(path, latent_dim, add)


def delete_pin(path: Path, latent_dim: int, name: str) -> None:
    """Delete a pin; does nothing if it does not exist.

    Raises:
        RunError: If the file is damaged or cannot be written.
    """
    _change(path, latent_dim, lambda pins: [pin for pin in pins if pin.name != name])


def _change(path: Path, latent_dim: int, change: Callable[[list[Pin]], list[Pin]]) -> None:
    if path.parent.name != _INCLUDED_RUN_PINS and not path.parent.is_dir():
        raise RunError(f"{path.parent.name} is no longer there; choose another run.")
    # Two tabs, servers or machines may write pins at the same time.
    with editing(path), translate_write_errors(path):
        write_atomically(path, pack_pins(change(read_pins(path, latent_dim))))

"""The pins of a run for Explore's panels, read once for each version of their file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from dashboard.generators.generator_source import GeneratorSource
from dashboard.process.file_cache import MISSING, FileStamp, read_stamp
from dashboard.state.trainer import get_trainer
from dcgan.errors import RunError
from dcgan.runs.pins import Pin, get_pins_path, read_pins


def list_pins(source: GeneratorSource) -> list[Pin]:
    """Return the pins of a source's run; none if the file is damaged (the panel reports it)."""
    try:
        return read(source)
    except RunError:
        return []


def read(source: GeneratorSource) -> list[Pin]:
    """Return the pins of a source's run.

    Raises:
        RunError: If the file is unreadable or damaged.
    """
    path = find_path(source)
    try:
        stamp = read_stamp(path)
    except OSError:
        stamp = MISSING
    if stamp == MISSING:  # Without a file there are no pins; for an unreadable file this raises.
        return read_pins(path, source.latent_dim)
    return list(_read_version(path, stamp, source.latent_dim))


@lru_cache(maxsize=8)
def _read_version(path: Path, stamp: FileStamp, latent_dim: int) -> tuple[Pin, ...]:
    """Read one version of a file, cached for all tabs; the stamp identifies the version."""
    del stamp
    return tuple(read_pins(path, latent_dim))


def find_path(source: GeneratorSource) -> Path:
    """Return the file of the pins of a source's run."""
    return get_pins_path(source.run, get_trainer().root)

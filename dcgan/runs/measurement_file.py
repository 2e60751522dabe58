"""The file of a run's measurement with 10,000 images, and when it is outdated.

`dcgan.comparison.kept_measurement` reads and writes it. Included runs come with one.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

MEASUREMENT_NAME = "measurement.json"


class _MeasuredStep(BaseModel):
    """The part of the file that decides whether it is outdated."""

    step: int


def delete_measurement_after(folder: Path, step: int) -> None:
    """Delete a run's measurement if it is of a step after a step, or cannot be read.

    Raises:
        OSError: If the file system refuses.
    """
    path = folder / MEASUREMENT_NAME
    try:
        measured_step = _MeasuredStep.model_validate_json(path.read_bytes()).step
    except FileNotFoundError:
        return
    except ValueError:
        measured_step = step + 1
    if measured_step > step:
        path.unlink(missing_ok=True)

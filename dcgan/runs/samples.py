"""A run's sample grids: the pictures of its fixed z through training, a PNG a step.

Owns how they are laid out in a picture, how they come back digit by digit, and which are kept.
It knows one folder and no run.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from dcgan.config import TrainingConfig
from dcgan.errors import RunError
from dcgan.files import format_step_name, list_steps, write_atomically
from dcgan.images.grids import choose_grid_shape, tile, untile
from dcgan.images.png_recipe import encode_png
from dcgan.reports import EpochReport, SampleReport
from dcgan.runs.checkpoints import DAMAGE

_GAP = 2
# At the ends of epochs, and between them: enough for a film, and 40 MB at most. A run of an hour
# reports the ends of a thousand epochs.
_MAX_AT_ENDS, _MAX_BETWEEN = 1000, 300


def sample_path(folder: Path, step: int) -> Path:
    """Return where a step's grid is, or would be, in a run's folder of them."""
    return folder / format_step_name(step, ".png")


def sample_steps(folder: Path) -> list[int]:
    """Return the steps whose grid is kept, ascending."""
    return list_steps(folder, ".png")


def read_samples(folder: Path, step: int, config: TrainingConfig) -> np.ndarray:
    """Return the digits of a step's grid, uint8 (num_samples, height, width, channels).

    Args:
        folder: The run's folder of grids, in the run's own.
        step: One of `sample_steps`.
        config: The run's settings.

    Raises:
        RunError: If the picture is missing or damaged; names the run.
    """
    run = folder.parent.name
    rows, columns = choose_grid_shape(config.num_samples)
    size, _, channels = config.image_shape
    try:
        with Image.open(sample_path(folder, step), formats=("PNG",)) as image:
            side = size + _GAP
            if image.size != (columns * side - _GAP, rows * side - _GAP):
                raise ValueError(f"its size is {image.size}")  # Before it is decoded.
            picture = np.asarray(image.convert("L" if channels == 1 else "RGB"))
        pixels = untile(picture, rows, columns, gap=_GAP, tile_size=size)
    except FileNotFoundError as error:
        raise RunError(f"{run} keeps no picture of step {step}.") from error
    except (*DAMAGE, Image.DecompressionBombError) as error:
        raise RunError(
            f"{run}: the picture of step {step} is damaged; look at another step's."
        ) from error
    return pixels[: config.num_samples].reshape(-1, *config.image_shape)


def write_samples(
    folder: Path,
    report: SampleReport | EpochReport,
    config: TrainingConfig,
    num_images: int,
    created: str,
) -> None:
    """Write a grid whole or not at all, then let one go where there are many.

    Args:
        folder: The run's folder of grids, in the run's own.
        report: Its pictures, and the step that they are of.
        config: The run's settings.
        num_images: Size of its data set.
        created: When the run began.

    Raises:
        OSError: If the disk refuses.
    """
    rows, columns = choose_grid_shape(len(report.pixels))
    recipe = {
        "kind": "samples",
        "run": folder.parent.name,
        "created": created,
        "step": report.step,
        "epoch": report.epoch,
        "seed": config.seed,
        "count": config.num_samples,
        "z": f"sample_latent({config.seed}, {config.num_samples}, {config.latent_dim})",
    }
    png = encode_png(tile(report.pixels, rows, columns, gap=_GAP), recipe)
    write_atomically(sample_path(folder, report.step), png)
    per_epoch = config.steps_per_epoch(num_images)
    is_end = report.step % per_epoch == 0
    alike = [step for step in sample_steps(folder) if (step % per_epoch == 0) is is_end]
    if len(alike) > (_MAX_AT_ENDS if is_end else _MAX_BETWEEN):
        # Let go the one whose neighbours are nearest, so that the film stays evenly spaced.
        gaps = [after - before for before, after in zip(alike, alike[2:], strict=False)]
        sample_path(folder, alike[1 + gaps.index(min(gaps))]).unlink(missing_ok=True)

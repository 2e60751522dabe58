"""Sample grids of a run: images of a fixed latent batch during training, one PNG for each step.

Owns the layout of a grid, its recipe, and the choice of the grids to keep. Knows one folder, not
runs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import RunError
from dcgan.files.file_names import format_step_name, list_steps
from dcgan.files.whole_files import write_atomically
from dcgan.images.grids import tile, untile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sample_grid import choose_sample_shape, describe_fixed_latent
from dcgan.reports import EpochReport, SampleReport
from dcgan.runs.checkpoints import DAMAGE_ERRORS

_GAP = 2  # Pixels between two images of a grid.
# Largest numbers of grids at the ends of epochs and of other grids: enough for a film, and 40 MB in
# all. A run of an hour can have a thousand epochs.
_MAX_EPOCH_GRIDS, _MAX_OTHER_GRIDS = 1000, 300


class Samples:
    """The sample grids in a run's folder.

    Attributes:
        folder: Their folder, in the run's folder.
    """

    def __init__(
        self, folder: Path, config: TrainingConfig, *, num_images: int, created: str
    ) -> None:
        """Name the folder without reading it.

        Args:
            folder: The folder.
            config: The run's settings; only settings that never change are used.
            num_images: Size of the run's data set.
            created: When the run was created, for the recipe in each PNG.
        """
        self.folder = folder
        self._config = config
        self._steps_per_epoch = config.compute_steps_per_epoch(num_images)
        self._created = created

    def get_path(self, step: int) -> Path:
        """Return the path of a step's grid, whether or not it exists."""
        return self.folder / format_step_name(step, ".png")

    def list_steps(self) -> list[int]:
        """Return the steps that have a grid, ascending: ends of epochs and steps between.

        Raises:
            OSError: If the disk cannot be read.
        """
        return list_steps(self.folder, ".png")

    def read_time(self, step: int) -> int:
        """Return the time at which a step's grid was written, in ns; 0 if it does not exist.

        It shows whether the images are still the same: after a rollback, training reaches a step
        again with other images.
        """
        try:
            return self.get_path(step).stat().st_mtime_ns
        except OSError:
            return 0

    def read(self, step: int) -> np.ndarray:
        """Return the images of a step's grid.

        Args:
            step: One of `list_steps()`.

        Returns:
            Pixels, uint8 [0, 255], shape (num_samples, height, width, channels).

        Raises:
            RunError: If the grid is missing or damaged; names the run.
        """
        run_name = self.folder.parent.name
        rows, columns = choose_sample_shape(self._config)
        size, _, channels = self._config.image_shape
        try:
            with Image.open(self.get_path(step), formats=("PNG",)) as image:
                side = size + _GAP
                if image.size != (columns * side - _GAP, rows * side - _GAP):
                    raise ValueError(f"its size is {image.size}")  # Before it is decoded.
                grid = np.asarray(image.convert("L" if channels == 1 else "RGB"))
            pixels = untile(grid, rows, columns, gap=_GAP, tile_size=size)
        except FileNotFoundError as error:
            raise RunError(
                f"{run_name} keeps no picture of step {step:,}; choose another step."
            ) from error
        except (*DAMAGE_ERRORS, Image.DecompressionBombError) as error:
            raise RunError(
                f"{run_name}: the picture of step {step:,} is damaged; look at another step's."
            ) from error
        return pixels[: self._config.num_samples].reshape(-1, *self._config.image_shape)

    def write(self, report: SampleReport | EpochReport) -> None:
        """Write a report's grid, whole or not at all, then delete one if there are too many.

        Raises:
            OSError: If the file system refuses.
        """
        config = self._config
        rows, columns = choose_sample_shape(config)
        recipe = {
            "kind": "samples",
            "run": self.folder.parent.name,
            "created": self._created,
            "step": report.step,
            "epoch": report.epoch,
            "seed": config.seed,
            "count": config.num_samples,
            "z": describe_fixed_latent(config),
        }
        png = encode_png(tile(report.pixels, rows, columns, gap=_GAP), recipe)
        write_atomically(self.get_path(report.step), png)
        self._thin_out(is_end=self._is_end_of_epoch(report.step))

    def _thin_out(self, *, is_end: bool) -> None:
        """Delete a grid if there are too many at the ends of epochs, or between them."""
        steps = [step for step in self.list_steps() if self._is_end_of_epoch(step) is is_end]
        if len(steps) > (_MAX_EPOCH_GRIDS if is_end else _MAX_OTHER_GRIDS):
            # Delete the one whose neighbours are nearest, so that the film stays evenly spaced.
            gaps = [after - before for before, after in zip(steps, steps[2:], strict=False)]
            self.delete(steps[1 + gaps.index(min(gaps))])

    def _is_end_of_epoch(self, step: int) -> bool:
        return step % self._steps_per_epoch == 0

    def delete(self, step: int) -> None:
        """Delete a step's grid, if it exists.

        Raises:
            OSError: If the file system refuses.
        """
        self.get_path(step).unlink(missing_ok=True)

    def delete_after(self, step: int) -> None:
        """Delete the grids of all later steps; errors as in `delete`."""
        for later in self.list_steps():
            if later > step:
                self.delete(later)

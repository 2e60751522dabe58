"""The measurement of a saved run with 10,000 images, as precise as that of a race."""

from __future__ import annotations

from collections.abc import Callable

from dcgan.comparison.kept_measurement import PREPARED_SHARE, count_measured_images
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.data.datasets import ImageDataset
from dcgan.data.drawn_classes import draw_classes
from dcgan.errors import RunError
from dcgan.evaluation.evaluator import Evaluator
from dcgan.latent.sampling import sample_latent
from dcgan.model.devices import explain_memory_errors
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.run_folder import Run
from dcgan.runs.training_data import load_training_data

_LATENT_SEED = 1  # As in a race.


class Measurer:
    """Measures runs one after the other; the real images of equal data are measured once."""

    def __init__(self) -> None:
        """Measure nothing yet."""
        self._evaluator: Evaluator | None = None
        self._dataset: ImageDataset | None = None

    def measure(
        self, run: Run, report_share: Callable[[float], None] = lambda share: None
    ) -> RunMeasurement:
        """Measure the newest generator of a run with 10,000 images, or half of its data if less.

        Args:
            run: The run.
            report_share: Receives the share of the work that is done, in [0, 1].

        Raises:
            DatasetError: If the data cannot be read, or are too few.
            OSError: If the disk cannot be read.
            OutOfMemoryError: If it does not fit into memory.
            RunError: If there is no checkpoint, it cannot be read, it was deleted or replaced
                meanwhile, or it has no finite distance.
        """
        newest = run.checkpoints.find_newest()
        written_at = 0 if newest is None else run.checkpoints.read_time(newest)
        with explain_memory_errors("the measurement", "lower the generator's channels"):
            sampler, step = load_sampler(run, newest)
            report_share(0.1)
            evaluator, dataset = self._prepare(run, report_share)
            report_share(PREPARED_SHARE)
            z = sample_latent(_LATENT_SEED, evaluator.num_images, run.config.latent_dim)
            classes = draw_classes(run.config, dataset, evaluator.num_images)
            pixels = sampler.generate(z, classes)
            report_share(0.6)
            evaluation = evaluator.evaluate(pixels, classes)
        run.check_folder()
        if run.checkpoints.read_time(step) != written_at:
            raise RunError(
                f"{run.name} trained on or went back while it was measured; measure it again."
            )
        speeds = [report.images_per_second for report in run.history.read_steps()]
        if not speeds:
            raise RunError(f"{run.name} has not made a step yet; measure it when it has.")
        measurement = RunMeasurement.from_evaluation(
            step, speeds, evaluation, evaluator.real_evaluation
        )
        if not measurement.has_distance:
            raise RunError(
                f"{run.name}: its distance to real pictures is not a number, because training "
                "diverged; measure another run."
            )
        return measurement

    def _prepare(
        self, run: Run, report_share: Callable[[float], None]
    ) -> tuple[Evaluator, ImageDataset]:
        """Return the evaluator of a run's data, and the data."""
        if (
            self._evaluator is None
            or self._dataset is None
            or self._dataset.fingerprint != run.dataset.fingerprint
            # Older runs have none.
            or run.dataset.label_fingerprint not in ("", self._dataset.label_fingerprint)
        ):
            self._evaluator = None  # Frees the earlier one first.
            self._dataset = load_training_data(run)
            report_share(0.2)
            self._evaluator = Evaluator(self._dataset, count_measured_images(run))
        return self._evaluator, self._dataset

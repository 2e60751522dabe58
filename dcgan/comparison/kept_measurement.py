"""The measurement with 10,000 images that is kept in a run's folder. Imports no TensorFlow."""

from __future__ import annotations

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.evaluation.main_metric import is_quick_count
from dcgan.evaluation.metric_info import FULL_EVALUATION
from dcgan.files.whole_files import translate_write_errors, write_json
from dcgan.locking.lock import editing
from dcgan.runs.measurement_file import MEASUREMENT_NAME
from dcgan.runs.run_folder import Run

PREPARED_SHARE = 0.5  # Of the work on a run, as reported: when the real images were measured.


def count_measured_images(run: Run) -> int:
    """Return how many images a measurement of a run compares: at most half of its data."""
    return min(FULL_EVALUATION, run.dataset.num_images // 2)


def is_quick(num_images: int, run: Run) -> bool:
    """Return whether a measurement of a run has so few images that more are much more precise."""
    return is_quick_count(num_images, run.dataset.num_images)


def explain_quick_distance(num_images: int, run: Run | None, noun: str) -> str:
    """Explain why Compare may show a smaller distance of a run; "" if that of a run is not quick.

    Args:
        num_images: Number of images of an evaluation during training.
        run: The run; None before it has a folder.
        noun: Noun for a picture, "digit" or "picture".
    """
    if run is None or not is_quick(num_images, run):
        return ""
    return (
        f"This is the quick distance, measured with {num_images:,} {noun}s. Compare, and Train "
        f"after the run, can measure with {count_measured_images(run):,}, which gives a smaller "
        "distance."
    )


def read_measurement(run: Run) -> RunMeasurement | None:
    """Read the measurement in a run's folder; None without one that can be compared."""
    try:
        data = (run.path / MEASUREMENT_NAME).read_bytes()
        measurement = RunMeasurement.model_validate_json(data)
    except (OSError, ValueError):  # It can be made again.
        return None
    is_precise = measurement.num_images >= count_measured_images(run)
    return measurement if measurement.has_distance and is_precise else None


def write_measurement(run: Run, measurement: RunMeasurement) -> None:
    """Write the measurement of a run, also while a process trains the run.

    Raises:
        RunError: If this is an included run, its folder is gone, or the file system refuses.
    """
    run.check_writable()
    run.check_folder()
    path = run.path / MEASUREMENT_NAME
    with editing(path), translate_write_errors(path):
        write_json(path, measurement.model_dump(mode="json"))

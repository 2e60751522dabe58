"""The training of a race's runs, and the measurement of each when its time is over."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path

from dcgan.comparison.equal_time import limit_time_from_first_step
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.data.datasets import ImageDataset
from dcgan.data.drawn_classes import draw_classes
from dcgan.errors import DatasetError, DCGANError, OutOfMemoryError, RunError
from dcgan.evaluation.evaluations_since_change import find_last_change
from dcgan.evaluation.evaluator import Evaluator
from dcgan.latent.sampling import sample_latent
from dcgan.model.devices import explain_memory_errors
from dcgan.model.gan import DCGAN
from dcgan.recording.disk_retry import DiskRetryPolicy, give_up_at_once, retry_write
from dcgan.recording.recorder import record
from dcgan.reports import AnyReport
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import QueuedRun
from dcgan.sweeps.race import change_race, read_race

_LATENT_SEED = 1  # Equal for all runs.


def train_race_run(
    root: Path,
    queued: QueuedRun,
    run: Run,
    gan: DCGAN,
    dataset: ImageDataset,
    retry: DiskRetryPolicy = give_up_at_once,
) -> Generator[AnyReport]:
    """Train a run of a race with `record`, measure it and write the measurement to the race.

    If the iterator is closed early, the run has no measurement.

    Args:
        root: The folder of the runs.
        queued: The run in the queue.
        run, gan, dataset: From `queue_start.start_queued_run`.
        retry: Decides whether to try a failed write again.

    Yields:
        The reports of `record`.

    Raises:
        DCGANError: If the training fails; the race then has the message as the run's problem.
    """
    name, run_index = queued.race, queued.run_index
    race = read_race(root, name)
    try:
        with contextlib.closing(record(run, gan, dataset, retry)) as reports:
            yield from limit_time_from_first_step(reports, run, race.seconds, retry)
    except DCGANError as error:
        with contextlib.suppress(RunError):
            change_race(root, name, run_index, problem=str(error))
        raise
    problem, measurement = "", None
    change = find_last_change(run.history.read_events())
    if change is not None:  # Its weights are no longer those that its settings lead to.
        problem = f"It did not train as planned. {change.text}"
    else:
        try:
            measurement = measure_race_run(run, gan, dataset)
        except (DatasetError, OutOfMemoryError) as error:  # The run itself has not failed.
            problem = str(error)
    if measurement is not None and not measurement.has_distance:
        problem, measurement = (
            "Its distance to real pictures is not a number, because training diverged; try lower "
            "learning rates.",
            None,
        )
    retry_write(
        retry,
        lambda: change_race(root, name, run_index, measurement=measurement, problem=problem),
    )


def measure_race_run(run: Run, gan: DCGAN, dataset: ImageDataset) -> RunMeasurement:
    """Measure a generator with 10,000 images, or half of the data if that is less.

    The evaluations in training compare 1,000 images. With so few, two sets of real digits are so
    far apart that good runs hardly differ. Precision and recall are left out: their search for
    neighbours takes twice as long as all other metrics.

    Raises:
        DatasetError: If the data are too few.
        OutOfMemoryError: If it does not fit into memory.
    """
    with explain_memory_errors("the measurement of a race", "lower the generator's channels"):
        evaluator = Evaluator(dataset, measures_neighbors=False)
        z = sample_latent(_LATENT_SEED, evaluator.num_images, run.config.latent_dim)
        classes = draw_classes(run.config, dataset, evaluator.num_images)
        evaluation = evaluator.evaluate(gan.generate(z, classes), classes)
    speeds = [report.images_per_second for report in run.history.read_steps()]
    return RunMeasurement.from_evaluation(gan.step, speeds, evaluation, evaluator.real_evaluation)

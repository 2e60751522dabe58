"""record(run, gan, dataset): training whose reports and checkpoints are written to a run.

The command line, the dashboard's thread and `train_dcgan_mnist` all iterate `record`, so every
run is written the same way.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator
from dataclasses import dataclass

from dcgan.data.datasets import ImageDataset
from dcgan.diagnosis.convergence import find_convergence
from dcgan.diagnosis.thresholds import WARM_UP_STEPS
from dcgan.errors import DCGANError, DivergenceError, RunError, WorkerError
from dcgan.evaluation.evaluations_since_change import find_last_change
from dcgan.recording.disk_retry import DiskRetryPolicy, give_up_at_once, retry_write
from dcgan.recording.evaluations import add_evaluations
from dcgan.recording.rollback import MAX_ROLLBACKS, roll_back_divergence
from dcgan.recording.saving import (
    save_checkpoint,
    save_last_samples,
    save_with_status,
    set_status,
)
from dcgan.recording.tensorboard import EventWriter
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, EventReport
from dcgan.runs.manifest import State
from dcgan.runs.retention import find_best_checkpoint, is_milestone
from dcgan.runs.run_folder import Run
from dcgan.training.loop import train
from dcgan.training.trainable import TrainableGAN

# The first checkpoint comes early so that a crash near the start loses little.
_FIRST_CHECKPOINT_SECONDS = 10.0


def record(
    run: Run,
    gan: TrainableGAN,
    dataset: ImageDataset,
    retry: DiskRetryPolicy = give_up_at_once,
    *,
    evaluates_last_step: bool = True,
) -> Generator[AnyReport]:
    """Train with the run's settings and write everything to its folder.

    Each report is on disk before it is yielded. Checkpoints are saved:
    - at the start, and at the end, also when the iterator is closed;
    - every `checkpoint_seconds`, the first one sooner;
    - at the ends of epochs 1, 2, 4, 8, …;
    - after each evaluation with the best distance so far.

    At the end the run's lock is released. Weights that are not finite are never saved: training
    rolls back to the newest checkpoint and continues with half the learning rates, at most
    `MAX_ROLLBACKS` times.

    Between two reports the consumer may call `change_settings` or `roll_back`.

    Args:
        run: The run, locked, from `start_run` or `continue_run`.
        gan: Its networks.
        dataset: Its training images.
        retry: Called after each failed write; may wait, and returns whether to try again.
        evaluates_last_step: Whether to evaluate the last step; False if the caller measures it.

    Yields:
        The reports of `train` and `add_evaluations`, and an EventReport for each rollback and, with
        `until_converged`, for the end of a run that has stopped improving.

    Raises:
        OutOfMemoryError: If a step, a grid or an evaluation does not fit into memory.
        DivergenceError: If a loss or a weight is not finite, after `MAX_ROLLBACKS` rollbacks.
        RunError: If a write fails, and `retry` gives up.
        WorkerError: If another worker of the run is gone.
    """
    recording = _Recording(run, gan, dataset, retry, evaluates_last_step)
    try:
        yield from _record_failures(recording)
    finally:
        run.lock.release()


@dataclass(frozen=True)
class _Recording:
    """The arguments of one call of `record`."""

    run: Run
    gan: TrainableGAN
    dataset: ImageDataset
    retry: DiskRetryPolicy
    evaluates_last_step: bool

    def save(self, state: State) -> None:
        """Save a checkpoint and the run's status, with retries; errors as in `save_with_status`."""
        save_with_status(self.run, self.gan, state, self.retry)


def _record_failures(recording: _Recording) -> Generator[AnyReport]:
    """Train; on an error, save a checkpoint if the weights are valid, and the reason."""
    run, gan = recording.run, recording.gan
    can_save = True
    problem = "training ended with an unexpected error; the last checkpoint can be resumed."
    try:
        yield from _train_with_rollback(recording)
        problem = ""
    except (GeneratorExit, KeyboardInterrupt):
        problem = ""
        raise
    except (DivergenceError, WorkerError) as error:
        # The weights are not finite, or belong to a half-finished step.
        can_save, problem = False, str(error)
        raise
    except DCGANError as error:
        problem = str(error)
        raise
    finally:
        if problem:
            # A disk error here must not replace the first error.
            with contextlib.suppress(DivergenceError, RunError):
                if can_save:
                    save_checkpoint(run, gan)
            with contextlib.suppress(RunError):
                set_status(run, gan, "failed", problem)


def _train_with_rollback(recording: _Recording) -> Generator[AnyReport]:
    """Train to the planned end, with a rollback after each divergence."""
    run, gan = recording.run, recording.gan
    num_rollbacks = 0
    is_done = False
    events = EventWriter(run.path) if run.config.tensorboard else None
    try:
        recording.save("running")
        while not is_done:
            try:
                is_done = yield from _train_segment(recording, events)
                if is_done:
                    recording.save("finished")
            except DivergenceError as error:
                num_rollbacks += 1
                if num_rollbacks > MAX_ROLLBACKS:
                    raise DivergenceError(
                        f"{error} Training rolled back {MAX_ROLLBACKS} times before, each time "
                        "with half the learning rates."
                    ) from None
                is_done = False
                yield retry_write(
                    recording.retry,
                    roll_back_divergence,
                    run,
                    gan,
                    gan.step,
                    run.config,
                    num_rollbacks,
                )
    except (GeneratorExit, KeyboardInterrupt):  # The latter from a notebook's stop button.
        try:
            save_checkpoint(run, gan)
        except DivergenceError:  # In the last chunk, so the newest checkpoint has valid weights.
            if num_rollbacks == MAX_ROLLBACKS:
                raise
            roll_back_divergence(run, gan, gan.step, run.config, num_rollbacks + 1)
        set_status(run, gan, "stopped")
        save_last_samples(run, gan)
        raise


def _train_segment(
    recording: _Recording, events: EventWriter | None
) -> Generator[AnyReport, None, bool]:
    """Train until the run is over, or until the consumer changes settings or rolls back.

    Returns:
        Whether the run is over: its plan is done, or it has stopped improving.
    """
    run, gan, dataset = recording.run, recording.gan, recording.dataset
    config = run.config
    steps_per_epoch = config.compute_steps_per_epoch(len(dataset))
    last_saved = time.monotonic()
    has_saved = False
    last_evaluated = max((report.step for report in run.history.read_evaluations()), default=0)
    comparison_start = _find_comparison_start(run)
    if events:
        events.write_start(gan, config)
    earlier_reports = run.history.read_open_epoch()
    reports = train(gan, dataset, config, earlier_reports)
    reports = add_evaluations(
        reports,
        gan,
        dataset,
        config,
        earlier_reports,
        last_evaluated,
        evaluates_last_step=recording.evaluates_last_step,
    )
    with contextlib.closing(reports):
        for report in reports:
            retry_write(recording.retry, run.write, report)
            if events:
                events.write_report(report, gan)
            interval = config.checkpoint_seconds
            if not has_saved:
                interval = min(interval, _FIRST_CHECKPOINT_SECONDS)
            is_due = time.monotonic() - last_saved >= interval
            is_due |= isinstance(report, EpochReport) and is_milestone(gan.step, steps_per_epoch)
            is_due |= isinstance(report, EvaluationReport) and _is_best(run, report)
            if is_due:
                recording.save("running")
                last_saved, has_saved = time.monotonic(), True
            yield report
            if run.config is not config or gan.step != report.step:
                return False
            if isinstance(report, EvaluationReport) and config.until_converged:
                convergence_event = _detect_convergence(run, report, comparison_start)
                if convergence_event is not None:
                    retry_write(recording.retry, run.write, convergence_event)
                    yield convergence_event
                    return run.config is config and gan.step == convergence_event.step
    return True


def _find_comparison_start(run: Run) -> int:
    """Return the step after which evaluations count for `until_converged`.

    It is the step of the last change or rollback, or of the last convergence, so that a continued
    run does not end at its next evaluation.
    """
    events = run.history.read_events()
    change = find_last_change(events)
    steps = [event.step for event in events if event.event == "converged" or event is change]
    return max(steps, default=0)


def _detect_convergence(
    run: Run, newest: EvaluationReport, comparison_start: int
) -> EventReport | None:
    """Return the event that ends the run at an evaluation if it has stopped improving."""
    evaluations = run.history.get_cached_evaluations()
    # Like the verdict, skip the first steps after a start or a change: they show no trend.
    warm_step = comparison_start + WARM_UP_STEPS
    convergence = find_convergence([report for report in evaluations if report.step > warm_step])
    if convergence is None:
        return None
    text = convergence.describe()
    return EventReport(newest.step, newest.epoch, newest.seconds, "converged", text)


def _is_best(run: Run, report: EvaluationReport) -> bool:
    """Return whether no checkpoint has a smaller distance; True if they cannot be listed."""
    others = [other for other in run.history.get_cached_evaluations() if other.step != report.step]
    try:
        steps = [*run.checkpoints.list_steps(), report.step]
    except OSError:  # Saving a checkpoint then reports it, or waits until the disk works again.
        return True
    return find_best_checkpoint([*others, report], steps, run.dataset.num_images) == report.step

"""The summary of a run on its card: texts, numbers and a picture, read from its folder.

Files that are slow to read are cached until they change, so a list of many runs appears fast.
Imports no Streamlit and no TensorFlow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.components.plain_text import keep_together
from dashboard.forms.settings_text import describe_class_choice
from dashboard.process import picture_sets
from dashboard.process.file_cache import cache_until_changed
from dashboard.run_facts.raced_runs import describe_trained
from dashboard.snapshots.snapshot import ACTIVE, Phase, Snapshot
from dcgan.config.closest_preset import describe_difference, find_closest_preset
from dcgan.config.named_datasets import get_dataset_label
from dcgan.diagnosis.ended_run import diagnose_ended_run
from dcgan.durations import describe_roughly
from dcgan.errors import RunError
from dcgan.evaluation.age import explain_age, is_outdated
from dcgan.evaluation.evaluations_since_change import (
    explain_unmeasured,
    find_convergence_event,
    find_last_change,
    select_since_change,
)
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.reports import EvaluationReport, EventReport, StepReport
from dcgan.runs.copying import is_finished
from dcgan.runs.history import HISTORY_NAME
from dcgan.runs.manifest import State, Status
from dcgan.runs.run_folder import Run
from dcgan.wording import capitalize

_SIDE, _SIDE_OF_LARGE = 4, 3  # Rows and columns of the thumbnail, for small and for large images.


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """The newest images of a run as a PNG, its width and height, and the step of the images."""

    png: bytes
    size: tuple[int, int]
    step: int


@dataclass(frozen=True, eq=False)
class RunSummary:
    """A run as its card shows it.

    Attributes:
        run: The run.
        title, note, message: Plain text, which must be escaped in Markdown.
        status: Phase of the trainer if this process trains it, otherwise the state in its folder.
        step, seconds: Newest step, and training time in seconds.
        evaluation: Its newest evaluation since its last change, if any.
        change: The last event that changed the run, if all evaluations are from before it.
        alarm: Headline of the verdict if it has ended and something went wrong; plain text.
        convergence_text: How it stopped improving, if that ended it; plain text.
        is_of_this_process: Whether this process trains it.
        seconds_left: Estimated time to the planned end, if known.
        is_measuring: Whether its training has ended, and its last step is measured.
    """

    run: Run
    title: str
    note: str
    message: str
    status: State | Phase
    step: int
    seconds: float
    evaluation: EvaluationReport | None
    alarm: str = ""
    convergence_text: str = ""
    change: EventReport | None = None
    is_of_this_process: bool = False
    seconds_left: float | None = None
    is_measuring: bool = False

    @property
    def is_active(self) -> bool:
        """Whether it is being trained or paused, by this process or another."""
        return self.status in ACTIVE

    @property
    def is_done(self) -> bool:
        """Whether the run ended by itself, so that continuing needs a new plan."""
        return is_finished(self.run, self.step, self.seconds)

    def describe_data(self) -> str:
        """Return its data set, such as "MNIST (built in), 60,000 pictures"."""
        source, dataset = self.run.config.dataset, self.run.dataset
        name = get_dataset_label(source, dataset.name)
        if picture_sets.has_hash_name(source):
            name = "Own pictures"
        left_out = f" ({dataset.num_left_out:,} left out)" if dataset.num_left_out else ""
        return f"{name}, {dataset.num_images:,} pictures{left_out}"

    def describe_length(self) -> str:
        """Return its progress, such as "Epoch 3 of 10, step 2,500, 1 min 40 s"."""
        config = self.run.config
        has_plan = config.epochs is not None and not self.convergence_text
        of_epochs = f" of {config.epochs:,}" if has_plan else ""
        epoch = config.compute_epoch(self.step, self.run.dataset.num_images)
        left = self.seconds_left
        at_most = " at most" if config.until_converged else ""
        return (
            f"Epoch {epoch:,}{of_epochs}, step {self.step:,}, "
            f"{keep_together(describe_trained(self.run, self.seconds))} trained"
            f"{'' if left is None else f', {keep_together(describe_roughly(left))} left{at_most}'}"
        )

    def explain_old_evaluation(self) -> str:
        """Return why there is no newer evaluation if more than an epoch has passed, else ""."""
        config, newest = self.run.config, self.evaluation
        epoch = config.compute_epoch(self.step, self.run.dataset.num_images)
        if newest is None or not is_outdated(newest, epoch):
            return ""
        return explain_age(newest, epoch, config.evaluate_every)

    def explain_no_evaluation(self) -> str:
        """Return why earlier evaluations do not count, as a sentence; "" if there are none."""
        if self.change is None:
            return ""
        reason = explain_unmeasured(self.change)
        return f"{capitalize(reason)}."

    def describe_settings(self) -> str:
        """Return the closest preset, or the settings that differ from it."""
        config = self.run.config
        preset, _ = find_closest_preset(config)
        return describe_difference(config, describe_class_choice(config, preset))

    def describe_day(self) -> str:
        """Return the day on which it started, such as "3 Sep 2026"."""
        started = datetime.fromisoformat(self.run.created)
        return f"{started.day} {started:%b %Y}"


def read_summary(run: Run, snapshot: Snapshot) -> RunSummary:
    """Summarise a run from the trainer's snapshot if it trains here, otherwise from its folder.

    Raises:
        RunError: If the folder was deleted or damaged since the runs were listed.
    """
    status = run.read_status()
    label = run.read_label()
    if snapshot.trains(run):
        last, is_over = snapshot.last, snapshot.measures_end
        evaluation, change = _find_evaluation(snapshot.evaluations, snapshot.events)
        return RunSummary(
            run=run,
            title=run.read_title(),
            note=label.note,
            message="",
            status=snapshot.phase,
            step=last.step if last else status.step,
            seconds=last.seconds if last else status.seconds,
            evaluation=evaluation,
            change=change,
            is_of_this_process=True,
            # A paused run has none, as on the Train page.
            seconds_left=None if is_over or snapshot.is_paused else snapshot.seconds_left,
            is_measuring=is_over,
        )
    last = _read_last_step(run)
    evaluation, change = _read_evaluation(run)
    # If another process trains the run, or was killed, the status may be older than the history.
    # The other pages show the history, so the card shows the same step and time.
    is_known = last is not None and last.step >= status.step
    return RunSummary(
        run=run,
        title=run.read_title(),
        note=label.note,
        message=status.message,
        status=status.state,
        step=last.step if last and is_known else status.step,
        seconds=last.seconds if last and is_known else status.seconds,
        evaluation=evaluation,
        change=change,
        alarm="" if status.state in ACTIVE else _read_alarm(run),
        convergence_text=_read_convergence_text(run, status),
        is_measuring=snapshot.measures(run),
    )


@cache_until_changed(HISTORY_NAME, max_runs=500)  # A report is a few hundred bytes.
def _read_last_step(run: Run) -> StepReport | None:
    return run.history.read_last_step()


@cache_until_changed(HISTORY_NAME, max_runs=500)
def _read_evaluation(run: Run) -> tuple[EvaluationReport | None, EventReport | None]:
    return _find_evaluation(run.history.read_evaluations(), run.history.read_events())


def _find_evaluation(
    evaluations: Sequence[EvaluationReport], events: Sequence[EventReport]
) -> tuple[EvaluationReport | None, EventReport | None]:
    """Return the newest evaluation since the last change, or else that change.

    Returns:
        The evaluation, or None; and the change, if there are evaluations only from before it.
    """
    change = find_last_change(events)
    own = select_since_change(evaluations, change)
    return (own[-1], None) if own else (None, change if evaluations else None)


@cache_until_changed(HISTORY_NAME, max_runs=500)
def _read_alarm(run: Run) -> str:
    verdict = diagnose_ended_run(run)
    return verdict.headline if verdict.is_alarm else ""


@cache_until_changed(HISTORY_NAME, max_runs=500)
def _read_events(run: Run) -> list[EventReport]:
    return run.history.read_events()


def _read_convergence_text(run: Run, status: Status) -> str:
    """Return how a run stopped improving; "" if that did not end it."""
    if status.state != "finished" or not run.config.until_converged:
        return ""
    event = find_convergence_event(_read_events(run), status.step)
    return "" if event is None else event.text


@cache_until_changed("samples", max_runs=100)  # A picture is about ten kilobytes.
def read_thumbnail(run: Run) -> Thumbnail | None:
    """Read the first images of the newest sample grid; None if the last three are unreadable."""
    for step in reversed(run.samples.list_steps()[-3:]):
        try:
            pixels = run.samples.read(step)
        except RunError:
            continue  # Damaged or deleted: take the one before it.
        side = _SIDE if run.config.image_size <= 32 else _SIDE_OF_LARGE
        rows = min(side, -(-len(pixels) // side))
        grid = tile(pixels, rows, min(side, len(pixels)))
        return Thumbnail(encode_png(grid), (grid.shape[1], grid.shape[0]), step)
    return None

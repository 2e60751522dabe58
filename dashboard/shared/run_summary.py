"""What the shelf says about a run: one reading of its folder, in words and a picture.

Reading is quick on a long shelf: what is expensive is kept until its file changes. It imports no
Streamlit and no TensorFlow.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TypeVar

from dashboard.state import picture_sets
from dashboard.state.snapshot import ACTIVE, Phase, Snapshot
from dcgan.config import PRESETS, TrainingConfig
from dcgan.config_text import format_setting
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.named_sets import dataset_label
from dcgan.recording.progress import describe_seconds
from dcgan.reports import EvaluationReport, StepReport
from dcgan.runs.manifest import State
from dcgan.runs.retention import best_checkpoint
from dcgan.runs.run_folder import Run
from dcgan.setting_info import setting_label

# Digits in a row and in a column of a card's picture; fewer where they are large.
_SIDE, _SIDE_OF_LARGE = 4, 3

_Result = TypeVar("_Result")
_KEEPING = threading.Lock()

# What a card says by other means, or what says nothing about the result.
_TOLD_ELSEWHERE = frozenset(
    (
        "dataset",
        "epochs",
        "max_seconds",
        "sample_seconds",
        "checkpoint_seconds",
        "keep_checkpoints",
        "tensorboard",
    )
)


@dataclass(frozen=True, eq=False)
class Picture:
    """The newest digits of a run: a PNG, its width and height, and the step that it shows."""

    png: bytes
    size: tuple[int, int]
    step: int


@dataclass(frozen=True, eq=False)
class RunSummary:
    """A run as its card shows it.

    Attributes:
        run: The run.
        title, note, message: As people and the run gave them; not safe as Markdown.
        status: State in its folder, or the trainer's phase while it trains here.
        step, seconds: Where it stands.
        last: Its newest step report, if any.
        is_here: Whether this process trains it.
        seconds_left: Until its planned end, where that can be told.
    """

    run: Run
    title: str
    note: str
    message: str
    status: State | Phase
    step: int
    seconds: float
    last: StepReport | None
    is_here: bool = False
    seconds_left: float | None = None

    @property
    def is_active(self) -> bool:
        """Whether it is being trained or paused, by this process or another."""
        return self.status in ACTIVE

    @property
    def is_done(self) -> bool:
        """Whether what was planned is done, so that going on needs a new plan."""
        num_images = self.run.dataset.num_images
        return self.run.config.is_done(self.step, self.seconds, num_images)

    def describe_data(self) -> str:
        """Say what it learns from, such as "MNIST (built in), 60,000 images"."""
        source, dataset = self.run.config.dataset, self.run.dataset
        name = dataset_label(source, dataset.name)
        if picture_sets.is_upload(source):
            name = "Own pictures"
        left_out = f" ({dataset.num_left_out:,} left out)" if dataset.num_left_out else ""
        return f"{name}, {dataset.num_images:,} images{left_out}"

    def describe_length(self) -> str:
        """Say how far it is, such as "Epoch 3 of 10, step 2,500, 1 min 40 s"."""
        config = self.run.config
        of_epochs = f" of {config.epochs:,}" if config.epochs is not None else ""
        epoch = config.epoch_of(self.step, self.run.dataset.num_images)
        left = self.seconds_left
        return (
            f"Epoch {epoch:,}{of_epochs}, step {self.step:,}, "
            f"{describe_seconds(self.seconds)} trained"
            f"{'' if left is None else f', {describe_seconds(left)} left'}"
        )

    def describe_settings(self) -> str:
        """Name the preset that it is closest to, and what differs from that."""
        preset, changes = closest_preset(self.run.config)
        words = f"{preset.capitalize()} preset"
        if changes:
            words += ", but " + ", ".join(f"{label} {value}" for label, value in changes.items())
        return words

    def describe_day(self) -> str:
        """Say when it was begun, such as "3 May 2026"."""
        begun = datetime.fromisoformat(self.run.created)
        return f"{begun.day} {begun:%b %Y}"


def read_summary(run: Run, snapshot: Snapshot) -> RunSummary:
    """Read a run's folder, or the trainer's memory of it while it trains here.

    Raises:
        RunError: If the folder is gone or was damaged since the shelf was listed.
    """
    status = run.read_status()
    label = run.read_label()
    if snapshot.trains(run):
        last = snapshot.last
        return RunSummary(
            run=run,
            title=label.title,
            note=label.note,
            message="",
            status=snapshot.phase,
            step=last.step if last else status.step,
            seconds=last.seconds if last else status.seconds,
            last=last,
            is_here=True,
            seconds_left=snapshot.seconds_left,
        )
    last = _last_report(run)
    is_behind = last is not None and last.step > status.step and status.state == "running"
    return RunSummary(
        run=run,
        title=label.title,
        note=label.note,
        message=status.message,
        status=status.state,
        step=last.step if last and is_behind else status.step,
        seconds=last.seconds if last and is_behind else status.seconds,
        last=last,
    )


def distinct_titles(runs: Iterable[Run]) -> dict[str, str]:
    """Return what runs are called in a list to choose from, by their names.

    Where several bear one title, their names stand behind it: a select box takes what reads alike
    for one and the same.
    """
    titles = {run.name: run.read_label().title for run in runs}
    counts = Counter(titles.values())
    return {
        name: title if counts[title] == 1 else f"{title} ({name})" for name, title in titles.items()
    }


def checkpoint_words(step: int) -> str:
    """Name a checkpoint in a list to choose from.

    Which one is best stays out of the name: it moves while a run trains, and a select box whose
    option is renamed forgets that it was chosen.
    """
    return f"Step {step:,}"


def best_checkpoint_words(run: Run) -> str:
    """Say which of a run's checkpoints has the best digits; "" before the first evaluation."""
    best = best_checkpoint(_evaluations(run), run.checkpoints.list_steps())
    return "" if best is None else f"Step {best:,} has the best digits so far."


def newest_picture(run: Run) -> Picture | None:
    """Draw the first digits of a run's newest sample grid; None if it has no readable one."""
    return _picture(run)


def closest_preset(config: TrainingConfig) -> tuple[str, dict[str, str]]:
    """Return the preset with the fewest settings changed, and those: label to value."""
    candidates = []
    for name in PRESETS:
        preset = TrainingConfig.preset(name)
        changed = [
            setting
            for setting in TrainingConfig.model_fields
            if setting not in _TOLD_ELSEWHERE
            and getattr(config, setting) != getattr(preset, setting)
        ]
        candidates.append((len(changed), name, changed))
    _, name, changed = min(candidates, key=lambda candidate: candidate[0])
    return name, {_label(setting): format_setting(config, setting) for setting in changed}


def _label(setting: str) -> str:
    title = setting_label(setting)
    is_word = title[:2].istitle()  # "beta_1" is a name of the field's own.
    return title[0].lower() + title[1:] if is_word else title


_Read = Callable[[Run], _Result]


def kept_until_changed(part: str, *, most: int) -> Callable[[_Read[_Result]], _Read[_Result]]:
    """Keep what a function reads of a run, of each run the newest alone, until a part changes.

    Args:
        part: The file or folder in the run's folder that it reads.
        most: Of how many runs, those that were asked for last.
    """

    def decorate(read: _Read[_Result]) -> _Read[_Result]:
        kept: OrderedDict[Path, tuple[tuple[int, int], _Result]] = OrderedDict()

        @wraps(read)
        def look(run: Run) -> _Result:
            path = run.path / part
            try:
                stat = path.stat()
                version = (stat.st_mtime_ns, stat.st_size)
            except OSError:
                version = (0, 0)
            with _KEEPING:
                if path in kept and kept[path][0] == version:
                    kept.move_to_end(path)
                    return kept[path][1]
            found = read(run)
            with _KEEPING:
                kept[path] = (version, found)
                kept.move_to_end(path)
                if len(kept) > most:
                    kept.popitem(last=False)
            return found

        return look

    return decorate


@kept_until_changed("history.jsonl", most=500)  # A report is a few hundred bytes.
def _last_report(run: Run) -> StepReport | None:
    return run.history.read_last_step()


@kept_until_changed("history.jsonl", most=50)
def _evaluations(run: Run) -> list[EvaluationReport]:
    try:
        return run.history.read_evaluations()
    except RunError:  # The shelf says so; that no step is called the best is no loss here.
        return []


@kept_until_changed("samples", most=100)  # A picture is some ten kilobytes.
def _picture(run: Run) -> Picture | None:
    for step in reversed(run.samples.list_steps()[-3:]):
        try:
            pixels = run.samples.read(step)
        except RunError:
            continue  # A damaged or vanished file; the one before it will do.
        side = _SIDE if run.config.image_size <= 32 else _SIDE_OF_LARGE
        rows = min(side, -(-len(pixels) // side))
        grid = tile(pixels, rows, min(side, len(pixels)))
        return Picture(encode_png(grid), (grid.shape[1], grid.shape[0]), step)
    return None

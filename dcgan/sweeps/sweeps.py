"""A sweep whose runs are found again: which they are, whose they are, and where they stand.

A combination of settings has one folder under a root, named after the settings themselves. So
any number of processes, on any machines that see the root, agree without a word on what is done,
and a sweep that is started again goes on where it was. Owns the names, how the combinations are
split between tasks, and the table that compares them. It starts no process: a batch system or
Ray does. It imports TensorFlow only in order to train.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dcgan.config import TrainingConfig, describe_changes
from dcgan.errors import ConfigError, InUseError, RunError
from dcgan.evaluation.metric_info import FIGURES, format_figure
from dcgan.files import list_steps, translate_write_errors
from dcgan.reports import ProgressCallback, no_progress
from dcgan.runs.lock import FolderLock
from dcgan.runs.run_folder import Run, open_run

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN

MAX_RUNS = 10_000
# Under the root: a lock for each combination that was ever begun, held while it is trained.
_LOCKS = ".sweep"
_NAME_DIGITS = 12  # 48 bits: among a million combinations two of one name are a chance of 1 in 600.

# What batch systems call the number of an array's task, counted as their users count.
_TASK_VARIABLES = ("SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX")
_LAST_TASK_VARIABLE = "SLURM_ARRAY_TASK_MAX"


@dataclass(frozen=True)
class Combination:
    """One run of a sweep.

    Attributes:
        config: Its settings.
        varied: The names of the settings in which the sweep's runs differ.
        path: The run's folder, whether it is there yet or not.
    """

    config: TrainingConfig
    varied: tuple[str, ...]
    path: Path

    @property
    def words(self) -> str:
        """What is its own, such as "seed 1, batch_size 64"."""
        return ", ".join(f"{name} {_value(self.config, name)}" for name in self.varied)

    @property
    def title(self) -> str:
        """The same under the settings' labels, as the dashboard calls the run."""
        fields = TrainingConfig.model_fields
        return ", ".join(
            f"{fields[name].title} {_value(self.config, name)}" for name in self.varied
        )

    def run(self) -> Run | None:
        """Open its run; None if it was never begun, or died before its first checkpoint.

        Raises:
            RunError: If there are checkpoints and the rest is damaged.
        """
        if not (self.path / "config.json").is_file() and not self._has_checkpoints:
            return None
        return open_run(self.path)

    def differs_from(self, run: Run) -> str:
        """Say in which settings a run is not this one any more; "" where it is.

        It was steered or continued since, or a default was another when it began.
        """
        return describe_changes(self.config.replace(dataset=run.config.dataset), run.config)

    @property
    def _has_checkpoints(self) -> bool:
        return bool(list_steps(self.path / "checkpoints", ".npz"))


def _value(config: TrainingConfig, name: str) -> str:
    value = getattr(config, name)
    if isinstance(value, tuple):
        return "-".join(map(str, value))
    return "none" if value is None else str(value)


def combinations(
    configs: Iterable[TrainingConfig], varied: Iterable[str], root: Path
) -> list[Combination]:
    """Give each of a sweep's runs its folder.

    Args:
        configs: As of `grid.expand_grid`.
        varied: The names of the settings that differ.
        root: Where the folders are.

    Returns:
        In the same order. The same settings have the same folder in every sweep; where they come
        twice in one, the second has another.
    """
    root, names = root.absolute(), tuple(varied)
    found, seen = [], Counter[str]()
    for config in configs:
        key = _key(config)
        seen[key] += 1
        suffix = f"-{seen[key]}" if seen[key] > 1 else ""
        found.append(Combination(config, names, root / f"sweep-{key}{suffix}"))
    return found


def _key(config: TrainingConfig) -> str:
    # Without defaults, so that a later version's new settings leave the names as they are.
    told = config.model_dump(mode="json", exclude_defaults=True)
    own = Path(config.dataset).expanduser()
    if own.exists():  # The same words in another folder are other pictures.
        told["dataset"] = str(own.absolute())
    text = json.dumps(told, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_NAME_DIGITS]


def read_task(
    task: int | None, num_tasks: int | None, environment: Mapping[str, str]
) -> tuple[int, int]:
    """Say which of how many tasks this process is.

    The number is read from SLURM or Kubernetes where `num_tasks` alone was given. How many they
    are is never read: `sbatch --array=3`, which starts one task of eight again, says 1.

    Args:
        task: From 0; None where it was not given.
        num_tasks: At least 1; None where it was not given.
        environment: `os.environ`.

    Returns:
        The task and how many there are; (0, 1) where nothing was given.

    Raises:
        ConfigError: If one is missing, or they do not fit each other.
    """
    if num_tasks is None:
        if task is not None:
            raise ConfigError("task: give --tasks too, which says how many there are.")
        return 0, 1
    last, whence = task, "task"
    if task is None:
        found = {name: environment[name] for name in _TASK_VARIABLES if environment.get(name)}
        if not found:
            raise ConfigError(
                f"tasks: there are {num_tasks}; say with --task which one this is, from 0, or "
                f"start it where {' or '.join(_TASK_VARIABLES)} is set."
            )
        if len(found) > 1:
            raise ConfigError(f"tasks: {' and '.join(found)} are both set; give --task.")
        [(whence, text)] = found.items()
        task = _whole_number(whence, text)
        # Each task of an array from 1 to 8 is told so, not the last alone.
        text = environment.get(_LAST_TASK_VARIABLE, text) if whence.startswith("SLURM") else text
        last = max(task, _whole_number(_LAST_TASK_VARIABLE, text))
    if last is None or last >= num_tasks:
        raise ConfigError(
            f"{whence}: got {last}; expected 0 to {num_tasks - 1}, as there are {num_tasks} tasks. "
            "They count from 0."
        )
    return task, num_tasks


def _whole_number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{name}: got {text!r}; expected a whole number from 0.")
    return int(text)


@contextlib.contextmanager
def claimed(combination: Combination) -> Iterator[None]:
    """Hold a combination, so that no other process of any sweep trains it too.

    A run's own lock is in its folder, which may not be there yet.

    Raises:
        InUseError: If another process holds it.
        DiskWriteError: If the root cannot be written.
    """
    folder = combination.path.parent / _LOCKS
    with contextlib.ExitStack() as holding:
        with translate_write_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{combination.path.name}.lock"
            holding.enter_context(_lock(path, combination).held())
        yield


def _lock(path: Path, combination: Combination) -> FolderLock:
    return FolderLock(path, subject=f"{combination.path.name} is skipped: it")


@dataclass(frozen=True, eq=False)
class Ready:
    """A run that can be recorded.

    Attributes:
        run, gan, dataset: For `recording.record`.
        step: Where it goes on; None where it begins.
    """

    run: Run
    gan: DCGAN
    dataset: ImageDataset
    step: int | None


def begin(combination: Combination, progress: ProgressCallback = no_progress) -> Ready | None:
    """Get a combination ready to train: anew, or from the last checkpoint of what was begun.

    Args:
        combination: Claimed.
        progress: Reports how many own pictures have been read.

    Returns:
        What `recording.record` needs; None if it is finished already.

    Raises:
        InUseError: If its run is held by something else, such as a dashboard.
        DCGANError: As of `recording.start_run` and `recording.continue_run`.
    """
    from dcgan.recording.recording import continue_run, start_run

    run = combination.run()
    if run is not None and (holder := run.lock.read_holder()) is not None:
        raise InUseError(f"{run.name} is skipped: it is being written by {holder}.")
    if run is not None and _is_finished(run):
        return None
    if run is not None and run.checkpoints():
        ready = continue_run(run, progress=progress)
        return Ready(*ready, step=ready[1].step)
    _clear(combination)
    ready = start_run(combination.config, path=combination.path, progress=progress)
    ready[0].set_label(combination.title, "")
    return Ready(*ready, step=None)


def _is_finished(run: Run) -> bool:
    """Whether all that was planned is done; a death may have come just before that was noted."""
    if run.status.state == "finished":
        return True
    if not run.checkpoints():
        return False
    state = run.load_checkpoint()
    if not run.config.is_done(int(state["step"]), float(state["seconds"]), run.dataset.num_images):
        return False
    run.acquire_lock()
    try:
        run.stand_at(state, "finished")
    finally:
        run.lock.release()
    return True


def _clear(combination: Combination) -> None:
    """Remove what a process that died before its first checkpoint has left."""
    if not combination.path.is_dir():
        return
    with translate_write_errors(combination.path):
        with _lock(combination.path / ".lock", combination).held():
            pass  # Nobody writes it, and nobody will: this combination is claimed.
        shutil.rmtree(combination.path)


# Where they stand.


@dataclass(frozen=True)
class Row:
    """Where a combination stands.

    Attributes:
        state: Of its run; "not begun", or "damaged".
        step, seconds: Of training; None where there is no run.
        last, best: Fréchet distances; None before an evaluation.
    """

    combination: Combination
    state: str
    step: int | None = None
    seconds: float | None = None
    last: float | None = None
    best: float | None = None


def read_row(combination: Combination) -> Row:
    """Read where a combination stands; what cannot be read is damaged."""
    try:
        run = combination.run()
        if run is None:
            return Row(combination, "not begun")
        status = run.status
        distances = [report.figures["frechet_distance"] for report in run.evaluations()]
    except RunError:
        return Row(combination, "damaged")
    row = Row(combination, status.state, status.step, status.seconds)
    if distances:
        row = dataclasses.replace(row, last=distances[-1], best=min(distances))
    return row


def table(rows: Sequence[Row]) -> list[str]:
    """Lay out how the runs of a sweep compare: a line each under a line of names, and the best."""
    if not rows:
        return []
    distance = FIGURES["frechet_distance"].label
    heads = [*rows[0].combination.varied, "state", "step", "seconds", distance, "best", "run"]
    cells = [heads, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    measured = [(row.best, row) for row in rows if row.best is not None]
    if len(measured) > 1:
        best, row = min(measured, key=lambda pair: pair[0])
        lines.append(f"Best {distance}: {_figure(best)}, {row.combination.words}.")
    return lines


def _cells(row: Row) -> list[str]:
    combination = row.combination
    return [
        *(_value(combination.config, name) for name in combination.varied),
        row.state,
        "–" if row.step is None else f"{row.step:,}",
        "–" if row.seconds is None else f"{row.seconds:,.0f}",
        _figure(row.last),
        _figure(row.best),
        combination.path.name,
    ]


def _figure(distance: float | None) -> str:
    return "–" if distance is None else format_figure("frechet_distance", distance)

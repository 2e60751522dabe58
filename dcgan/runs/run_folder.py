"""Run: one folder on disk.

    config.json                 settings, versions, data set
    status.json                 where the run stands
    label.json                  a person's name and note for it
    history.jsonl               a line a report
    samples/step-00000938.png   a sample grid: the reported ends of epochs, and between
    checkpoints/step-00000938.npz   what training needs to go on
    tensorboard/                what `tensorboard` writes where the settings ask for it; a copy, a
                                branch and a ZIP go without, as history and samples say the same

Each file is replaced as a whole or appended to line by line, so a death at any moment leaves a
readable run. Owns which files these are and who may write; what the JSON files hold is
`manifest`'s, the lines `history`'s, the grids `samples`'s, the checkpoints `checkpoints`'s, and
where other runs are is `shelf`'s. It imports no TensorFlow and knows no screen.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import platform
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

import numpy as np

from dcgan.config import NAMED_SETS, TrainingConfig
from dcgan.config_text import is_hidden_path
from dcgan.data.datasets import ImageDataset, load_configured_dataset
from dcgan.errors import DatasetError, DataUnavailableError, RunError
from dcgan.files import (
    make_dated_folder,
    read_model,
    translate_write_errors,
    write_json,
)
from dcgan.reports import (
    AnyReport,
    EpochReport,
    EvaluationReport,
    ProgressCallback,
    SampleReport,
    no_progress,
)
from dcgan.runs.checkpoints import Checkpoints
from dcgan.runs.history import History
from dcgan.runs.lock import FolderLock, editing
from dcgan.runs.manifest import (
    FORMAT,
    DatasetInfo,
    Format,
    Label,
    Manifest,
    State,
    Status,
    clean_note,
    clean_title,
)
from dcgan.runs.retention import best_checkpoint, checkpoints_to_delete
from dcgan.runs.samples import Samples

ROOT = Path(__file__).resolve().parents[2] / "checkpoints"
# A run that comes with the program; read-only. Read it late, as `runs.SHIPPED`: tests move it.
SHIPPED = ROOT / "pretrained"


class Run:
    """One run's folder: `create` and `open_run` make them.

    Reading needs no lock and sees whole files only. Writing needs the lock, which one process at
    a time can hold.

    Attributes:
        checkpoints: What training needs to continue, by step.
        history: The reports of training, without their images.
        samples: The images of the reports.
        lock: Release it when the run is written; acquire it by `acquire_lock`.
    """

    def __init__(
        self,
        path: Path,
        config: TrainingConfig,
        dataset: DatasetInfo,
        *,
        created: str,
        parent: str | None = None,
        versions: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.config = config
        self.dataset = dataset
        self.created = created
        self.parent = parent
        self.versions = dict(versions or {})
        self.lock = FolderLock(
            path / ".lock",
            advice="If that machine is gone for good, `resume --take-over` continues the run here.",
        )
        self.checkpoints = Checkpoints(path / "checkpoints")
        self.history = History(path / "history.jsonl")
        self.samples = Samples(
            path / "samples", config, num_images=dataset.num_images, created=created
        )

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @classmethod
    def create(
        cls,
        config: TrainingConfig,
        dataset: ImageDataset,
        *,
        root: Path = ROOT,
        path: Path | None = None,
        parent: str | None = None,
    ) -> Self:
        """Make a new run's folder, held for writing.

        Args:
            config: Its settings.
            dataset: What it will learn from; noted down so that a resume can tell another.
            root: Where to put it under a name made from the data set and the time.
            path: Its folder itself; refused if it is there and not empty.
            parent: The run that it branches from.

        Raises:
            RunError: If the folder is in use or cannot be written; nothing is left of it then.
        """
        with translate_write_errors(path or root):
            if path is None:
                path = make_dated_folder(root, dataset.name)
            else:
                path = _own_folder(path, "give a new folder, or use resume to go on")
        info = DatasetInfo(
            name=dataset.name,
            num_images=len(dataset),
            fingerprint=dataset.fingerprint,
            note=dataset.note,
            left_out=dict(dataset.left_out),
        )
        run = cls(path, config, info, created=_now(), parent=parent, versions=_versions())
        run.acquire_lock()
        with contextlib.ExitStack() as undo:
            undo.callback(run._discard)
            run._make_folders()
            run._write_config(config)
            run.write_status("running")
            undo.pop_all()
        return run

    def _make_folders(self) -> None:
        with translate_write_errors(self.path):
            for name in ("samples", "checkpoints"):
                (self.path / name).mkdir(exist_ok=True)

    def _discard(self) -> None:
        """Let go of a run that could not be written, and leave nothing of it."""
        self.lock.release()
        shutil.rmtree(self.path, ignore_errors=True)

    # Writing.

    @property
    def is_read_only(self) -> bool:
        """Whether it is the shipped run, which is only ever branched from."""
        return self.path == SHIPPED.resolve()

    def acquire_lock(self, *, take_over: bool = False) -> None:
        """Acquire the lock, remove the partial files of a killed writer and reload the settings.

        Args:
            take_over: As in `FolderLock.acquire`.

        Raises:
            InUseError: If another process or this object holds the lock; names the holder.
            RunError: If this is the shipped run, or its folder is gone.
        """
        self._refuse_if_read_only()
        self.check_folder()  # Acquiring the lock would create the folder again.
        with translate_write_errors(self.path), contextlib.ExitStack() as undo:
            self.lock.acquire(take_over=take_over)
            undo.callback(self.lock.release)
            for folder in (self.path, self.path / "samples", self.path / "checkpoints"):
                for leftover in folder.glob("*.tmp"):
                    leftover.unlink(missing_ok=True)
            if (self.path / "config.json").exists():  # Another process may have changed it.
                self.config = open_run(self.path).config
            undo.pop_all()

    def move(self, target: Path) -> None:
        """Move the folder while no other process writes to it.

        Args:
            target: New path of the folder; must not exist.

        Raises:
            InUseError, RunError: As of `acquire_lock`.
            DiskWriteError: If the file system refuses; nothing has changed then.
        """
        self.acquire_lock()
        try:
            with translate_write_errors(target):
                self.lock.move_folder(target)
        finally:
            self.lock.release()

    def _refuse_if_read_only(self) -> None:
        if self.is_read_only:
            raise RunError(
                f"{self.name} comes with the program and stays as it is; resume it, which makes "
                "a branch of your own."
            )

    # Description.

    def exists(self) -> bool:
        """Return whether the folder exists and can be accessed."""
        try:
            return self.path.is_dir()
        except OSError:  # A shared disk that is gone.
            return False

    def check_folder(self) -> None:
        """Raise a `RunError` if the folder is gone."""
        if not self.path.is_dir():
            raise RunError(f"{self.name} is no longer there; choose another run.")

    @property
    def name(self) -> str:
        """Name of the folder, by which the command line finds the run."""
        return self.path.name

    def read_label(self) -> Label:
        """Read the title and note that a person gave the run; without a title, the run's name."""
        label = Label()
        with contextlib.suppress(RunError):  # No label, or a damaged one.
            label = read_model(self.path / "label.json", Label)
        return label if label.title else label.model_copy(update={"title": self.name})

    def write_label(self, title: str, note: str) -> None:
        """Write a person's title and note for the run.

        Args:
            title: Cut to 80 characters on one line.
            note: Cut to 2,000 characters.

        Raises:
            RunError: If this is the shipped run, its folder is gone, or the file system refuses.
        """
        self._refuse_if_read_only()
        label = {"title": clean_title(title), "note": clean_note(note)}
        self.check_folder()
        with editing(self.path / "label.json"), translate_write_errors(self.path):
            write_json(self.path / "label.json", label)

    def read_status(self) -> Status:
        """Read the run's status; "interrupted" if it should be training and nobody holds the lock.

        If status.json is missing or damaged, the newest checkpoint gives the step, as the run can
        still be resumed.

        Raises:
            RunError: If the folder is gone.
        """
        try:
            status = read_model(self.path / "status.json", Status)
        except RunError:
            self.check_folder()
            step = self.checkpoints.find_newest() or 0
            status = Status(state="running", step=step, epoch=self._epoch_of(step))
        if status.state in ("running", "paused") and not self.lock.is_held():
            return status.model_copy(update={"state": "interrupted"})
        return status

    def write_status(
        self,
        state: State,
        *,
        step: int = 0,
        epoch: int = 1,
        seconds: float = 0.0,
        message: str = "",
    ) -> None:
        """Write the run's status; arguments as in `Status`."""
        status = Status(
            state=state,
            step=step,
            epoch=epoch,
            seconds=round(seconds, 3),
            message=message,
            updated=_now(),
            machine=platform.node() if state in ("running", "paused") else "",
        )
        with self.lock.writing():
            write_json(self.path / "status.json", status.model_dump())

    def write_status_at(
        self, checkpoint: Mapping[str, np.ndarray], state: Literal["stopped", "finished"]
    ) -> None:
        """Write the status of a run that ended at a checkpoint.

        Args:
            checkpoint: Arrays of `checkpoints.load`.
            state: The new state.
        """
        step, seconds = int(checkpoint["step"]), float(checkpoint["seconds"])
        self.write_status(state, step=step, epoch=self._epoch_of(step), seconds=seconds)

    def _epoch_of(self, step: int) -> int:
        return self.config.epoch_of(step, self.dataset.num_images)

    def load_dataset(self, progress: ProgressCallback = no_progress) -> ImageDataset:
        """Load the pictures that it learned from.

        Args:
            progress: Reports how many own pictures have been read.

        Raises:
            DatasetError: If nobody has said where they are on this machine.
            DataUnavailableError: If they cannot be read, or others are there now.
        """
        if is_hidden_path(self.config.dataset):
            raise DatasetError(
                f"dataset: {self.name} learned from own pictures, {self.config.dataset}, and came "
                "without the place where they are; name the folder or file that has them with "
                f"python -m dcgan resume {self.name} --dataset PATH."
            )
        try:
            dataset = load_configured_dataset(self.config, progress)
        except DatasetError as error:
            moved = (
                ""
                if self.config.dataset in NAMED_SETS
                else (
                    " If the pictures have moved, name their place with "
                    f"python -m dcgan resume {self.name} --dataset PATH."
                )
            )
            raise DataUnavailableError(f"{error}{moved}") from error
        if dataset.fingerprint != self.dataset.fingerprint:
            raise DataUnavailableError(
                f"{self.name} was trained on other pictures than {self.config.dataset} holds now "
                f"({self.dataset.num_images:,} then, {len(dataset):,} now); put the old ones back, "
                "or start a new run for these."
            )
        return dataset

    def change_config(self, config: TrainingConfig) -> None:
        """Replace its settings, such as the planned length on a resume."""
        self._write_config(config)
        self.config = config

    def _write_config(self, config: TrainingConfig) -> None:
        manifest = Manifest(
            format=FORMAT,
            created=self.created,
            parent=self.parent,
            dataset=self.dataset,
            versions=self.versions,
            config=config,
        )
        with self.lock.writing():
            write_json(self.path / "config.json", manifest.model_dump(mode="json"))

    # History and pictures.

    def write(self, report: AnyReport) -> None:
        """Keep a report: its numbers as a line of history, its pictures as a PNG.

        Raises:
            RunError: If the disk refuses.
        """
        with self.lock.writing():
            if isinstance(report, SampleReport | EpochReport):
                self.samples.write(report)
            if not isinstance(report, SampleReport):
                self.history.append(report)

    # Checkpoints.

    def save_checkpoint(self, state: Mapping[str, np.ndarray]) -> None:
        """Write a checkpoint, whole or not at all, then delete those that `retention` drops.

        Args:
            state: Arrays of `DCGAN.get_state()`.

        Raises:
            RunError: If the file system refuses.
        """
        with self.lock.writing():
            self.checkpoints.write(state)
            steps = self.checkpoints.list_steps()
            best = best_checkpoint(self.history.cached_evaluations(), steps)
            for old in checkpoints_to_delete(steps, self.config, self.dataset.num_images, best):
                self.checkpoints.delete(old)

    def is_best(self, report: EvaluationReport) -> bool:
        """Whether no checkpoint that is there has a smaller Fréchet distance; asked by the writer.

        Raises:
            RunError: If history is there and cannot be read.
        """
        others = [other for other in self.history.cached_evaluations() if other.step != report.step]
        steps = [*self.checkpoints.list_steps(), report.step]
        return best_checkpoint([*others, report], steps) == report.step

    def rewind(self, step: int) -> None:
        """Forget what came after a step, so that history and pictures agree with its checkpoint.

        Raises:
            RunError: If the disk refuses.
        """
        with self.lock.writing(), self.history.truncating_after(step):
            # The newest first, and history last: after a death in between, a resume goes on from
            # a checkpoint with all of its history, and forgets the rest.
            for newer in reversed(self.checkpoints.list_steps()):
                if newer > step:
                    self.checkpoints.delete(newer)
            for later in self.samples.list_steps():
                if later > step:
                    self.samples.delete(later)

    def branch(self, root: Path | None = None, step: int | None = None) -> Run:
        """Start a new run from one of this run's checkpoints, held for writing.

        Args:
            root: Where to put it; None for the folder that holds this run, or for `ROOT` where
                this run is read-only.
            step: The checkpoint; None for the newest.

        Raises:
            RunError: If there is no such checkpoint, or the disk refuses; nothing is left then.
        """
        if root is None:
            root = ROOT if self.is_read_only else self.path.parent
        state = self.checkpoints.load(step)
        with translate_write_errors(root):
            path = make_dated_folder(root, self.name)
        branch = Run(
            path, self.config, self.dataset, created=_now(), parent=self.name, versions=_versions()
        )
        self._copy_into(branch, state, self.samples.list_steps(), "stopped")
        return branch

    def copy(self, path: Path, state: Mapping[str, np.ndarray], sample_steps: Iterable[int]) -> Run:
        """Copy the run as it was at a step, held for writing.

        Args:
            path: The copy's folder, new or empty.
            state: The one checkpoint that the copy has.
            sample_steps: Which of the sample grids up to its step are copied.

        Raises:
            RunError: If the folder is in use, or the disk refuses; nothing is left then.
        """
        copy = Run(
            path.resolve(),
            self.config,
            self.dataset,
            created=self.created,
            parent=self.parent,
            versions=self.versions,
        )
        copy._refuse_if_read_only()
        with translate_write_errors(path):
            _own_folder(path, "give a new folder")
        seconds, num_images = float(state["seconds"]), self.dataset.num_images
        is_done = self.config.is_done(int(state["step"]), seconds, num_images)
        self._copy_into(copy, state, sample_steps, "finished" if is_done else "stopped")
        return copy

    def _copy_into(
        self,
        copy: Run,
        state: Mapping[str, np.ndarray],
        sample_steps: Iterable[int],
        status: Literal["stopped", "finished"],
    ) -> None:
        """Fill a new run's folder with what this one was at a state, and hold it."""
        copy.acquire_lock()
        with contextlib.ExitStack() as undo:
            undo.callback(copy._discard)
            copy._make_folders()
            with translate_write_errors(copy.path):
                if self.history.path.is_file():
                    shutil.copyfile(self.history.path, copy.history.path)
                for sample_step in sample_steps:
                    with contextlib.suppress(FileNotFoundError):  # Let go of by a training run.
                        shutil.copyfile(
                            self.samples.path(sample_step), copy.samples.path(sample_step)
                        )
            copy.save_checkpoint(state)
            copy.rewind(int(state["step"]))
            copy._write_config(copy.config)
            copy.write_status_at(state, status)
            undo.pop_all()


def open_run(path: Path) -> Run:
    """Open a run's folder for reading.

    Raises:
        RunError: If it is missing, incomplete, damaged or from a newer format.
    """
    try:
        if not path.is_dir():
            raise RunError(f"There is no run {path}; give a run's folder or name.")
        path = path.resolve()
    except OSError as error:
        raise RunError(f"The run {path} cannot be read ({error.strerror}).") from error
    # The format alone first: a newer one may not look like this one at all.
    found = read_model(path / "config.json", Format).format
    if found > FORMAT:
        raise RunError(
            f"{path.name} has format {found}; this program reads up to {FORMAT}, so update it."
        )
    manifest = read_model(path / "config.json", Manifest)
    return Run(
        path,
        manifest.config,
        manifest.dataset,
        created=manifest.created,
        parent=manifest.parent,
        versions=manifest.versions,
    )


def _own_folder(path: Path, mend: str) -> Path:
    """Make a folder that a person named, or take an empty one; say a mend if it is neither."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise RunError(f"{path} is there and not empty; {mend}.")
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions() -> dict[str, str]:
    names = ("keras", "numpy", "pillow")
    versions = {name: importlib.metadata.version(name) for name in names}
    for name in ("tensorflow", "tensorflow-cpu"):
        try:
            versions["tensorflow"] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {"python": platform.python_version(), **versions}

"""Run: the folder of one run on disk.

    config.json                     settings, versions, data set (`manifest`)
    status.json                     state and progress (`manifest`)
    label.json                      a person's title and note (`manifest`)
    history.jsonl                   one report on each line (`history`)
    samples/step-00000938.png       sample grids (`samples`)
    checkpoints/step-00000938.npz   what training needs to continue (`checkpoints`)
    measurement.json                metrics of the newest weights, with 10,000 images
    trials/                         tried remedies (`dcgan.remedies`), and the runs of their trials
    tensorboard/                    event files, if the settings ask for them

Copies, branches and ZIP files leave out the last three. Each file is replaced whole or appended to
line by line, so a crash leaves a readable run. Imports no TensorFlow; `library` finds the folders.
"""

from __future__ import annotations

import contextlib
import platform
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.files.file_names import make_dated_folder, make_empty_folder
from dcgan.files.whole_files import read_model, translate_write_errors, write_json
from dcgan.installation import ROOT, list_included_runs
from dcgan.locking.lock import FolderLock
from dcgan.reports import AnyReport, EpochReport, SampleReport
from dcgan.runs.checkpoints import Checkpoints
from dcgan.runs.history import HISTORY_NAME, History
from dcgan.runs.manifest import (
    FORMAT,
    MANIFEST_NAME,
    STATUS_NAME,
    DatasetInfo,
    ExperimentMark,
    Label,
    Manifest,
    State,
    Status,
    get_current_time,
    list_installed_versions,
    read_manifest,
    write_label,
)
from dcgan.runs.measurement_file import delete_measurement_after
from dcgan.runs.naming.titles import read_titled_label, shorten_title
from dcgan.runs.retention import find_best_checkpoints, list_checkpoints_to_delete
from dcgan.runs.samples import Samples
from dcgan.runs.trials_folder import TRIALS, delete_trials_after


class Run:
    """The folder of one run, as returned by `Run.create` and `open_run`.

    Reading needs no lock and sees whole files only. Writing needs the lock, which one process at
    a time can hold. Methods that write raise `InUseError` if another process has taken the lock
    over, and `DiskWriteError` if the file system refuses.

    Attributes:
        path: The folder.
        config: The run's settings.
        dataset: The data that the run learns from.
        created: ISO 8601 time of its creation.
        parent: Name of the run that it is a branch of, if any.
        versions: Versions of Python and of packages by name, at its creation.
        checkpoints: What training needs to continue, by step.
        history: The reports of training, without their images.
        samples: The images of the reports.
        lock: The lock for writing. Acquire it with `acquire_lock`, and release it after writing.
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
        """Describe a folder without reading it; `versions` are the installed ones by default."""
        self.path = path
        self.config = config
        self.dataset = dataset
        self.created = created
        self.parent = parent
        self.versions = dict(list_installed_versions() if versions is None else versions)
        self.lock = FolderLock(
            path / ".lock",
            advice="If that machine is gone for good, `resume --take-over` continues the run here.",
        )
        self.checkpoints = Checkpoints(path / "checkpoints")
        self.history = History(path / HISTORY_NAME)
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
    ) -> Self:
        """Create a run's folder and acquire its lock.

        Args:
            config: The run's settings.
            dataset: The data. Their fingerprint is saved, so that a resume detects changed data.
            root: Folder of runs; the run gets a name made of the data set and the time.
            path: The run's folder, new or empty; replaces `root`.

        Raises:
            RunError: If the folder is in use or cannot be written; nothing of it is left behind.
        """
        with translate_write_errors(path or root, is_new=True):
            if path is None:
                path = make_dated_folder(root, dataset.name)
            else:
                path = make_empty_folder(path, "give a new folder, or use resume to continue")
        info = DatasetInfo.from_dataset(dataset)
        run = cls(path, config, info, created=get_current_time())
        with run.filling_new_folder():
            run.change_config(config)
            run.write_status("running")
        return run

    @contextlib.contextmanager
    def filling_new_folder(self) -> Iterator[None]:
        """Acquire the lock of a new run's empty folder; `discard` the run if the block fails."""
        try:
            self.acquire_lock()
            with translate_write_errors(self.path):
                for folder in (self.samples.folder, self.checkpoints.folder):
                    folder.mkdir(exist_ok=True)
            yield
        except BaseException:  # Also an interruption.
            self.discard()
            raise

    def discard(self) -> None:
        """Release the lock of an unfinished new run and delete its folder."""
        self.lock.release()
        if not self.lock.is_held():  # Otherwise another process has taken the folder over.
            shutil.rmtree(self.path, ignore_errors=True)

    # Writing.

    @property
    def is_read_only(self) -> bool:
        """Whether this is an included run, which only branches continue."""
        return self.path in [path.resolve() for path in list_included_runs()]

    def acquire_lock(self, *, take_over: bool = False) -> None:
        """Acquire the lock, remove the partial files of a killed writer and reload the settings.

        Args:
            take_over: Whether to take the lock from another machine that a person knows is gone.

        Raises:
            InUseError: If another process or this object holds the lock; names the holder.
            RunError: If this is an included run, or its folder is gone.
        """
        self.check_writable()
        self.check_folder()  # Acquiring the lock would create the folder again.
        with translate_write_errors(self.path), contextlib.ExitStack() as undo:
            self.lock.acquire(take_over=take_over)
            undo.callback(self.lock.release)
            for folder in (self.path, self.samples.folder, self.checkpoints.folder):
                for leftover in folder.glob("*.tmp"):
                    leftover.unlink(missing_ok=True)
            if (self.path / MANIFEST_NAME).exists():  # Another process may have changed it.
                self.config = read_manifest(self.path).config
            undo.pop_all()

    def check_writable(self) -> None:
        """Raise a `RunError` if this is an included run."""
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
        """Read the title and note that a person gave the run; without a title, one is made."""
        return read_titled_label(self.path, self.config, self.dataset)

    def read_title(self) -> str:
        """Read the run's name for people, which is the same on every page."""
        return shorten_title(self.read_label().title)

    def write_label(self, title: str, note: str, experiment: ExperimentMark | None = None) -> None:
        """Write a person's title and note for the run; arguments as in `manifest.write_label`.

        Raises:
            RunError: If this is an included run, its folder is gone, or the file system refuses.
        """
        self.check_writable()
        self.check_folder()
        write_label(self.path, title, note, experiment)

    def read_status(self) -> Status:
        """Read the run's status; "interrupted" if it says running, but no process holds the lock.

        If status.json is missing or damaged, the newest checkpoint gives the step.

        Raises:
            RunError: If the folder is gone.
        """
        status = self._read_last_status()
        if status.state in ("running", "paused") and not self.lock.is_held():
            status = self._read_last_status()  # The run may have ended before the lock was checked.
            if status.state in ("running", "paused"):
                return status.model_copy(update={"state": "interrupted"})
        return status

    def _read_last_status(self) -> Status:
        """Read status.json, or else derive the status from the newest checkpoint."""
        try:
            return read_model(self.path / STATUS_NAME, Status)
        except RunError:
            self.check_folder()
            step = self.checkpoints.find_newest() or 0
            return Status(state="running", step=step, epoch=self._compute_epoch(step))

    def write_status(
        self, state: State, *, step: int = 0, seconds: float = 0.0, message: str = ""
    ) -> None:
        """Write the run's status; arguments as in `Status`."""
        status = Status(
            state=state,
            step=step,
            epoch=self._compute_epoch(step),
            seconds=round(seconds, 3),
            message=message,
            updated=get_current_time(),
            machine=platform.node() if state in ("running", "paused") else "",
        )
        with self.lock.writing():
            write_json(self.path / STATUS_NAME, status.model_dump())

    def _compute_epoch(self, step: int) -> int:
        return self.config.compute_epoch(step, self.dataset.num_images)

    def change_config(self, config: TrainingConfig) -> None:
        """Write new settings, such as the planned length of a continued run."""
        manifest = Manifest(
            format=FORMAT,
            created=self.created,
            parent=self.parent,
            dataset=self.dataset,
            versions=self.versions,
            config=config,
        )
        with self.lock.writing():
            write_json(self.path / MANIFEST_NAME, manifest.model_dump(mode="json"))
        self.config = config

    def write(self, report: AnyReport) -> None:
        """Write a report: its numbers as a line of history, its images as a sample grid."""
        with self.lock.writing():
            if isinstance(report, SampleReport | EpochReport):
                self.samples.write(report)
            if not isinstance(report, SampleReport):
                self.history.append(report)

    def save_checkpoint(self, state: Mapping[str, np.ndarray]) -> None:
        """Write a checkpoint, whole or not at all, then delete those that `retention` drops.

        Args:
            state: Arrays of `DCGAN.get_state()`.

        Raises:
            RunError: If the checkpoint would be too large to be read again.
        """
        with self.lock.writing():
            self.checkpoints.write(state)
            steps = self.checkpoints.list_steps()
            evaluations, num_images = self.history.get_cached_evaluations(), self.dataset.num_images
            best = find_best_checkpoints(evaluations, steps, num_images)
            for old in list_checkpoints_to_delete(steps, self.config, num_images, best):
                self.checkpoints.delete(old)

    def rewind(self, step: int) -> None:
        """Delete everything after a step, so that history and grids match its checkpoint."""
        with self.lock.writing(), self.history.truncating_after(step):
            # The newest checkpoint is deleted first and the history last. So after a crash in
            # between, every checkpoint still has all of its history, and a resume deletes the rest.
            for newer in reversed(self.checkpoints.list_steps()):
                if newer > step:
                    self.checkpoints.delete(newer)
            self.samples.delete_after(step)
            delete_measurement_after(self.path, step)
            delete_trials_after(self.path / TRIALS, step)


def open_run(path: Path) -> Run:
    """Open a run's folder for reading.

    Raises:
        RunError: If the folder is missing, incomplete, damaged or of a newer format.
    """
    try:
        if not path.is_dir():
            raise RunError(f"There is no run {path}; give a run's folder or name.")
        path = path.resolve()
    except OSError as error:
        raise RunError(f"The run {path} cannot be read ({error.strerror}).") from error
    manifest = read_manifest(path)
    return Run(
        path,
        manifest.config,
        manifest.dataset,
        created=manifest.created,
        parent=manifest.parent,
        versions=manifest.versions,
    )

"""Run: one folder on disk, and the shelf of all runs.

    config.json                 settings, versions, data set; written once, changed by a resume
    status.json                 where the run stands
    label.json                  a person's name and note for it
    history.jsonl               a line a report
    samples/epoch-0001.png      the sample grid at each epoch's end
    checkpoints/step-00000938.npz   everything that training needs to go on

Each file is replaced as a whole or appended to line by line, so a death at any moment leaves a
readable run. There is no pickle: arrays are read with `allow_pickle=False`. It imports no
TensorFlow and knows no thread and no screen.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import math
import os
import platform
import shutil
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

import numpy as np
from filelock import FileLock, Timeout
from PIL import Image
from pydantic import BaseModel, Field, ValidationError

from dcgan.config import IMAGE_SIZE, TrainingConfig
from dcgan.datasets import ImageDataset
from dcgan.errors import ConfigError, RunError
from dcgan.imaging import encode_png, tile, untile
from dcgan.reports import AnyReport, EpochReport, SampleReport, StepReport

FORMAT = 1  # Of the folder; raised when an older version could misread a newer run.

ROOT = Path(__file__).resolve().parent.parent / "checkpoints"
SHIPPED = ROOT / "pretrained"  # A run that comes with the program; read-only.

_Model = TypeVar("_Model", bound=BaseModel)

State = Literal["running", "paused", "stopped", "finished", "interrupted", "failed"]

_TRASH = ".trash"
_SAMPLE_GAP = 2
# Sample grids between the ends of epochs: enough for a film, and 10 MB at most.
_MAX_SAMPLES_BETWEEN = 300
# The largest network that the settings allow has about 300 million numbers in its checkpoint.
_MAX_CHECKPOINT_BYTES = 4 * 2**30


class DatasetInfo(BaseModel, frozen=True):
    """Which data a run learns from: name, number of images, SHA-256 of their pixels."""

    name: str
    num_images: Annotated[int, Field(ge=1)]
    fingerprint: str


class Status(BaseModel, frozen=True):
    """Where a run stands.

    Attributes:
        state: `interrupted` is a run that says running or paused while no process holds it.
        step, epoch, seconds: As in `reports.Report`, of the newest checkpoint or later.
        message: Why it failed, or empty.
        updated: ISO 8601 time of the last change.
    """

    state: State
    step: int = 0
    epoch: int = 1
    seconds: float = 0.0
    message: str = ""
    updated: str = ""


class _Label(BaseModel):
    """What label.json holds."""

    title: str = ""
    note: str = ""


class _Manifest(BaseModel):
    """What config.json holds."""

    format: int
    created: str
    parent: str | None
    dataset: DatasetInfo
    versions: dict[str, str]
    config: dict[str, object]


class Run:
    """One run's folder: `create` and `open_run` make them.

    Reading needs no lock and sees whole files only. Writing goes through `lock`, which one
    process at a time can hold.
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
        self._lock = FileLock(path / ".lock", timeout=2, thread_local=False)

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
            RunError: If the folder is in use or cannot be written.
        """
        try:
            if path is None:
                path = _new_folder(root, dataset.name)
            elif path.exists() and (not path.is_dir() or any(path.iterdir())):
                raise RunError(
                    f"{path} is there and not empty; give a new folder, or use resume to go on."
                )
            for folder in (path, path / "samples", path / "checkpoints"):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"cannot make the run's folder: {error}.") from error
        run = cls(
            path.resolve(),
            config,
            DatasetInfo(
                name=dataset.name, num_images=len(dataset), fingerprint=dataset.fingerprint
            ),
            created=_now(),
            parent=parent,
            versions=_versions(),
        )
        run.lock()
        run._write_config()
        run.set_status("running")
        return run

    # Who may write.

    @property
    def is_read_only(self) -> bool:
        """Whether it is the shipped run, which is only ever branched from."""
        return self.path == SHIPPED.resolve()

    def lock(self) -> None:
        """Hold the run for writing until `release`; a dead process's lock does not count.

        Raises:
            RunError: If another process holds it, or it is the shipped run.
        """
        if self.is_read_only:
            raise RunError(f"{self.name} comes with the program; continue it as a branch.")
        try:
            self._lock.acquire()
        except Timeout:
            raise RunError(
                f"{self.name} is being written by another process; stop that one first."
            ) from None
        except OSError as error:
            raise RunError(f"cannot write to {self.path}: {error}.") from error
        for leftover in self.path.rglob("*.tmp"):  # Of a process that died while writing.
            leftover.unlink(missing_ok=True)

    def release(self) -> None:
        """Let other processes write."""
        self._lock.release()

    def is_held(self) -> bool:
        """Whether some process, this one included, holds the run for writing."""
        if self._lock.is_locked:
            return True
        probe = FileLock(self.path / ".lock", timeout=0)
        try:
            with probe:
                return False
        except Timeout:
            return True
        except OSError:  # A read-only disk: nobody writes there.
            return False

    # What it is.

    @property
    def name(self) -> str:
        """The folder's name, by which the command line finds it."""
        return self.path.name

    @property
    def title(self) -> str:
        """A person's name for it, or the folder's."""
        return self._label().title or self.name

    @property
    def note(self) -> str:
        """A person's note, or empty."""
        return self._label().note

    def set_label(self, title: str, note: str) -> None:
        """Keep a person's name (at most 80 characters) and note (at most 2,000)."""
        title, note = " ".join(title.split())[:80], note.strip()[:2000]
        write_json(self.path / "label.json", {"title": title, "note": note})

    def _label(self) -> _Label:
        try:
            return _read_model(self.path / "label.json", _Label)
        except RunError:  # None was ever given, or it is damaged: the folder's name will do.
            return _Label()

    @property
    def status(self) -> Status:
        """Where it stands now, read from disk.

        Raises:
            RunError: If the file is missing or damaged.
        """
        status = _read_model(self.path / "status.json", Status)
        if status.state in ("running", "paused") and not self.is_held():
            return status.model_copy(update={"state": "interrupted"})
        return status

    def set_status(
        self,
        state: State,
        *,
        step: int = 0,
        epoch: int = 1,
        seconds: float = 0.0,
        message: str = "",
    ) -> None:
        """Write down where it stands."""
        status = Status(
            state=state,
            step=step,
            epoch=epoch,
            seconds=round(seconds, 3),
            message=message,
            updated=_now(),
        )
        write_json(self.path / "status.json", status.model_dump())

    def change_config(self, config: TrainingConfig) -> None:
        """Replace its settings, such as the planned length on a resume."""
        self.config = config
        self._write_config()

    def _write_config(self) -> None:
        manifest = _Manifest(
            format=FORMAT,
            created=self.created,
            parent=self.parent,
            dataset=self.dataset,
            versions=self.versions,
            config=self.config.model_dump(mode="json"),
        )
        write_json(self.path / "config.json", manifest.model_dump())

    # History and pictures.

    def write(self, report: AnyReport) -> None:
        """Keep a report: its numbers as a line of history, its pictures as a PNG."""
        if isinstance(report, SampleReport | EpochReport):
            self._write_samples(report)
        if isinstance(report, StepReport | EpochReport):
            kind = "step" if isinstance(report, StepReport) else "epoch"
            numbers = {key: _short(v) for key, v in vars(report).items() if key != "pixels"}
            line = {"kind": kind} | numbers
            with (self.path / "history.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def history(self) -> list[dict[str, float]]:
        """Return the step reports' numbers, oldest first; a damaged line is passed over."""
        return [line for kind, line in self._history_lines() if kind == "step"]

    def _history_lines(self) -> Iterator[tuple[str, dict[str, float]]]:
        try:
            with (self.path / "history.jsonl").open(encoding="utf-8", errors="replace") as file:
                for text in file:
                    try:
                        line = json.loads(text)
                        kind = line.pop("kind")
                        yield str(kind), {key: float(value) for key, value in line.items()}
                    except (ValueError, TypeError, KeyError, AttributeError):
                        continue  # The line that a death cut short, or damage.
        except FileNotFoundError:
            return

    def sample_steps(self) -> list[int]:
        """Return the steps whose sample grid is kept, ascending: each epoch's end and between."""
        return sorted(_numbers(self.path / "samples", "step-", ".png"))

    def sample_pixels(self, step: int) -> np.ndarray:
        """Return a step's pictures of the fixed z, uint8 (num_samples, height, width, 1).

        Raises:
            RunError: If the picture is missing or damaged.
        """
        rows, columns = _sample_shape(self.config.num_samples)
        try:
            with Image.open(self._sample_path(step)) as image:
                picture = np.asarray(image.convert("L"))
            pixels = untile(picture, rows, columns, gap=_SAMPLE_GAP, tile_size=IMAGE_SIZE)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise RunError(f"{self.name}: the picture of step {step} is damaged.") from error
        return pixels[: self.config.num_samples, :, :, np.newaxis]

    def _write_samples(self, report: SampleReport | EpochReport) -> None:
        rows, columns = _sample_shape(len(report.pixels))
        config = self.config
        recipe = {
            "kind": "samples",
            "run": self.name,
            "step": report.step,
            "epoch": report.epoch,
            "seed": config.seed,
            "z": f"sample_latent({config.seed}, {config.num_samples}, {config.latent_dim})",
        }
        png = encode_png(tile(report.pixels, rows, columns, gap=_SAMPLE_GAP), recipe)
        _replace(self._sample_path(report.step), png)
        per_epoch = config.steps_per_epoch(self.dataset.num_images)
        between = [step for step in self.sample_steps() if step % per_epoch]
        if len(between) > _MAX_SAMPLES_BETWEEN:
            for step in between[1::2]:  # Half of them, so the film stays evenly spaced.
                self._sample_path(step).unlink(missing_ok=True)

    def _sample_path(self, step: int) -> Path:
        return self.path / "samples" / f"step-{step:08d}.png"

    # Checkpoints.

    def checkpoints(self) -> list[int]:
        """Return the steps that can be resumed, ascending."""
        return sorted(_numbers(self.path / "checkpoints", "step-", ".npz"))

    def save_checkpoint(self, state: Mapping[str, np.ndarray]) -> None:
        """Write `DCGAN.get_state()` whole or not at all, then let old ones go by the rule."""
        step = int(state["step"])
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **{"format": np.array(FORMAT), **state})
        _replace(self._checkpoint_path(step), buffer.getbuffer())
        for old in checkpoints_to_drop(self.checkpoints(), self.config, self.dataset.num_images):
            self._checkpoint_path(old).unlink(missing_ok=True)

    def load_checkpoint(self, step: int | None = None) -> dict[str, np.ndarray]:
        """Read a state for `DCGAN.set_state`.

        Args:
            step: One of `checkpoints()`; None for the newest that can be read.

        Raises:
            RunError: If there is none, or it is damaged or from a newer format.
        """
        steps = self.checkpoints()
        if not steps:
            raise RunError(f"{self.name} has no checkpoint yet.")
        if step is not None:
            if step not in steps:
                known = ", ".join(map(str, steps))
                raise RunError(f"{self.name} has no checkpoint of step {step}; it has {known}.")
            return self._read_checkpoint(step)
        for candidate in reversed(steps):
            try:
                return self._read_checkpoint(candidate)
            except RunError:
                if candidate == steps[0]:
                    raise
        raise AssertionError("unreachable: the loop returns or raises at the oldest one")

    def _read_checkpoint(self, step: int) -> dict[str, np.ndarray]:
        path = self._checkpoint_path(step)
        damaged = f"{self.name}: the checkpoint of step {step} is damaged; use an older one."
        try:
            with zipfile.ZipFile(path) as archive:
                size = sum(member.file_size for member in archive.infolist())
            if size > _MAX_CHECKPOINT_BYTES:
                raise RunError(damaged)
            with np.load(path, allow_pickle=False) as arrays:
                state = {name: arrays[name] for name in arrays.files}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
            raise RunError(damaged) from error
        found = int(state.pop("format", np.array(0)))
        if found > FORMAT:
            raise RunError(
                f"{self.name}: the checkpoint has format {found}; this program reads up to "
                f"{FORMAT}, so update it."
            )
        return state

    def _checkpoint_path(self, step: int) -> Path:
        return self.path / "checkpoints" / f"step-{step:08d}.npz"

    def rewind(self, step: int) -> None:
        """Forget what came after a step, so that history and pictures agree with its checkpoint."""
        kept = [
            json.dumps({"kind": kind} | line)
            for kind, line in self._history_lines()
            if line.get("step", math.inf) <= step
        ]
        _replace(self.path / "history.jsonl", "".join(line + "\n" for line in kept).encode())
        for later in self.sample_steps():
            if later > step:
                self._sample_path(later).unlink(missing_ok=True)
        for newer in self.checkpoints():
            if newer > step:
                self._checkpoint_path(newer).unlink(missing_ok=True)

    def branch(self, root: Path = ROOT, step: int | None = None) -> Run:
        """Start a new run from one of this run's checkpoints, held for writing.

        Args:
            root: Where to put it.
            step: The checkpoint; None for the newest.
        """
        state = self.load_checkpoint(step)
        path = _new_folder(root, self.name)
        for folder in ("samples", "checkpoints"):
            (path / folder).mkdir(exist_ok=True)
        branch = Run(
            path, self.config, self.dataset, created=_now(), parent=self.name, versions=_versions()
        )
        branch.lock()
        if (self.path / "history.jsonl").exists():
            shutil.copyfile(self.path / "history.jsonl", path / "history.jsonl")
        for sample_step in self.sample_steps():
            source = self._sample_path(sample_step)
            shutil.copyfile(source, path / "samples" / source.name)
        branch.save_checkpoint(state)
        branch._write_config()
        branch.rewind(int(state["step"]))
        branch.set_status("stopped", step=int(state["step"]), seconds=float(state["seconds"]))
        return branch


def open_run(path: Path) -> Run:
    """Open a run's folder for reading.

    Raises:
        RunError: If it is missing, incomplete, damaged or from a newer format.
    """
    if not path.is_dir():
        raise RunError(f"there is no run {path}.")
    manifest = _read_model(path / "config.json", _Manifest)
    if manifest.format > FORMAT:
        raise RunError(
            f"{path.name} has format {manifest.format}; this program reads up to {FORMAT}, "
            "so update it."
        )
    try:
        config = TrainingConfig.create(**manifest.config)
    except ConfigError as error:
        raise RunError(f"{path.name}: config.json is damaged ({error})") from None
    run = Run(
        path.resolve(),
        config,
        manifest.dataset,
        created=manifest.created,
        parent=manifest.parent,
        versions=manifest.versions,
    )
    run.status  # noqa: B018 - reading it is the check
    return run


# The shelf.


def list_runs(root: Path = ROOT) -> tuple[list[Run], list[str]]:
    """Return the runs under a root, newest first and the shipped one last, and what is broken.

    Returns:
        The runs, and a sentence for each folder that looks like a run but cannot be read.
    """
    runs, problems = [], []
    folders = [p for p in root.iterdir() if p.is_dir()] if root.is_dir() else []
    for path in folders:
        if path.name.startswith(".") or path.resolve() == SHIPPED.resolve():
            continue
        if not any((path / part).exists() for part in ("config.json", "checkpoints")):
            continue  # A folder of something else.
        try:
            runs.append(open_run(path))
        except RunError as error:
            problems.append(str(error))
    runs.sort(key=lambda run: (run.created, run.name), reverse=True)
    if SHIPPED.is_dir():
        runs.append(open_run(SHIPPED))
    return runs, sorted(problems)


def find_run(name: str, root: Path = ROOT) -> Run:
    """Find a run by its folder or by its name under the root.

    Raises:
        RunError: If there is none; names those that are there.
    """
    if not name:
        raise RunError("the run's name is empty.")
    for path in (Path(name), root / name, SHIPPED.parent / name):
        if (path / "config.json").is_file():
            return open_run(path)
    for path in (Path(name), root / name):
        if path.is_dir():
            return open_run(path)  # Which says what it lacks.
    known = ", ".join(run.name for run in list_runs(root)[0][:8])
    raise RunError(f"there is no run {name!r}; there are: {known or 'none yet'}.")


def delete_run(run: Run) -> Path:
    """Move a run into the root's trash; `restore_run` takes it back.

    Returns:
        Its folder in the trash.

    Raises:
        RunError: If it is being trained or is the shipped one.
    """
    run.lock()
    run.release()
    trash = run.path.parent / _TRASH
    trash.mkdir(exist_ok=True)
    target = free_name(trash / run.name)
    run.path.rename(target)
    return target


def restore_run(trashed: Path) -> Run:
    """Take a run back out of the trash."""
    target = free_name(trashed.parent.parent / trashed.name)
    trashed.rename(target)
    return open_run(target)


def empty_trash(root: Path = ROOT, *, older_than_days: float = 7.0) -> None:
    """Remove what has lain in the trash for longer than some days."""
    trash = root / _TRASH
    for path in list(trash.iterdir()) if trash.is_dir() else []:
        # A rename leaves the folder's own times, but marks its change time.
        if time.time() - path.stat().st_ctime > older_than_days * 86_400:
            shutil.rmtree(path)


def checkpoints_to_drop(steps: Iterable[int], config: TrainingConfig, num_images: int) -> list[int]:
    """Return the checkpoints that the rule lets go.

    Kept are the newest `keep_checkpoints` and the ends of epochs 1, 2, 4, 8, …, so that the
    disk is bounded and the run's first steps can still be revisited.
    """
    steps = sorted(steps)
    per_epoch = math.ceil(num_images / (config.batch_size * config.discriminator_steps))
    return [step for step in steps[: -config.keep_checkpoints] if not is_milestone(step, per_epoch)]


def is_milestone(step: int, per_epoch: int) -> bool:
    """Whether a step ends epoch 1, 2, 4, 8, …"""
    epoch, rest = divmod(step, per_epoch)
    return rest == 0 and epoch > 0 and epoch & (epoch - 1) == 0


# Files.


def safe_name(name: str) -> str:
    """Map any text to a short folder name of letters, digits and hyphens."""
    slug = "".join(c if c.isalnum() and c.isascii() else "-" for c in name.lower()).strip("-")
    return slug[:60] or "run"


def _new_folder(root: Path, name: str) -> Path:
    stem = f"{safe_name(name)}-{datetime.now():%Y%m%d-%H%M%S}"
    root.mkdir(parents=True, exist_ok=True)
    path = free_name(root / stem)
    path.mkdir()
    return path.resolve()


def free_name(path: Path) -> Path:
    """Return the path, or the first of path-2, path-3, … that is not taken."""
    number, candidate = 2, path
    while candidate.exists():
        candidate = path.with_name(f"{path.name}-{number}")
        number += 1
    return candidate


def _numbers(folder: Path, prefix: str, suffix: str) -> Iterator[int]:
    for path in folder.glob(f"{prefix}*{suffix}"):
        digits = path.name.removeprefix(prefix).removesuffix(suffix)
        if digits.isdecimal() and digits.isascii():
            yield int(digits)


def _sample_shape(num_samples: int) -> tuple[int, int]:
    """Return rows and columns of the grid that is kept on disk: nearly square."""
    columns = math.ceil(math.sqrt(num_samples))
    return math.ceil(num_samples / columns), columns


def _read_model(path: Path, kind: type[_Model]) -> _Model:
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise RunError(f"{path.parent.name} is not a whole run: {path.name} is missing.") from None
    except (OSError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise RunError(f"{path.parent.name}: {path.name} is damaged ({reason}).") from None


def write_json(path: Path, data: Mapping[str, object]) -> None:
    """Write a JSON file whole or not at all."""
    _replace(path, (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode())


def _replace(path: Path, data: bytes | memoryview) -> None:
    """Write a file so that, whatever happens, either the old or the new one is there."""
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _short(value: float | int) -> float | int:
    """Six digits are more than a chart or a reader can use, and a third of the disk."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


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

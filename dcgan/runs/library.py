"""Library of runs: all runs under a root folder, and the included ones.

Owns listing and finding runs, and the trash. `run_folder` owns the inside of a run's folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

from dcgan import installation
from dcgan.errors import InUseError, RunError
from dcgan.files.file_names import find_free_path, is_text
from dcgan.files.whole_files import translate_write_errors
from dcgan.installation import ROOT
from dcgan.locking.lock import is_in_training
from dcgan.runs.manifest import MANIFEST_NAME
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.trials_folder import TRIALS

TRASH = ".trash"  # Under the root.
_TRASH_DAYS = 7.0
IMPORT_PREFIX = ".import-"  # The name of an unfinished import's folder begins with it.


def list_runs(root: Path = ROOT) -> tuple[list[Run], list[str]]:
    """List the runs under a root, newest first; then the included ones, with classes first.

    Returns:
        The runs, and a sentence for each folder that looks like a run but cannot be read. Names are
        unique: a run with the name of an included one replaces it, as in `find_run`.
    """
    problems = []
    try:
        folders = list(root.iterdir()) if root.is_dir() else []
    except OSError as error:
        folders = []
        problems.append(f"{root} cannot be read ({error.strerror}); check its permissions.")
    included = [path for path in reversed(installation.list_included_runs()) if path.is_dir()]
    runs = []
    candidates = [(path, False) for path in folders] + [(path, True) for path in included]
    for path, is_included in candidates:
        try:
            if not is_text(path.name):  # No page and no terminal can show it.
                if _looks_like_run(path):
                    problems.append(_describe_unreadable_name(path))
            elif is_included or _looks_like_run(path):
                runs.append(open_run(path))
        except RunError as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(f"{path.name} cannot be read ({error.strerror}).")
    own = [run for run in runs if not run.is_read_only]
    own.sort(key=lambda run: (run.created, run.name), reverse=True)
    names = {run.name for run in own}
    own += [run for run in runs if run.is_read_only and run.name not in names]
    return own, sorted(problems)


def _describe_unreadable_name(path: Path) -> str:
    name = os.fsencode(path.name).decode(errors="replace")
    return f"{name} is left out: the name of this folder is not valid UTF-8. Rename the folder."


def find_number_writing_run(root: Path = ROOT) -> Run | None:
    """Return a run with a checkpoint that learned all ten digits as classes, if any.

    It is an included run if there is one, as a person's own run may have been short, or the newest.
    """
    runs, _ = list_runs(root)
    suitable_runs = filter(can_write_numbers, sorted(runs, key=lambda run: not run.is_read_only))
    return next((run for run in suitable_runs if run.checkpoints.list_steps()), None)


def can_write_numbers(run: Run) -> bool:
    """Return whether a run learns or has learned all ten digits as classes."""
    return set(map(str, range(10))) <= set(run.config.class_names)


def _looks_like_run(path: Path) -> bool:
    if (
        path.name.startswith(".")
        or not path.is_dir()
        or path.resolve() in [folder.resolve() for folder in installation.list_included_runs()]
    ):
        return False
    return any((path / part).exists() for part in (MANIFEST_NAME, "checkpoints"))


def find_run(name_or_path: str, root: Path = ROOT) -> Run:
    """Find a run by its folder or by its name under the root, or an included one by its name.

    Raises:
        RunError: If there is no such run, or it cannot be read. The message names some that exist.
    """
    if not name_or_path:
        raise RunError("The run's name is empty; give a run's folder or name.")
    candidates = [Path(name_or_path)]
    is_name = Path(name_or_path).name == name_or_path
    if is_name:  # A path under the root could lead out of it.
        candidates += [
            root / name_or_path,
            *(path for path in installation.list_included_runs() if path.name == name_or_path),
        ]
    try:
        folders = [path for path in candidates if path.is_dir()]
        whole = [path for path in folders if (path / MANIFEST_NAME).is_file()]
    except OSError as error:  # The name is too long or not allowed.
        message = f"Cannot look for the run {name_or_path[:120]!r}: {error.strerror}."
        raise RunError(message) from None
    for path in (*whole, *folders):
        return open_run(path)  # Raises an error that names what is missing.
    existing = ", ".join(run.name for run in list_runs(root)[0][:8])
    place = f" in {root}" if is_name else ""
    raise RunError(f"There is no run {name_or_path!r}{place}; there are: {existing or 'none yet'}.")


def delete_run(run: Run) -> Path:
    """Move a run into the trash under the root; `restore_run` undoes it.

    Returns:
        Path of its folder in the trash.

    Raises:
        RunError: If the run or a trial of its remedies is in training, here or on another machine,
            or the run is an included one.
    """
    trials = run.path / TRIALS
    if any(is_in_training(folder) for folder in (trials, *trials.glob("*/"))):
        raise InUseError(f"{run.name}: remedies of this run are being tried; stop that first.")
    trash = run.path.parent / TRASH
    with translate_write_errors(trash):
        trash.mkdir(exist_ok=True)
        target = find_free_path(trash / run.name)
        run.acquire_lock()
        try:
            run.lock.move_folder(target)
        finally:
            run.lock.release()
        os.utime(target)  # The time of deletion, for `empty_trash`.
    return target


def restore_run(trashed: Path) -> Run:
    """Move a run out of the trash.

    Args:
        trashed: Path that `delete_run` returned.

    Raises:
        RunError: If the folder is no longer there, or the file system refuses.
    """
    target = find_free_path(
        trashed.parent.parent / trashed.name,
        reserved=[path.name for path in installation.list_included_runs()],
    )
    with translate_write_errors(target):
        if not trashed.is_dir():
            raise RunError(f"{trashed.name} is no longer in the trash, so it cannot be restored.")
        trashed.rename(target)
    return open_run(target)


def list_deleted_runs(root: Path = ROOT) -> list[Path]:
    """Return the folders in the trash; none if it cannot be read."""
    try:
        return sorted((root / TRASH).iterdir())
    except OSError:
        return []


def empty_trash(root: Path = ROOT, *, older_than_days: float = _TRASH_DAYS) -> None:
    """Delete old folders in the trash, and unfinished imports that are older than a week.

    Folders that cannot be deleted stay for the next call.
    """
    max_ages = [(path, older_than_days) for path in list_deleted_runs(root)]
    with contextlib.suppress(OSError):
        max_ages += [(path, _TRASH_DAYS) for path in root.glob(f"{IMPORT_PREFIX}*")]
    for path, days in max_ages:
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime >= days * 86_400:
                shutil.rmtree(path, ignore_errors=True)

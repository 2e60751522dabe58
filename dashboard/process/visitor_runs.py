"""The runs of a public demo's visitors: a hidden folder for each visitor under the root.

The folder's name comes from the visitor's id, so it also tells whose run it is. Imports no
Streamlit.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dcgan.runs.library import TRASH, list_runs
from dcgan.runs.run_folder import Run

VISITORS = ".visitors"  # Under the root; lists of runs leave out hidden folders.


def get_visitor_folder(root: Path, visitor: str) -> Path:
    """Return the folder of a visitor's runs, which need not exist.

    Args:
        root: The folder of the server's runs.
        visitor: Id of the visitor.
    """
    return root / VISITORS / _name_folder(visitor)


def _name_folder(visitor: str) -> str:
    # A hash, as paths may appear in messages and the id is a secret.
    return hashlib.sha256(visitor.encode()).hexdigest()[:24]


def list_visitor_folders(root: Path) -> list[Path]:
    """Return the folders of all visitors; none on a server that is no demo."""
    return list((root / VISITORS).glob("*"))


def is_visitors_own(visitor: str, path: Path) -> bool:
    """Return whether the folder of a run, or of a deleted run, belongs to a visitor."""
    parent = path.resolve().parent
    folder = parent.parent if parent.name == TRASH else parent
    return (folder.parent.name, folder.name) == (VISITORS, _name_folder(visitor))


def list_visible_runs(root: Path, visitor: str) -> tuple[list[Run], list[str]]:
    """List the visitor's own runs, newest first, then the public ones; as `library.list_runs`."""
    public, problems = list_runs(root)
    own = list_runs(get_visitor_folder(root, visitor))[0]
    return [*(run for run in own if not run.is_read_only), *public], problems


def delete_old_runs(
    root: Path, before: float, max_kept: int, max_kept_each: int, training: Path | None
) -> None:
    """Delete visitors' runs, also deleted ones that can still be restored.

    Args:
        root: The folder of the server's runs.
        before: Unix time; runs that began before it are deleted.
        max_kept: Number of runs to keep, the newest.
        max_kept_each: The same for the runs of one visitor.
        training: The folder of the run in training, which is kept in any case.
    """
    num_kept: Counter[str] = Counter()
    for began, visitor, folder in sorted(_list_run_folders(root), reverse=True):
        is_old = began < before
        is_too_many = num_kept.total() >= max_kept or num_kept[visitor] >= max_kept_each
        if folder != training and (is_old or is_too_many):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            num_kept[visitor] += 1
    for own in list_visitor_folders(root):
        for empty in (own / TRASH, own):
            # A run may be about to begin in a new one. `rmdir` leaves those with content.
            with contextlib.suppress(OSError):
                if empty.stat().st_mtime < before:
                    empty.rmdir()


def _list_run_folders(root: Path) -> Iterator[tuple[float, str, Path]]:
    """Yield the time at which each run began, the name of its visitor's folder, and its own."""
    for visitor in list_visitor_folders(root):
        for pattern in (f"{TRASH}/*", "*"):
            for folder in visitor.glob(pattern):
                if folder.name != TRASH:
                    yield _read_start(folder), visitor.name, folder.resolve()


def _read_start(folder: Path) -> float:
    """Return the Unix time at which a run began; what a visitor can change has no influence."""
    for path in (folder / "config.json", folder):
        with contextlib.suppress(OSError):
            return path.stat().st_mtime
    return 0.0

"""The runs of a public demo's visitors: a hidden folder for each visitor under the root.

The name of the folder is a hash of the visitor's id, so it also identifies the owner of a run.
Imports no Streamlit.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dcgan.runs.library import TRASH, list_runs
from dcgan.runs.manifest import MANIFEST_NAME
from dcgan.runs.run_folder import Run

VISITORS = ".visitors"  # Under the root. Lists of runs leave out hidden folders.


def get_visitor_folder(root: Path, visitor: str) -> Path:
    """Return the folder of a visitor's runs, which need not exist.

    Args:
        root: The folder of the server's runs.
        visitor: Id of the visitor.
    """
    return root / VISITORS / _name_folder(visitor)


def _name_folder(visitor: str) -> str:
    # A hash, because the id is a secret and paths may appear in messages.
    return hashlib.sha256(visitor.encode()).hexdigest()[:24]


def list_visitor_folders(root: Path) -> list[Path]:
    """Return the folders of all visitors; empty on a server that is no demo."""
    return list((root / VISITORS).glob("*"))


def belongs_to_visitor(run_path: Path, visitor: str) -> bool:
    """Return whether the folder of a run, or of a deleted run, belongs to a visitor."""
    parent = run_path.resolve().parent
    folder = parent.parent if parent.name == TRASH else parent
    return (folder.parent.name, folder.name) == (VISITORS, _name_folder(visitor))


def list_visible_runs(root: Path, visitor: str) -> tuple[list[Run], list[str]]:
    """List the runs that a visitor may see.

    Returns:
        The visitor's own runs, newest first, then the public runs; and the problems that
        `library.list_runs` found.
    """
    public, problems = list_runs(root)
    own = list_runs(get_visitor_folder(root, visitor))[0]
    return [*(run for run in own if not run.is_read_only), *public], problems


def delete_old_runs(
    root: Path,
    before: float,
    max_kept: int,
    max_kept_per_visitor: int,
    run_in_training: Path | None,
) -> None:
    """Delete the old runs of visitors for good, including runs in the trash.

    Args:
        root: The folder of the server's runs.
        before: Unix time; runs that began before it are deleted.
        max_kept: Largest number of runs to keep; the oldest are deleted.
        max_kept_per_visitor: Largest number of runs to keep of one visitor.
        run_in_training: The folder of the run in training, which is not deleted.
    """
    num_kept: Counter[str] = Counter()
    for began, visitor, folder in sorted(_list_run_folders(root), reverse=True):
        is_old = began < before
        is_too_many = num_kept.total() >= max_kept or num_kept[visitor] >= max_kept_per_visitor
        if folder != run_in_training and (is_old or is_too_many):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            num_kept[visitor] += 1
    for visitor_folder in list_visitor_folders(root):
        for folder in (visitor_folder / TRASH, visitor_folder):
            # A new folder stays, because a run may begin in it at any moment. `rmdir` fails if the
            # folder has content.
            with contextlib.suppress(OSError):
                if folder.stat().st_mtime < before:
                    folder.rmdir()


def _list_run_folders(root: Path) -> Iterator[tuple[float, str, Path]]:
    """Yield the Unix time at which each run began, its visitor folder's name, and its folder."""
    for visitor_folder in list_visitor_folders(root):
        for pattern in (f"{TRASH}/*", "*"):
            for folder in visitor_folder.glob(pattern):
                if folder.name != TRASH:
                    yield _read_start(folder), visitor_folder.name, folder.resolve()


def _read_start(folder: Path) -> float:
    """Return the Unix time at which a run began, from a file that visitors cannot change."""
    for path in (folder / MANIFEST_NAME, folder):
        with contextlib.suppress(OSError):
            return path.stat().st_mtime
    return 0.0

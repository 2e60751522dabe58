"""Search of a folder of runs for those in training. Imports no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboard.process.file_cache import MISSING, FileStamp, read_stamp
from dcgan.errors import RunError
from dcgan.runs.manifest import STATUS_NAME
from dcgan.runs.run_folder import Run, open_run


@dataclass(frozen=True, eq=False)
class _Folder:
    """A folder under the root at the last search.

    Attributes:
        stamp: Stamp of its status.json.
        run: The run in it; None if there is none, or it is damaged.
        is_active: Whether the run was in training or paused.
    """

    stamp: FileStamp
    run: Run | None
    is_active: bool


class ActiveRuns:
    """The runs in training or paused under a root, by this or another process."""

    def __init__(self, root: Path) -> None:
        """Store the root, which need not exist yet."""
        self._root = root
        self._folders: dict[Path, _Folder] = {}

    def search(self) -> tuple[list[Run], str]:
        """Return the active runs, and an error message, "" if the root can be read.

        A run that has ended and has not changed since the last search costs one `stat`.
        """
        problem = ""
        try:
            paths = [path for path in self._root.iterdir() if not path.name.startswith(".")]
        except FileNotFoundError:
            paths = []
        except OSError as error:
            paths = list(self._folders)
            problem = (
                f"The folder of the runs cannot be read ({error.strerror or error}). The server "
                "tries again."
            )
        self._folders = {path: _read_folder(path, self._folders.get(path)) for path in paths}
        folders = self._folders.values()
        return [
            folder.run for folder in folders if folder.run is not None and folder.is_active
        ], problem


def _read_folder(path: Path, previous: _Folder | None) -> _Folder:
    stamp = MISSING
    try:
        stamp = read_stamp(path / STATUS_NAME)
        if stamp == MISSING:
            return _Folder(stamp, None, is_active=False)
        if previous is None or previous.stamp != stamp:
            run = open_run(path)
        elif previous.run is None or not previous.is_active:
            return previous
        else:  # Read the status again: the run's process may have ended without writing one.
            run = previous.run
        return _Folder(stamp, run, is_active=run.read_status().state in ("running", "paused"))
    except RunError:  # Damaged: the Runs page reports it.
        return _Folder(stamp, None, is_active=False)
    except OSError:  # A followed run reports that the disk cannot be read.
        return previous or _Folder(MISSING, None, is_active=False)

"""Search for the runs in training under a root. Imports no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboard.process.file_cache import MISSING, FileStamp, read_stamp
from dcgan.errors import RunError
from dcgan.files.file_names import is_text
from dcgan.runs.manifest import STATUS_NAME
from dcgan.runs.run_folder import Run, open_run


@dataclass(frozen=True, eq=False)
class _Folder:
    """A folder under the root, as the last search found it.

    Attributes:
        stamp: Stamp of the folder's status.json.
        run: The run in the folder; None if there is none, or it is damaged.
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
        """Search the root.

        A run that has ended and has not changed since the last search costs one `stat`.

        Returns:
            The active runs, and an error message; the message is "" if the root can be read.
        """
        problem = ""
        try:
            paths = [
                path
                for path in self._root.iterdir()
                if not path.name.startswith(".") and is_text(path.name)
            ]
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
        else:  # The status is read again: a killed process does not change it.
            run = previous.run
        return _Folder(stamp, run, is_active=run.read_status().state in ("running", "paused"))
    except RunError:  # Damaged: the Runs page reports it.
        return _Folder(stamp, None, is_active=False)
    except OSError:  # `FollowedRun` reports that the disk cannot be read.
        return previous or _Folder(MISSING, None, is_active=False)

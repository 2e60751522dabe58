"""A run as one ZIP file: out for the shelf of another machine, and in again.

What comes in is hostile until proven otherwise: only a run's own file names are taken, never a
path; sizes are bounded before and while reading; the result is opened and its checkpoint loaded
in a hidden folder before it appears on the shelf.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import stat
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, BinaryIO

from dcgan.config_text import hide_dataset_path, is_hidden_path
from dcgan.data.picture_files import ARCHIVE_ERRORS
from dcgan.errors import RunError
from dcgan.export.tables import history_csv
from dcgan.files import find_free_path, format_step_name, slugify, translate_write_errors
from dcgan.runs import run_folder
from dcgan.runs.checkpoints import pack_checkpoint
from dcgan.runs.library import IMPORTING, list_runs
from dcgan.runs.pins import MAX_FILE_BYTES, PINS_FILE
from dcgan.runs.run_folder import ROOT, Run, open_run

# A run's own files; everything else in a ZIP is left alone.
_MEMBER = re.compile(
    r"([^/\\]+/)?"  # The folder that people zip along.
    r"(config\.json|label\.json|pins\.json|history\.jsonl"
    r"|samples/step-[0-9]{8,12}\.png|checkpoints/step-[0-9]{8,12}\.npz)"
)
_MAX_BYTES = 2 * 2**30  # Of all files together; the classic preset's newest checkpoint is 40 MB.
# Read into memory whole; ours are some kilobytes. A week of training is 0.5 GB of history.
_MAX_FILE_BYTES = {
    "config.json": 2**20,
    "label.json": 2**20,
    PINS_FILE: MAX_FILE_BYTES,
    "history.jsonl": 2**30,
}
_MAX_MEMBERS = 200_000  # A grid for each of the most epochs that a run can have, and some between.
_MAX_TABLE_BYTES = 2**25  # The ZIP's table of contents for that many; it is read in one go.
_COPY_BYTES = 1 << 20


def export_run(run: Run) -> bytes:
    """Pack a run: settings, history (JSON lines and CSV), pins, grids and the newest checkpoint.

    Args:
        run: May be in training: what goes away meanwhile is left out.

    Returns:
        The bytes of a ZIP that `import_run` takes, also on another machine.

    Raises:
        RunError: If it cannot be read, or has no checkpoint yet.
    """
    run.check_folder()
    buffer = io.BytesIO()
    top = slugify(run.name)  # A name that is no folder's on another system would not come back.
    # The newest that is good, packed from memory: the next save may take its file away.
    state = run.checkpoints.load()
    step = int(state["step"])
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, *, is_packed: bool = False) -> None:
            # PNG is compressed already, and weights hardly shrink.
            how = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            with contextlib.suppress(FileNotFoundError):
                archive.writestr(f"{top}/{name}", (run.path / name).read_bytes(), how)

        try:
            archive.writestr(
                f"{top}/checkpoints/{format_step_name(step, '.npz')}",
                pack_checkpoint(state),
                zipfile.ZIP_STORED,
            )
            archive.writestr(f"{top}/config.json", _shareable_manifest(run))
            for name in ("label.json", PINS_FILE, "history.jsonl"):
                put(name)
            archive.writestr(f"{top}/history.csv", history_csv(run))
            for sample_step in run.samples.list_steps():
                put(f"samples/{format_step_name(sample_step, '.png')}", is_packed=True)
        except OSError as error:
            raise RunError(f"{run.name} cannot be packed: {error}.") from error
    return buffer.getvalue()


def import_run(file: BinaryIO, root: Path = ROOT, *, room: int | None = None) -> Run:
    """Unpack a ZIP of `export_run` as a new run on the shelf.

    Args:
        file: The ZIP, seekable.
        root: The shelf.
        room: How many bytes it may take there; None for as many as any run.

    Returns:
        The run, under the name of its folder in the ZIP or a free one like it. It stands at its
        newest good checkpoint, finished if what was planned is done there and stopped if not;
        what a run in training had noted after it is forgotten. Own pictures, whose path a ZIP does
        not tell, are looked for where another run on the shelf has the same.

    Raises:
        RunError: If it is not a ZIP of a run, is too large, or cannot be resumed. Nothing is
            left behind then.
    """
    try:
        archive = zipfile.ZipFile(_Bounded(file))
    except ARCHIVE_ERRORS as error:
        raise RunError(
            f"This is not a readable ZIP file ({error}); choose one that was saved here."
        ) from None
    with archive:
        name, members = _choose(archive)
        num_bytes = sum(info.file_size for info in members.values())
        if room is not None and num_bytes > room:
            raise RunError(
                f"This run takes {num_bytes / 10**6:,.0f} MB, and there is room for "
                f"{room / 10**6:,.0f} MB: delete other runs first, or import a slim copy of it."
            )
        with translate_write_errors(root):
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=IMPORTING, dir=root) as hidden:
                folder = Path(hidden) / name
                _unpack(archive, members, folder)
                run = open_run(folder)
                state = run.checkpoints.load()
                step, seconds = int(state["step"]), float(state["seconds"])
                run.rewind(step)
                is_done = run.config.is_done(step, seconds, run.dataset.num_images)
                run.write_status("finished" if is_done else "stopped", step=step, seconds=seconds)
                _find_pictures(run, root)
                target = find_free_path(root / name, reserved=(run_folder.SHIPPED.name,))
                folder.rename(target)
    return open_run(target)


def _shareable_manifest(run: Run) -> bytes:
    """Return config.json without the path of own pictures."""
    manifest = json.loads((run.path / "config.json").read_bytes())
    manifest["config"]["dataset"] = hide_dataset_path(run.config).dataset
    return json.dumps(manifest, indent=2).encode()


def _find_pictures(run: Run, root: Path) -> None:
    """Note where an imported run's own pictures are, if another run on the shelf has the same."""
    if is_hidden_path(run.config.dataset):
        for other in list_runs(root)[0]:
            is_same = other.dataset.fingerprint == run.dataset.fingerprint
            if is_same and not is_hidden_path(other.config.dataset):
                run.change_config(run.config.replace(dataset=other.config.dataset))
                return


def _choose(archive: zipfile.ZipFile) -> tuple[str, Mapping[str, zipfile.ZipInfo]]:
    """Pick a run's files out of a ZIP by their names; return the run's name and these files."""
    matches = [(info, _MEMBER.fullmatch(info.filename)) for info in archive.infolist()]
    wanted = [(info, match[1] or "", match[2]) for info, match in matches if match]
    members = {name: info for info, _, name in wanted}
    tops = {top for _, top, _ in wanted}
    if "config.json" not in members:
        raise RunError(
            "This ZIP holds no run: there is no config.json in it; choose one that was saved here."
        )
    if len(members) < len(wanted) or len(tops) > 1:
        raise RunError("This ZIP holds more than one run, or a file twice; pack one run alone.")
    is_too_large = sum(info.file_size for info in members.values()) > _MAX_BYTES or any(
        name in members and members[name].file_size > most for name, most in _MAX_FILE_BYTES.items()
    )
    if is_too_large or len(members) > _MAX_MEMBERS:
        raise RunError(
            f"This ZIP is too large for a run: {_MAX_BYTES // 2**30} GiB and "
            f"{_MAX_MEMBERS:,} files are the most."
        )
    for info in members.values():
        if info.flag_bits & 1:
            raise RunError("This ZIP is encrypted; pack it again without a password.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RunError("This ZIP is compressed in an unusual way; pack it again as plain ZIP.")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise RunError("This ZIP holds links instead of files; pack the files themselves.")
    return slugify(tops.pop() or "imported"), members


def _unpack(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], folder: Path) -> None:
    """Write chosen files; `zipfile` gives no more of one than the size that was bounded."""
    for path in (folder, folder / "samples", folder / "checkpoints"):
        path.mkdir()
    for name, info in members.items():
        with (folder / name).open("wb") as target:
            try:
                source = archive.open(info)
            except ARCHIVE_ERRORS as error:
                raise _damaged(name, error) from None
            with source:
                while block := _read(source, name):
                    target.write(block)


def _read(source: IO[bytes], name: str) -> bytes:
    try:
        return source.read(_COPY_BYTES)
    except ARCHIVE_ERRORS as error:
        raise _damaged(name, error) from None


def _damaged(name: str, error: Exception) -> RunError:
    return RunError(f"This ZIP is damaged at {name} ({error}); download or copy it again.")


class _Bounded:
    """A file that refuses to be read in very large pieces.

    `zipfile` reads a ZIP's whole table of contents at once and makes an object for each entry;
    a file of nothing but entries would take many times its size in memory.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, or refuse if the answer would be too long."""
        data = self._file.read(
            _MAX_TABLE_BYTES + 1 if size < 0 else min(size, _MAX_TABLE_BYTES + 1)
        )
        if len(data) > _MAX_TABLE_BYTES:
            raise zipfile.BadZipFile("it holds too many files")
        return data

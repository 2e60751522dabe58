"""Runs as ZIP files: export, and import into another library of runs.

An imported file is untrusted. Only files with the names of a run's files are unpacked, to fixed
paths. Sizes are checked before and while reading. The run is opened and its checkpoint is loaded in
a hidden folder before it appears in the library.
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

from dcgan import installation
from dcgan.config.config_text import hide_dataset_path, is_hidden_path
from dcgan.errors import RunError
from dcgan.export.tables import make_history_csv
from dcgan.files.file_names import find_free_path, format_step_name, slugify
from dcgan.files.whole_files import translate_write_errors
from dcgan.files.zip_files import ARCHIVE_ERRORS, has_usual_compression, is_encrypted, open_zip
from dcgan.installation import ROOT
from dcgan.runs.checkpoints import pack_checkpoint
from dcgan.runs.copying import is_finished
from dcgan.runs.history import HISTORY_NAME
from dcgan.runs.library import IMPORT_PREFIX, list_runs
from dcgan.runs.manifest import LABEL_NAME, MANIFEST_NAME, State
from dcgan.runs.pins import MAX_FILE_BYTES, PINS_FILE
from dcgan.runs.run_folder import Run, open_run

# The files of a run; everything else in a ZIP is ignored.
_MEMBER = re.compile(
    r"([^/\\]+/)?"  # The run's folder, if it is in the ZIP.
    r"(config\.json|label\.json|pins\.json|history\.jsonl"
    r"|samples/step-[0-9]{8,12}\.png|checkpoints/step-[0-9]{8,12}\.npz)"
)
_MAX_BYTES = 2 * 2**30  # Of all files; the classic preset's newest checkpoint has 40 MB.
# Largest sizes of files that are read into memory. Usually they have kilobytes; the history of a
# training of a week has 0.5 GB.
_MAX_FILE_BYTES = {
    MANIFEST_NAME: 2**20,
    LABEL_NAME: 2**20,
    PINS_FILE: MAX_FILE_BYTES,
    HISTORY_NAME: 2**30,
}
_MAX_MEMBERS = 200_000  # Two grids for each of the 100,000 epochs that a run may have.
_MAX_TABLE_BYTES = 2**25  # Of a ZIP's table of contents with that many files.
_COPY_BYTES = 1 << 20


def export_run(run: Run) -> bytes:
    """Pack a run: settings, history (JSON lines and CSV), pins, grids and the newest checkpoint.

    Args:
        run: The run; it may be in training. Files that are deleted meanwhile are left out.

    Returns:
        The bytes of a ZIP for `import_run`, also on another machine.

    Raises:
        RunError: If the run cannot be read, or has no checkpoint yet.
    """
    run.check_folder()
    buffer = io.BytesIO()
    folder_name = slugify(run.name)  # Valid on every system.
    # Packed from memory, because the next save may delete the file.
    state = run.checkpoints.load()
    step = int(state["step"])
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:

        def add_file(name: str, *, is_compressed: bool = False) -> None:
            method = zipfile.ZIP_STORED if is_compressed else zipfile.ZIP_DEFLATED
            with contextlib.suppress(FileNotFoundError):
                archive.writestr(f"{folder_name}/{name}", (run.path / name).read_bytes(), method)

        try:
            archive.writestr(
                f"{folder_name}/checkpoints/{format_step_name(step, '.npz')}",
                pack_checkpoint(state),
                zipfile.ZIP_STORED,  # Weights hardly shrink.
            )
            archive.writestr(f"{folder_name}/{MANIFEST_NAME}", _make_shareable_manifest(run))
            for name in (LABEL_NAME, PINS_FILE, HISTORY_NAME):
                add_file(name)
            archive.writestr(f"{folder_name}/history.csv", make_history_csv(run))
            for sample_step in run.samples.list_steps():
                add_file(f"samples/{format_step_name(sample_step, '.png')}", is_compressed=True)
        except OSError as error:
            raise RunError(f"{run.name} cannot be packed: {error}.") from error
    return buffer.getvalue()


def import_run(file: BinaryIO, root: Path = ROOT, *, max_bytes: int | None = None) -> Run:
    """Unpack a ZIP of `export_run` as a new run in the library.

    Args:
        file: The ZIP, seekable.
        root: The folder of the library.
        max_bytes: Largest size of the unpacked run in bytes; None for the general limit.

    Returns:
        The run, with the name of its folder in the ZIP or a similar free name. It is rewound to
        its newest undamaged checkpoint. Its state is "finished" if the run ended by itself
        at that step, otherwise "stopped". A ZIP does not contain the path of own pictures; if
        another run of the library has the same pictures, their path is set.

    Raises:
        RunError: If the file is not a ZIP of a run, is too large or cannot be resumed, or if the
            library has this run at the same step already. In these cases nothing is written.
    """
    try:
        archive = open_zip(file, _MAX_TABLE_BYTES)
    except ARCHIVE_ERRORS as error:
        raise RunError(
            f"This is not a readable ZIP file ({error}); choose one that Download ZIP has made."
        ) from None
    with archive:
        name, members = _select_members(archive)
        num_bytes = sum(info.file_size for info in members.values())
        if max_bytes is not None and num_bytes > max_bytes:
            raise RunError(
                f"This run takes {num_bytes / 10**6:,.0f} MB, but only {max_bytes / 10**6:,.0f} "
                "MB are left: delete other runs first, or import a slim copy."
            )
        with translate_write_errors(root):
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=IMPORT_PREFIX, dir=root) as hidden:
                folder = Path(hidden) / name
                _unpack(archive, members, folder)
                run = open_run(folder)
                checkpoint = run.checkpoints.load()
                step, seconds = int(checkpoint["step"]), float(checkpoint["seconds"])
                run.rewind(step)
                _refuse_duplicate(run, step, root)
                state: State = "finished" if is_finished(run, step, seconds) else "stopped"
                run.write_status(state, step=step, seconds=seconds)
                _restore_dataset_path(run, root)
                reserved = [path.name for path in installation.list_included_runs()]
                target = find_free_path(root / name, reserved=reserved)
                folder.rename(target)
    return open_run(target)


def _refuse_duplicate(run: Run, step: int, root: Path) -> None:
    """Raise a `RunError` if the library has this run with the same newest checkpoint."""
    for other in list_runs(root)[0]:
        is_same = (other.created, other.config.seed) == (run.created, run.config.seed)
        if is_same and other.checkpoints.find_newest() == step:
            raise RunError(f"This run is here already: {other.read_title()}.")


def _make_shareable_manifest(run: Run) -> bytes:
    """Return config.json without the path of the user's pictures."""
    manifest = json.loads((run.path / MANIFEST_NAME).read_bytes())
    manifest["config"]["dataset"] = hide_dataset_path(run.config).dataset
    return json.dumps(manifest, indent=2).encode()


def _restore_dataset_path(run: Run, root: Path) -> None:
    """Set the path of the user's pictures, if another run of the library has the same pictures."""
    if is_hidden_path(run.config.dataset):
        for other in list_runs(root)[0]:
            is_same = other.dataset.fingerprint == run.dataset.fingerprint
            if is_same and not is_hidden_path(other.config.dataset):
                run.change_config(run.config.replace(dataset=other.config.dataset))
                return


def _select_members(archive: zipfile.ZipFile) -> tuple[str, Mapping[str, zipfile.ZipInfo]]:
    """Select the files of a run by their names; return the run's name and the files."""
    matches = [(info, _MEMBER.fullmatch(info.filename)) for info in archive.infolist()]
    matching = [(info, match[1] or "", match[2]) for info, match in matches if match]
    members = {name: info for info, _, name in matching}
    folder_names = {folder_name for _, folder_name, _ in matching}
    if MANIFEST_NAME not in members:
        raise RunError(
            f"This ZIP holds no run: there is no {MANIFEST_NAME} in it; choose one that was saved "
            "here."
        )
    if len(members) < len(matching) or len(folder_names) > 1:
        raise RunError("This ZIP holds more than one run, or a file twice; pack one run alone.")
    is_too_large = sum(info.file_size for info in members.values()) > _MAX_BYTES or any(
        name in members and members[name].file_size > limit
        for name, limit in _MAX_FILE_BYTES.items()
    )
    if is_too_large or len(members) > _MAX_MEMBERS:
        raise RunError(
            f"This ZIP is too large for a run: {_MAX_BYTES // 2**30} GiB and "
            f"{_MAX_MEMBERS:,} files are the most."
        )
    for info in members.values():
        if is_encrypted(info):
            raise RunError("This ZIP is encrypted; pack it again without a password.")
        if not has_usual_compression(info):
            raise RunError("This ZIP is compressed in an unusual way; pack it again as plain ZIP.")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise RunError("This ZIP holds links instead of files; pack the files themselves.")
    return slugify(folder_names.pop() or "imported"), members


def _unpack(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], folder: Path) -> None:
    """Write the files of a run; `zipfile` unpacks no more of each than its checked size."""
    for path in (folder, folder / "samples", folder / "checkpoints"):
        path.mkdir()
    for name, info in members.items():
        with (folder / name).open("wb") as target:
            try:
                source = archive.open(info)
            except ARCHIVE_ERRORS as error:
                raise _make_damage_error(name, error) from None
            with source:
                while block := _read_block(source, name):
                    target.write(block)


def _read_block(source: IO[bytes], member_name: str) -> bytes:
    try:
        return source.read(_COPY_BYTES)
    except ARCHIVE_ERRORS as error:
        raise _make_damage_error(member_name, error) from None


def _make_damage_error(member_name: str, error: Exception) -> RunError:
    return RunError(f"This ZIP is damaged at {member_name} ({error}); download or copy it again.")

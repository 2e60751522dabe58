"""A run as one ZIP file: out for the shelf of another machine, and in again.

What comes in is hostile until proven otherwise: only a run's own file names are taken, never a
path; sizes are bounded before and while reading; the result is opened and its checkpoint loaded
in a hidden folder before it appears on the shelf.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import BinaryIO

from dcgan.errors import RunError
from dcgan.runs import ROOT, Run, free_name, open_run, safe_name, write_json

# A run's own files; everything else in a ZIP is left alone.
_MEMBER = re.compile(
    r"(?:[^/\\]+/)?"  # The folder that people zip along.
    r"(config\.json|label\.json|history\.jsonl"
    r"|samples/step-\d{8,12}\.png|checkpoints/step-\d{8,12}\.npz)"
)
_MAX_BYTES = 2 * 2**30  # Of all files together; the classic preset's newest checkpoint is 40 MB.
_MAX_MEMBERS = 200_000  # A grid for each of the most epochs that a run can have, and some between.
_COPY_BYTES = 1 << 20


def export_run(run: Run) -> bytes:
    """Pack a run: settings, history (JSON lines and CSV), grids and the newest checkpoint.

    Returns:
        The bytes of a ZIP that `import_run` takes, also on another machine.
    """
    buffer = io.BytesIO()
    steps = run.checkpoints()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, *, is_packed: bool = False) -> None:
            path = run.path / name
            if path.is_file():
                # PNG is compressed already, and weights hardly shrink.
                how = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
                archive.writestr(f"{run.name}/{name}", path.read_bytes(), how)

        for name in ("config.json", "label.json", "history.jsonl"):
            put(name)
        archive.writestr(f"{run.name}/history.csv", history_csv(run))
        for step in run.sample_steps():
            put(f"samples/step-{step:08d}.png", is_packed=True)
        for step in steps[-1:]:
            put(f"checkpoints/step-{step:08d}.npz", is_packed=True)
    return buffer.getvalue()


def history_csv(run: Run) -> str:
    """Return the step reports as CSV with a header line."""
    lines = run.history()
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]) if lines else ["step"], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def import_run(file: BinaryIO, root: Path = ROOT) -> Run:
    """Unpack a ZIP of `export_run` as a new run on the shelf.

    Args:
        file: The ZIP, seekable.
        root: The shelf.

    Returns:
        The run, under the name of its folder in the ZIP or a free one like it.

    Raises:
        RunError: If it is not a ZIP of a run, is too large, or cannot be resumed. Nothing is
            left behind then.
    """
    root.mkdir(parents=True, exist_ok=True)
    hidden = Path(tempfile.mkdtemp(prefix=".import-", dir=root))
    try:
        try:
            with zipfile.ZipFile(file) as archive:
                name = _unpack(archive, hidden)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
            raise RunError(f"this is not a readable ZIP file ({error}).") from None
        write_json(hidden / "status.json", {"state": "stopped"})
        run = open_run(hidden)
        state = run.load_checkpoint()
        run.set_status("stopped", step=int(state["step"]), seconds=float(state["seconds"]))
        target = free_name(root / name)
        hidden.rename(target)
        return open_run(target)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _unpack(archive: zipfile.ZipFile, folder: Path) -> str:
    """Write the ZIP's run files into a folder; return the name that the ZIP gives the run."""
    members = [(info, _MEMBER.fullmatch(info.filename)) for info in archive.infolist()]
    wanted = [(info, match[1]) for info, match in members if match]
    if "config.json" not in {name for _, name in wanted}:
        raise RunError("this ZIP holds no run: there is no config.json in it.")
    left = _MAX_BYTES
    if len(wanted) > _MAX_MEMBERS or sum(info.file_size for info, _ in wanted) > left:
        raise RunError(
            f"this ZIP is too large for a run: {_MAX_BYTES // 2**30} GiB and "
            f"{_MAX_MEMBERS:,} files are the most."
        )
    for name in ("samples", "checkpoints"):
        (folder / name).mkdir()
    for info, name in wanted:
        if info.flag_bits & 1:
            raise RunError("this ZIP is encrypted; pack it again without a password.")
        with archive.open(info) as source, (folder / name).open("wb") as target:
            while block := source.read(_COPY_BYTES):  # What is declared may be a lie.
                left -= len(block)
                if left < 0:
                    raise RunError("this ZIP unpacks to more than it declares; it is left alone.")
                target.write(block)
    top = next(info.filename for info, name in wanted if name == "config.json")
    return safe_name(top.removesuffix("config.json").strip("/") or "imported")

"""Standard streams whose reader has closed them, or whose encoding lacks characters."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dcgan.errors import DiskWriteError
from dcgan.standard_streams import escape_unencodable_text, tolerate_closed_readers


def test_printing_to_a_closed_pipe_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    source, sink = os.pipe()
    os.close(source)
    with pytest.raises(BrokenPipeError):
        os.write(sink, b"nobody reads this")
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, os.fdopen(sink, "w", closefd=False))
    tolerate_closed_readers()
    for stream in (sys.stdout, sys.stderr):
        for _ in range(3):
            print("x" * 100_000, file=stream, flush=True)
    os.close(sink)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has a file that is full.")
def test_a_full_disk_drops_progress_but_fails_results(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        Path("/dev/full").open("w", encoding="utf-8") as out,
        Path("/dev/full").open("w", encoding="utf-8") as errors,
    ):
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", errors)
        tolerate_closed_readers()
        print("progress", file=sys.stderr, flush=True)  # noqa: T201
        with pytest.raises(
            DiskWriteError, match="to standard output: No space left on device; free"
        ):
            print("a result", flush=True)  # noqa: T201
        sys.stdout.flush()  # As Python does when it ends.
        monkeypatch.undo()


def test_a_stream_with_a_reader_keeps_its_encoding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "out").open("w", encoding="latin-1", errors="replace") as out:
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", None)  # Closed when the process began.
        tolerate_closed_readers()
        print("é, ж", flush=True)  # noqa: T201
        assert sys.stderr is None
        monkeypatch.setattr(sys, "stdout", io.StringIO())
        tolerate_closed_readers()
        assert isinstance(sys.stdout, io.StringIO)
    assert (tmp_path / "out").read_bytes() == b"\xe9, ?\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "cp1252", "koi8-r"])
def test_characters_that_the_encoding_lacks_are_escaped(encoding: str) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding)
    escape_unencodable_text(stream)
    print("Fréchet – 0.002 → 0.001", file=stream, flush=True)
    text = written.getvalue().decode(encoding)
    assert text.startswith("Fr")
    assert text.rstrip().endswith(("\\u2192 0.001", "→ 0.001"))


def test_a_folder_name_with_undecodable_bytes_is_printed_unchanged() -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="utf-8")
    escape_unencodable_text(stream)
    print(os.fsdecode(b"runs/caf\xe9"), file=stream, flush=True)
    assert written.getvalue().rstrip() == b"runs/caf\xe9"


def test_no_file_gets_the_descriptor_of_a_closed_stream(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.close(1); os.close(2)\n"
        "from dcgan.standard_streams import reopen_closed_streams\n"
        "reopen_closed_streams()\n"
        "sys.exit(open(sys.argv[1], 'wb').fileno())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "checkpoint")]
    assert subprocess.run(command, cwd=Path(__file__).parents[2], check=False).returncode > 2

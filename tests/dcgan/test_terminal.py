"""Standard output under narrow encodings."""

from __future__ import annotations

import io
import os

import pytest

from dcgan.terminal import accept_any_text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "cp1252", "koi8-r"])
def test_text_that_an_encoding_lacks_is_escaped(encoding: str) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding)
    accept_any_text(stream)
    print("Fréchet – 0.002 → 0.001", file=stream, flush=True)
    text = written.getvalue().decode(encoding)
    assert text.startswith("Fr")
    assert text.rstrip().endswith(("\\u2192 0.001", "→ 0.001"))


def test_a_folders_name_comes_out_as_its_own_bytes() -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="utf-8")
    accept_any_text(stream)
    print(os.fsdecode(b"runs/caf\xe9"), file=stream, flush=True)
    assert written.getvalue().rstrip() == b"runs/caf\xe9"

"""States, sample reports and contents of folders for the tests of runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dcgan.reports import SampleReport


def make_state(step: int) -> dict[str, np.ndarray]:
    """Make a state with one weight of each generator, which differs from step to step."""
    weights = np.random.default_rng(step).standard_normal((6, 5)).astype(np.float32)
    return {
        "generator/00/kernel": weights,
        "ema_generator/00/kernel": weights + 1,
        "step": np.array(step, np.int64),
        "seconds": np.array(step / 8, np.float64),
    }


def sample_report(step: int, num: int = 6) -> SampleReport:
    """Make a report of `num` random pictures, which differ from step to step."""
    pixels = np.random.default_rng(step).integers(0, 256, (num, 28, 28, 1), dtype=np.uint8)
    return SampleReport(step, 1, step / 8, pixels)


def read_files(path: Path) -> dict[str, bytes]:
    """Return the content of each file below a folder, except the files of locks."""
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file() and not file.name.endswith((".lock", ".holder"))
    }

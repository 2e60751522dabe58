"""A killed process: the resumed run is exact. `tests/nightly` kills a hundred runs."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from dcgan.data.datasets import ImageDataset
from dcgan.runs.run_folder import Run, open_run
from tests.command_line import TINY_OPTIONS
from tests.forked_python import start_python
from tests.skips import needs_signals

TIMEOUT = 120.0  # Seconds; only a failure takes that long.
# Of 4,000 pictures a tenth is held out; the others in batches of 16: long enough to be cut short.
STEPS_PER_EPOCH = 225
OPTIONS = (
    *TINY_OPTIONS,
    "--generator-units=8",
    "--discriminator-units=6",
    "--dropout=0.2",  # Its random numbers are part of the state.
    "--evaluate-every=0",  # An evaluation changes nothing in the state, and takes four seconds.
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, tiny_dataset: ImageDataset) -> str:
    path = tmp_path_factory.mktemp("pictures") / "spots.npz"
    np.savez(path, images=np.tile(tiny_dataset.pixels, (20, 1, 1, 1)))
    return str(path)


def start_dcgan(*arguments: str) -> subprocess.Popen[str]:
    """Start a command of `python -m dcgan`."""
    return start_python("-m", "dcgan", *arguments, stdout=subprocess.DEVNULL)


def wait_for_success(process: subprocess.Popen[str]) -> None:
    """Wait for the end of a process, and fail if its exit code is not 0."""
    errors = process.communicate(timeout=300)[1]
    assert process.returncode == 0, errors


def wait_for_history(run: Path, process: subprocess.Popen[str], more_than: int) -> None:
    """Wait until history has more than `more_than` bytes; it grows with each chunk."""
    history, began = run / "history.jsonl", time.monotonic()
    while not history.exists() or history.stat().st_size <= more_than:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() - began < TIMEOUT
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.002)  # Leaves the core to that process.


# Fields of a history line that depend on the clock.
CLOCKS = {"seconds", "images_per_second"}


def read_history_without_clocks(run: Run) -> list[dict[str, object]]:
    """Return the lines of a run's history without the fields that depend on the clock."""
    lines = (run.path / "history.jsonl").read_text().splitlines()
    return [
        {name: value for name, value in json.loads(line).items() if name not in CLOCKS}
        for line in lines
    ]


@needs_signals
def test_a_deterministic_run_stopped_killed_and_resumed_has_the_bits_of_one_that_never_stopped(
    pictures: str, tmp_path: Path
) -> None:
    arguments = ["train", "--deterministic", "--dataset", pictures, "--epochs=2", *OPTIONS]
    never_stopped = start_dcgan(*arguments, "--run-dir", str(tmp_path / "whole"))

    parts = tmp_path / "parts"
    process = start_dcgan(*arguments, "--checkpoint-seconds=1", "--run-dir", str(parts))
    wait_for_history(parts, process, 0)
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 130, errors
    stopped_at = open_run(parts).read_status().step
    assert 0 < stopped_at < 2 * STEPS_PER_EPOCH
    assert stopped_at % STEPS_PER_EPOCH % 10 == 0  # Deterministic runs end their chunks there.

    process = start_dcgan("resume", "--deterministic", str(parts))
    wait_for_history(parts, process, (parts / "history.jsonl").stat().st_size)
    process.kill()
    process.communicate(timeout=60)
    assert open_run(parts).read_status().state == "interrupted"
    wait_for_success(start_dcgan("resume", "--deterministic", str(parts)))
    wait_for_success(never_stopped)

    whole, resumed = open_run(tmp_path / "whole"), open_run(parts)
    expected, state = whole.checkpoints.load(), resumed.checkpoints.load()
    assert int(state["step"]) == 2 * STEPS_PER_EPOCH
    assert state.keys() == expected.keys()
    for name in state.keys() - {"seconds"}:
        np.testing.assert_array_equal(state[name], expected[name], err_msg=name)
    assert read_history_without_clocks(resumed) == read_history_without_clocks(whole)
    np.testing.assert_array_equal(
        resumed.samples.read(2 * STEPS_PER_EPOCH), whole.samples.read(2 * STEPS_PER_EPOCH)
    )

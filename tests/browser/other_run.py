"""A process that writes a run like a training, but without networks: `other_run.py FOLDER`.

Tests start it to have a run of another process that pages follow. It starts within a second and
hardly uses the processor. On SIGTERM it saves and stops, as a training does.
"""

from __future__ import annotations

import itertools
import signal
import sys
import threading
from pathlib import Path

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import load_dataset
from dcgan.reports import SampleReport
from dcgan.runs.run_folder import Run
from tests.reports import step_report

_STEPS_PER_REPORT = 10
_SECONDS_PER_REPORT = 0.5


def main(folder: Path) -> None:
    """Write reports, sample grids and checkpoints until SIGTERM."""
    is_stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: is_stopped.set())
    config = TrainingConfig.create(max_seconds=900, epochs=None)
    dataset = load_dataset("mnist")
    run = Run.create(config, dataset, path=folder)
    run.write_status("running", step=0)
    for step in itertools.count(_STEPS_PER_REPORT, _STEPS_PER_REPORT):
        run.write(step_report(step, num_steps=_STEPS_PER_REPORT))
        seconds = 0.1 * step
        first = step % 1_000  # Each grid has other pictures than the one before.
        pixels = dataset.pixels[first : first + config.num_samples]
        run.write(SampleReport(step, 1, seconds, pixels))
        run.save_checkpoint({"step": np.array(step), "seconds": np.array(seconds)})
        run.write_status("running", step=step)
        if is_stopped.wait(_SECONDS_PER_REPORT):
            run.write_status("stopped", step=step)
            run.lock.release()
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))

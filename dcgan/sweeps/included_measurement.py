"""The measurement that an included run comes with, so that it can be compared with races' runs.

`python -m dcgan.sweeps.included_measurement` writes the files again, in a minute, after an included
run was replaced.
"""

from __future__ import annotations

from pathlib import Path

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.installation import list_included_runs
from dcgan.runs.checkpoint_generator import evaluate_run
from dcgan.runs.measurement_file import MEASUREMENT_NAME
from dcgan.runs.run_folder import open_run


def write_measurement(folder: Path) -> None:
    """Measure a run's newest generator with as many images as a race, and write the result."""
    run = open_run(folder)
    step, evaluation, real = evaluate_run(run)
    speeds = [report.images_per_second for report in run.history.read_steps()]
    measurement = RunMeasurement.from_evaluation(step, speeds, evaluation, real)
    text = measurement.model_dump_json(indent=2)
    (folder / MEASUREMENT_NAME).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    for included in list_included_runs():
        write_measurement(included)

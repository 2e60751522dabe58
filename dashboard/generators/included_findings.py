"""Findings of the included generators, which come with their runs.

A survey takes 5 to 12 s after the start of the server. Without these files the sliders of Explore
would have no names at first. Imports no Streamlit.

`python -m dashboard.generators.included_findings` writes the files again, in some minutes, after an
included run was replaced.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dashboard.generators.generator_source import GeneratorSource
from dashboard.process import tf_runtime
from dashboard.snapshots.snapshot import make_read_only
from dcgan import installation
from dcgan.files.zip_files import ARCHIVE_ERRORS
from dcgan.runs.run_folder import open_run

if TYPE_CHECKING:
    from dashboard.generators.findings_cache import Findings
    from dcgan.latent.directions import Direction

_FILE = "findings.npz"  # In the folder of the run.


@dataclass(frozen=True, eq=False)
class IncludedFindings:
    """The part of a generator's findings that its run comes with.

    Attributes:
        named: The named directions.
        clearest: A clear, typical sample of each digit, by the digit: its index in the survey's z.
    """

    named: tuple[Direction, ...]
    clearest: dict[int, int]


def get_included_findings(source: GeneratorSource) -> IncludedFindings | None:
    """Return the findings that come with the generator's run; None for other runs and steps."""
    return _list_included_findings(source).get(source.class_id)


def list_clearest_z(source: GeneratorSource) -> dict[int, np.ndarray]:
    """Return the z of a clear sample of each digit, shape (latent_dim,), by the digit.

    If the run learned the digits as classes, all classes are searched, not only the class that the
    source draws. Empty if the generator does not belong to an included run.
    """
    findings_by_class = _list_included_findings(source)
    if not findings_by_class:
        return {}
    from dcgan.latent.survey import sample_survey_latent

    z = sample_survey_latent(source.latent_dim)
    return {
        digit: z[index]
        for findings in findings_by_class.values()
        for digit, index in findings.clearest.items()
    }


def _list_included_findings(source: GeneratorSource) -> dict[int | None, IncludedFindings]:
    """Return the findings that come with the generator's run, by the class that it draws."""
    run = source.run
    if not run.is_read_only or source.trainer is not None:
        return {}
    step = run.checkpoints.find_newest() if source.step is None else source.step
    return {
        class_id: findings
        for (found_step, class_id), findings in read_findings(run.path / _FILE).items()
        if found_step == step
    }


@lru_cache(maxsize=4)
def read_findings(path: Path) -> dict[tuple[int | None, int | None], IncludedFindings]:
    """Read a file of findings, by step and class; empty if there is none or it cannot be read."""
    tf_runtime.prepare()
    from dcgan.latent.directions import Direction

    found: dict[tuple[int | None, int | None], IncludedFindings] = {}
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            step = int(arrays["step"])
            for name in (key for key in arrays.files if key.endswith("/names")):
                prefix = name.removesuffix("names")
                vectors, tests = arrays[prefix + "vectors"], arrays[prefix + "tests"]
                make_read_only([vectors])
                named = (
                    Direction(str(label), vector, float(correlation), float(rising))
                    for label, vector, (correlation, rising) in zip(
                        arrays[name], vectors, tests, strict=True
                    )
                )
                clearest = {
                    digit: int(index)
                    for digit, index in enumerate(arrays[prefix + "clearest"])
                    if index >= 0
                }
                class_id = int(prefix.rstrip("/"))
                key = step, None if class_id < 0 else class_id
                found[key] = IncludedFindings(tuple(named), clearest)
    except ARCHIVE_ERRORS:
        return {}  # The survey finds them in some seconds.
    return found


def write_findings(folder: Path) -> None:
    """Survey each class of a run's newest generator, and write the findings to its folder."""
    from dashboard.generators.findings_cache import ensure_complete_findings

    run = open_run(folder)
    step = run.checkpoints.find_newest()
    all_classes = GeneratorSource(run, step)
    class_ids = range(run.config.num_classes)
    sources = [replace(all_classes, class_id=class_id) for class_id in class_ids] or [all_classes]
    arrays: dict[str, np.ndarray] = {"step": np.array(step)}
    for source in sources:
        arrays |= _pack_findings(source, ensure_complete_findings(source))
    np.savez_compressed(folder / _FILE, allow_pickle=False, **arrays)


def _pack_findings(source: GeneratorSource, findings: Findings) -> dict[str, np.ndarray]:
    named = findings.named
    clearest = np.full(10, -1)
    for digit in source.digits if source.digit is None else [source.digit]:
        index = findings.survey.find_typical(digit)
        if index is not None:
            clearest[digit] = index
    prefix = -1 if source.class_id is None else source.class_id
    return {
        f"{prefix}/names": np.array([direction.name for direction in named]),
        f"{prefix}/vectors": np.array([direction.vector for direction in named], np.float32),
        f"{prefix}/tests": np.array(
            [(direction.correlation, direction.share_rising) for direction in named]
        ),
        f"{prefix}/clearest": clearest,
    }


if __name__ == "__main__":
    for included in installation.list_included_runs():
        write_findings(included)

"""Findings and measurements that come with the included runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard.generators import included_findings
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.included_findings import get_included_findings, list_clearest_z
from dashboard.run_facts.raced_runs import find_measurement
from dashboard.state.trainer import Trainer
from dcgan.installation import list_included_runs
from dcgan.latent.digit_shapes import measure_shapes
from dcgan.latent.sampling import sample_latent
from dcgan.model.sampler import Sampler
from dcgan.runs.run_folder import Run, open_run

PATHS = list_included_runs()


def list_sources(path: Path) -> list[GeneratorSource]:
    """Return the generators that Explore can show of an included run."""
    all_classes = GeneratorSource(open_run(path), None)
    class_ids = range(all_classes.run.config.num_classes)
    return [replace(all_classes, class_id=class_id) for class_id in class_ids] or [all_classes]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_each_included_generator_has_named_directions_and_a_clear_example_of_its_digits(
    path: Path,
) -> None:
    for source in list_sources(path):
        known = get_included_findings(source)
        assert known is not None
        assert {"Slant", "Thickness"} <= {direction.name for direction in known.named}
        for direction in known.named:
            assert direction.vector.shape == (source.latent_dim,)
            assert np.linalg.norm(direction.vector) == pytest.approx(1, abs=1e-5)
        assert set(known.clearest) == set(source.digits if source.digit is None else [source.digit])
        examples = list_clearest_z(source)
        assert set(examples) == set(range(10))  # Of all classes, whichever class it draws.
        assert {z.shape for z in examples.values()} == {(source.latent_dim,)}


def test_the_stored_directions_fit_the_included_weights(included_sampler: Sampler) -> None:
    (source,) = list_sources(PATHS[0])
    known = get_included_findings(source)
    assert known is not None
    (slant,) = [direction for direction in known.named if direction.name == "Slant"]
    z = sample_latent(5, 40, source.latent_dim)
    left, right = (
        measure_shapes(included_sampler.generate(z + end * slant.vector)).slant for end in (-2, 2)
    )
    assert (right > left).mean() > 0.9


def test_other_runs_and_older_steps_have_none(run: Run, trainer: Trainer) -> None:
    source = list_sources(PATHS[0])[0]
    assert get_included_findings(replace(source, run=run)) is None
    assert list_clearest_z(replace(source, step=1)) == {}
    assert get_included_findings(replace(source, step=1)) is None
    assert get_included_findings(replace(source, trainer=trainer)) is None


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04 cut"])
def test_a_missing_or_damaged_file_is_no_error(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / f"{hash(content)}.npz"
    if content is not None:
        path.write_bytes(content)
    assert included_findings.read_findings(path) == {}


def test_every_included_run_is_measured_at_its_last_step() -> None:
    for folder in PATHS:
        run = open_run(folder)
        measurement = find_measurement(run, {})
        assert measurement is not None, folder
        assert measurement.step == run.history.read_steps()[-1].step
        assert measurement.num_images == 10_000
        assert measurement.distance < 3 * measurement.real_metrics["frechet_distance"]

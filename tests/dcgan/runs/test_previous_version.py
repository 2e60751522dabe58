"""A run of the previous version opens, resumes and generates the same images."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from dcgan.config.config_text import format_setting
from dcgan.documents.html_report import make_html_report
from dcgan.export.archive import export_run, import_run
from dcgan.images.png_recipe import read_recipe
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.recording.recorder import record
from dcgan.recording.start import continue_run
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.library import list_runs
from dcgan.runs.pins import get_pins_path, read_pins
from dcgan.runs.run_folder import Run, open_run

FIXTURES = Path(__file__).parents[2] / "fixtures" / "previous_version"

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a copy of the run in its own library."""
    path = tmp_path / "library" / "finished-run"
    shutil.copytree(FIXTURES / "finished-run", path)
    return open_run(path)


def test_settings_status_and_label_of_an_old_run_are_read(run: Run) -> None:
    found, problems = list_runs(run.path.parent)
    assert ([listed.name for listed in found], problems) == (["finished-run"], [])
    assert (run.config.latent_dim, run.config.generator_filters) == (4, (4, 2))
    assert run.config.generator_learning_rate == 0.001  # Changed after the last step.
    assert (run.dataset.num_images, run.parent) == (100, None)
    status, label = run.read_status(), run.read_label()
    assert (status.state, status.step, status.epoch) == ("finished", 14, 2)
    assert (label.title, label.note) == (
        "Spots of the last version",
        "Two epochs.\nMade for a test.",
    )
    assert [pin.name for pin in read_pins(get_pins_path(run, run.path.parent), 4)] == [
        "A spot",
        "Another",
    ]


def test_the_networks_of_an_old_run_know_no_classes(run: Run) -> None:
    content = json.loads((run.path / "config.json").read_text())["config"]
    assert not {"class_conditional", "class_names"} & content.keys()
    assert (run.config.class_conditional, run.config.class_names) == (False, ())
    assert run.config.z_schedule == "falling"
    assert format_setting(run.config, "class_conditional") == "off"
    assert "Learn the classes" in make_html_report(run)


def test_history_and_samples_of_an_old_run_are_read(run: Run) -> None:
    steps = run.history.read_steps()
    assert [report.step for report in steps] == [1, 2, 14]
    assert run.history.read_last_step() == steps[-1]
    assert steps[-1].fake_histogram
    (evaluation,) = run.history.read_evaluations()
    assert (evaluation.step, evaluation.num_images) == (14, 50)
    assert evaluation.metrics["frechet_distance"] > evaluation.real_metrics["frechet_distance"] > 0
    (event,) = run.history.read_events()
    assert (event.event, event.text) == ("changed", "From step 14 on: Generator lr 0.002 → 0.001.")
    num_lines = len((run.path / "history.jsonl").read_text().splitlines())
    assert len(list(run.history.read_rows())) == num_lines
    assert run.samples.list_steps() == [0, 1, 14]
    assert run.samples.read(14).shape == (4, 28, 28, 1)


def test_the_checkpoint_of_an_old_run_comes_back_bit_for_bit(run: Run) -> None:
    assert run.checkpoints.list_steps() == [14]
    state = run.checkpoints.load()
    gan = DCGAN(run.config)
    gan.set_state(state)
    restored = gan.get_state()
    assert restored.keys() == state.keys()
    for name, array in state.items():
        np.testing.assert_array_equal(restored[name], array)


def test_an_old_run_generates_the_images_of_that_version(run: Run) -> None:
    with np.load(FIXTURES / "expected.npz") as expected:
        np.testing.assert_array_equal(sample_latent(3, 6, 4), expected["z"])
        pixels = load_sampler(run)[0].generate(expected["z"])
        # Another processor may round the other way.
        np.testing.assert_allclose(pixels.astype(int), expected["pixels"].astype(int), atol=1)


def test_an_old_run_resumes_to_the_weights_of_that_version(run: Run) -> None:
    moved_data = {"dataset": str(FIXTURES / "spots.npz")}
    resumed, gan, dataset = continue_run(run, epochs=1, changes=moved_data)
    assert resumed.path == run.path
    for _ in record(resumed, gan, dataset):
        pass
    status = resumed.read_status()
    assert (status.state, status.step, status.epoch) == ("finished", 21, 3)
    assert json.loads((run.path / "config.json").read_text())["format"] == 4
    state = resumed.checkpoints.load()
    with np.load(FIXTURES / "resumed-weights.npz") as expected:
        for name in expected.files:
            # Equal bit for bit on the machine that made them; other processors add differently.
            np.testing.assert_allclose(
                state[name.replace(".", "/")], expected[name], rtol=1e-3, atol=1e-4, err_msg=name
            )


def test_the_zip_file_of_an_old_run_is_imported(run: Run, tmp_path: Path) -> None:
    packed = tmp_path / "run.zip"
    packed.write_bytes(export_run(run))
    with packed.open("rb") as file:
        imported = import_run(file, tmp_path / "other")
    assert imported.read_status().step == 14
    assert imported.history.read_steps() == run.history.read_steps()


def test_the_recipe_of_old_digits_is_read() -> None:
    recipe = read_recipe((FIXTURES / "digits.png").read_bytes())
    assert recipe["run"] == "finished-run"
    assert (recipe["kind"], recipe["step"], recipe["seed"], recipe["count"]) == ("grid", 14, 5, 4)

"""Folders for a model hub: their files, and what the hub's own code loads from them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import to_pixels
from dcgan.documents import hub_folder
from dcgan.documents.hub_folder import write_hub_folder
from dcgan.errors import OutputError
from dcgan.export.model_files import write_model_file
from dcgan.images.png_recipe import read_recipe
from dcgan.latent.sampling import sample_latent
from dcgan.reports import SampleReport
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.run_folder import Run
from tests.disk_errors import raise_disk_full

ALWAYS = {
    *("README.md", "generator.keras", "config.json", "metadata.json", "model.weights.h5"),
    *("generator.tflite", "settings.json"),
}


@pytest.fixture
def load_from_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the hub by folders of this machine, named by their paths."""
    hub = SimpleNamespace(snapshot_download=lambda repo_id, **_: f"/{repo_id}")
    monkeypatch.setattr("keras.src.saving.saving_lib.huggingface_hub", hub)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the files for other runtimes empty: test_portable_models.py has tests of them."""

    def write_keras_only(generator: keras.Model, file: Path, config: TrainingConfig) -> None:
        if file.suffix == ".keras":
            write_model_file(generator, file, config)
        else:
            file.touch()

    monkeypatch.setattr(hub_folder, "write_model_file", write_keras_only)


@pytest.fixture
def own_run(empty_run: Run, run: Run, tmp_path: Path) -> Run:
    """Return a run of own pictures with a checkpoint of step 1 and grids of steps 0, 1 and 2."""
    empty_run.change_config(empty_run.config.replace(dataset=str(tmp_path / "secret" / "spots")))
    empty_run.save_checkpoint(run.checkpoints.load())
    for step in range(3):
        empty_run.write(SampleReport(step, 1, 1.0, np.full((6, 28, 28, 1), step, np.uint8)))
    return empty_run


def list_named_files(folder: Path) -> list[str]:
    """Return the files that the card lists."""
    return re.findall(r"^\| `([\w.]+)` \|", (folder / "README.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.usefixtures("load_from_hub")
def test_keras_loads_the_generator_from_the_hub_by_its_name(class_run: Run, tmp_path: Path) -> None:
    out = tmp_path / "model"
    write_hub_folder(class_run, out)
    names = json.loads((out / "class_names.json").read_text("utf-8"))
    assert names == ["3", "8", "é"]
    z, class_id = sample_latent(7, 3, 4), np.array([2, 0, 1], np.int32)
    generator = keras.saving.load_model(f"hf://{str(out).removeprefix('/')}")
    images = np.asarray(generator({"z": z, "class_id": class_id}))
    expected = load_sampler(class_run)[0].generate(z, class_id)
    assert np.abs(to_pixels(images).astype(int) - expected).max() <= 1
    found = {path.name for path in out.iterdir()}
    assert found == ALWAYS | {"generator.onnx", "class_names.json"}
    assert set(list_named_files(out)) == found - {"README.md"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.usefixtures("quick")
def test_the_folder_shows_the_newest_pictures_and_names_no_path(
    own_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_folder, "list_missing_onnx_packages", lambda: ["onnx"])
    out = tmp_path / "model"
    out.mkdir()
    write_hub_folder(own_run, out)
    assert {path.name for path in out.iterdir()} == ALWAYS | {"samples.png"}
    assert read_recipe((out / "samples.png").read_bytes())["step"] == 1
    assert "![Pictures drawn by the generator](samples.png)" in (out / "README.md").read_text()
    assert "generator.onnx" not in list_named_files(out)
    settings = json.loads((out / "settings.json").read_text("utf-8"))
    assert (settings["dataset"], settings["latent_dim"]) == ("…/spots", 4)
    for path in out.iterdir():
        assert b"secret" not in path.read_bytes()


@pytest.mark.usefixtures("quick")
def test_a_damaged_grid_is_replaced_by_the_one_before(own_run: Run, tmp_path: Path) -> None:
    own_run.samples.get_path(1).write_bytes(b"torn")
    write_hub_folder(own_run, tmp_path / "model")
    assert read_recipe((tmp_path / "model" / "samples.png").read_bytes())["step"] == 0


def test_a_folder_that_fails_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("")
    with pytest.raises(OutputError, match="exists and is not empty; give a new folder"):
        write_hub_folder(run, tmp_path / "full")
    monkeypatch.setattr(keras.Model, "save", raise_disk_full)
    with pytest.raises(OutputError, match=r"cannot write .*model: .*No space left"):
        write_hub_folder(run, tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["full"]

"""The generator as a file, and checkpoints that do not fit."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from dcgan.data.datasets import ImageDataset, to_pixels
from dcgan.errors import OutputError, RunError
from dcgan.export.model_files import export_generator
from dcgan.latent.sampling import sample_latent
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.run_folder import Run
from tests.disk_errors import raise_disk_full


def test_a_keras_model_generates_the_same_digits(run: Run, tmp_path: Path) -> None:
    z = sample_latent(7, 5, run.config.latent_dim)
    out = tmp_path / "generator.keras"
    out.write_bytes(b"an older one is replaced")
    export_generator(run, out, step=None)
    model = keras.models.load_model(out)
    images = np.asarray(model(z))
    assert images.shape == (5, 28, 28, 1)
    assert images.dtype == np.float32
    expected = load_sampler(run)[0].generate(z)
    assert np.abs(to_pixels(images).astype(int) - expected).max() <= 1
    assert [path.name for path in tmp_path.iterdir()] == ["generator.keras"]


def test_a_saved_model_generates_the_same_digits(run: Run, tmp_path: Path) -> None:
    z = sample_latent(7, 5, run.config.latent_dim)
    out = tmp_path / "model-1.0"
    out.mkdir()
    export_generator(run, out, step=0)
    model = tf.saved_model.load(str(out))
    images = model.serve(tf.constant(z)).numpy()
    expected = load_sampler(run, 0)[0].generate(z)
    assert np.abs(to_pixels(images).astype(int) - expected).max() <= 1
    assert [path.name for path in tmp_path.iterdir()] == ["model-1.0"]
    with pytest.raises(OutputError, match="exists and is not empty; give a new folder"):
        export_generator(run, out, step=0)


def test_an_export_that_fails_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.keras").mkdir()
    (tmp_path / "file").write_text("")
    before = sorted(tmp_path.rglob("*"))
    for name, sentence in (
        (
            "generator.h5",
            "it must end in .keras, .onnx, .tflite, or be a folder",
        ),
        ("missing/generator.keras", "there is no folder"),
        ("folder.keras", "is a folder; give a file"),
        ("file", "exists and is not empty"),
    ):
        with pytest.raises(OutputError, match=sentence):
            export_generator(run, tmp_path / name, step=None)
    with pytest.raises(RunError, match="no checkpoint of step 5"):
        export_generator(run, tmp_path / "generator.keras", step=5)

    monkeypatch.setattr(keras.Model, "save", raise_disk_full)
    with pytest.raises(OutputError, match=r"cannot write .*generator.keras: .*No space left"):
        export_generator(run, tmp_path / "generator.keras", step=None)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("damage", ["missing", "shape", "integers"])
def test_a_checkpoint_of_other_networks_is_an_error(
    run: Run, tiny_dataset: ImageDataset, tmp_path: Path, damage: str
) -> None:
    other = Run.create(run.config, tiny_dataset, path=tmp_path / "other")
    state = run.checkpoints.load()
    name = min(name for name in state if name.startswith("ema_generator/"))
    if damage == "missing":
        del state[name]
    else:
        state[name] = np.zeros((2, 2)) if damage == "shape" else state[name].astype(np.int64)
    other.save_checkpoint(state)
    other.lock.release()
    if damage == "integers":  # Weights may be stored as integers.
        assert load_sampler(other)[1] == 1
        return
    with pytest.raises(RunError, match=r"other: the checkpoint does not fit config.json"):
        load_sampler(other)
    with pytest.raises(RunError, match=r"other: the checkpoint does not fit config.json"):
        export_generator(other, tmp_path / "generator.keras", step=None)

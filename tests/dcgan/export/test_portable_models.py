"""Generators for ONNX Runtime and LiteRT, run by these and compared with TensorFlow."""

from __future__ import annotations

import functools
import importlib.util
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter

from dcgan.data.datasets import to_pixels
from dcgan.errors import OutputError
from dcgan.export.model_files import export_generator
from dcgan.latent.sampling import sample_latent
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.run_folder import Run

CLASS_IDS = np.array([2, 0, 1, 1, 2], np.int32)


def run_onnx(file: Path, inputs: dict[str, np.ndarray]) -> np.ndarray:
    session = onnxruntime.InferenceSession(file)
    assert {tensor.name for tensor in session.get_inputs()} == inputs.keys()
    images: np.ndarray
    (images,) = session.run(["images"], inputs)
    return images


def run_litert(file: Path, inputs: dict[str, np.ndarray]) -> np.ndarray:
    runner = Interpreter(str(file)).get_signature_runner()
    assert set(runner.get_input_details()) == inputs.keys()
    images: np.ndarray = runner(**inputs)["images"]
    return images


RUNTIMES = {"generator.onnx": run_onnx, "generator.tflite": run_litert}


@pytest.fixture(scope="module")
def export(
    run: Run, class_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """Return a function that exports a run's generator, each only once for all tests."""

    @functools.cache
    def export(name: str, *, with_classes: bool = False) -> Path:
        file = tmp_path_factory.mktemp("exports") / name
        export_generator(class_run if with_classes else run, file)
        return file

    return export


@pytest.mark.parametrize("name", RUNTIMES)
@pytest.mark.parametrize("count", [1, 5])
def test_any_number_of_images_equals_tensorflows_images(
    run: Run, export: Callable[..., Path], name: str, count: int
) -> None:
    z = sample_latent(7, count, run.config.latent_dim)
    file = export(name)
    images = RUNTIMES[name](file, {"z": z})
    assert images.shape == (count, 28, 28, 1)
    assert images.dtype == np.float32
    expected = load_sampler(run)[0].generate(z)
    assert np.abs(to_pixels(images).astype(int) - expected).max() <= 1
    assert [path.name for path in file.parent.iterdir()] == [name]


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_generator_that_knows_classes_takes_them(
    class_run: Run, export: Callable[..., Path], name: str
) -> None:
    z = sample_latent(7, 5, class_run.config.latent_dim)
    file = export(name, with_classes=True)
    images = RUNTIMES[name](file, {"z": z, "class_id": CLASS_IDS})
    expected = load_sampler(class_run)[0].generate(z, CLASS_IDS)
    assert np.abs(to_pixels(images).astype(int) - expected).max() <= 1


def test_the_names_of_the_classes_are_in_the_file(export: Callable[..., Path]) -> None:
    file = export("generator.onnx", with_classes=True)
    properties = {entry.key: entry.value for entry in onnx.load(file).metadata_props}
    assert json.loads(properties["class_names"]) == ["3", "8", "é"]
    with zipfile.ZipFile(export("generator.tflite", with_classes=True)) as members:
        assert json.loads(members.read("class_names.json")) == ["3", "8", "é"]


def test_without_its_packages_onnx_is_refused_with_the_command_that_installs_them(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OutputError, match=r"needs onnx and tf2onnx.*requirements-onnx\.txt"):
        export_generator(run, tmp_path / "generator.onnx")
    assert not list(tmp_path.iterdir())

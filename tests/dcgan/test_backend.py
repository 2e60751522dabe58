"""The import and the layers of Keras do not depend on a person's settings of Keras."""

from __future__ import annotations

import importlib
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import keras
import numpy as np
import pytest

from dcgan import backend
from dcgan.config.training_config import TrainingConfig
from dcgan.digit_classifier.classifier import build_digit_classifier
from dcgan.errors import BackendError
from dcgan.model.gan import DCGAN
from dcgan.networks.architecture import build_discriminator, build_generator
from dcgan.networks.plain_layers import to_plain_keras

REPOSITORY = Path(__file__).parents[2]

# Settings files that fail Keras's import.
DAMAGED = (
    '{"floatx": "bfloat16"}',
    '{"epsilon": 1}',
    '{"image_data_format": "channels_middle"}',
    "[]",
    "null",
)


@pytest.fixture
def foreign_settings() -> Iterator[None]:
    """Set Keras to types and an image format that no network of this program can use."""
    keras.config.set_floatx("float16")
    keras.config.set_image_data_format("channels_first")
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy("float32")


def build_all_networks(config: TrainingConfig) -> list[keras.Model]:
    networks = [build_generator(config), build_discriminator(config)]
    return [
        *networks,
        *map(to_plain_keras, networks),
        build_digit_classifier(is_for_training=False),
    ]


@pytest.mark.usefixtures("foreign_settings")
def test_a_persons_settings_of_keras_change_no_network(tiny_config: TrainingConfig) -> None:
    layers = [layer for model in build_all_networks(tiny_config) for layer in model.layers]
    assert {layer.dtype_policy.name for layer in layers} == {"float32"}
    assert {getattr(layer, "data_format", "channels_last") for layer in layers} == {"channels_last"}
    gan = DCGAN(tiny_config.replace(generator_learning_rate=1e-8))  # It would be 0 in float16.
    assert float(gan.generator_optimizer.learning_rate) == np.float32(1e-8)
    assert {array.dtype.name for array in gan.get_state().values()} == {
        "float32", "float64", "int64",
    }  # fmt: skip
    assert gan.generator(np.zeros((2, 4), np.float32), training=True).dtype == "float32"


@pytest.mark.usefixtures("foreign_settings")
def test_building_leaves_a_persons_settings_of_keras_alone(tiny_config: TrainingConfig) -> None:
    build_generator(tiny_config)
    with pytest.raises(ValueError, match="by a person"), backend.building_layers():
        raise ValueError("interrupted by a person")
    assert keras.config.floatx() == "float16"
    assert keras.config.image_data_format() == "channels_first"
    assert keras.config.dtype_policy().name == "mixed_float16"


def test_variables_are_changed_only_where_keras_would_choose_or_fail(tmp_path: Path) -> None:
    home = {"KERAS_HOME": str(tmp_path)}
    always = {"KERAS_BACKEND": "tensorflow", "KERAS_NNX_ENABLED": "false"}
    assert backend.find_environment_changes(home | {"KERAS_BACKEND": "jax"}) == always
    assert backend.find_environment_changes(home | {"KERAS_MAX_EPOCHS": "2"}) == always
    assert backend.find_environment_changes(home | {"KERAS_MAX_EPOCHS": "two"}) == always | {
        "KERAS_MAX_EPOCHS": None
    }
    (tmp_path / "keras.json").write_text('{"floatx": "float64", "backend": "torch"}')
    assert backend.find_environment_changes(home) == always
    (tmp_path / "keras.json").write_text('{"floatx": ')  # Keras itself ignores such a file.
    assert backend.find_environment_changes(home) == always


def test_the_home_of_an_unknown_person_does_not_fail_the_import() -> None:
    home = "~nobody-of-this-name/keras"
    assert backend.find_keras_home({"KERAS_HOME": home}) == Path(home)


@pytest.mark.parametrize("text", DAMAGED)
def test_a_settings_file_that_fails_keras_is_ignored(text: str, tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(text)
    elsewhere = backend.find_environment_changes({"KERAS_HOME": str(tmp_path)})["KERAS_HOME"]
    assert elsewhere is not None
    assert not Path(elsewhere).exists()


def test_keras_uses_tensorflow_despite_a_persons_settings(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text('{"floatx": "bfloat16", "backend": "torch"}')
    theirs = {
        "KERAS_HOME": str(tmp_path),
        "KERAS_BACKEND": "jax",
        "KERAS_MAX_EPOCHS": "many",
        "TF_USE_LEGACY_KERAS": "1",
    }
    script = (
        "import gc, json, os, sys, numpy\n"
        "before = gc.get_stats()[2]['collections']\n"
        # The library brings in TensorFlow and Keras.
        "import dcgan.training_step.losses, keras\n"
        "print(gc.get_stats()[2]['collections'] - before, gc.isenabled())\n"
        "from keras.src.backend.config import keras_home\n"
        f"print(json.dumps({{name: os.environ[name] for name in {list(theirs)}}}))\n"
        "print(keras.config.backend(), keras.config.floatx(), keras_home())\n"
        "print('sklearn' in sys.modules)"  # Half a second that nothing here needs.
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        env=os.environ | theirs,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    garbage_collection, variables, found, imports_scikit_learn = done.stdout.splitlines()
    assert garbage_collection == "0 True"  # None of all objects, which would take half a second.
    assert imports_scikit_learn == "False"
    assert found == f"tensorflow float32 {tmp_path}"
    assert json.loads(variables) == theirs


def test_keras_with_another_backend_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = ModuleType("keras")
    module.config = SimpleNamespace(backend=lambda: "jax")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keras", module)
    with pytest.raises(BackendError, match=r"with its jax backend.*KERAS_BACKEND=tensorflow"):
        runpy.run_path(str(REPOSITORY / "dcgan" / "backend.py"))


def test_a_hidden_module_is_missing_only_in_the_block() -> None:
    sys.modules.pop("wave", None)
    with backend.hidden_module("wave"), pytest.raises(ImportError):
        importlib.import_module("wave")
    assert "wave" not in sys.modules


def test_a_module_that_is_imported_already_is_not_hidden() -> None:
    with backend.hidden_module("json"):
        assert importlib.import_module("json") is json
    assert sys.modules["json"] is json

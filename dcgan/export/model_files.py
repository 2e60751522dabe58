"""The generator as a file for other programs: Keras, SavedModel, ONNX or LiteRT."""

from __future__ import annotations

import importlib.util
import json
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from dcgan.backend import keras, tf
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import OutputError, OutputWriteError
from dcgan.files.output_file import (
    check_parent_exists,
    is_folder_path,
    make_output_error,
    writing_folder,
)
from dcgan.installation import describe_install_command
from dcgan.model.state import select_generator_weights
from dcgan.networks.architecture import build_generator
from dcgan.networks.plain_layers import take_class_ids, to_plain_keras
from dcgan.runs.checkpoint_generator import set_checkpoint_weights
from dcgan.runs.run_folder import Run

CLASS_NAMES_FILE = "class_names.json"  # In a .keras or .tflite file, as in a ZIP.


def export_generator(run: Run, out: Path, *, step: int | None = None) -> None:
    """Write the EMA generator for use without this program.

    The model takes `z` (num, latent_dim) float32 and returns `images` (num, height, width,
    channels) float32 in [-1, 1], with any num. A generator that knows classes also takes `class_id`
    (num,) int32, indices in the list of class names. The file contains this list:
    - a `.keras` or `.tflite` file as the JSON file `class_names.json` in it, which any program that
      reads ZIP files can read;
    - an `.onnx` file as JSON in its metadata `class_names`;
    - a SavedModel as the result of its function `class_names`.

    Args:
        run: The run of the generator.
        out: A `.keras`, `.onnx` or `.tflite` file, or a folder (new or empty) for a SavedModel,
            whose function is `serve`.
        step: The checkpoint; None for the newest.

    Raises:
        OutputError: If the file or folder cannot be written, or is not empty; or if an `.onnx`
            file needs packages that are not installed.
        RunError: If the checkpoint cannot be read.
    """
    write_file = _FILE_WRITERS.get(out.suffix.lower())
    check_parent_exists(out)
    if write_file is not None and out.is_dir():
        raise OutputError(f"--out: {out} is a folder; give a file that is new or may be replaced.")
    if write_file is None and not is_folder_path(out):
        raise OutputError(
            f"--out: got {out.name!r}; it must end in {', '.join(_FILE_WRITERS)}, or be a folder."
        )
    if write_file is _write_onnx_model:
        _check_onnx()
    try:
        if write_file is None:
            with writing_folder(out) as folder:
                model = build_ema_generator(run, run.checkpoints.load(step))
                _write_saved_model(model, folder, run.config)
            return
        model = build_ema_generator(run, run.checkpoints.load(step))
        # Keras writes in place. So a temporary file is written first, and then renamed.
        with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=".export-") as hidden:
            temporary = Path(hidden) / f"model{out.suffix.lower()}"
            write_file(model, temporary, run.config)
            temporary.replace(out)
    except OSError as error:
        raise make_output_error(out, error) from error
    except tf.errors.OpError as error:  # TensorFlow's file system raises its own errors.
        raise OutputWriteError(f"--out: cannot write {out}: {error}.") from error


def build_ema_generator(run: Run, state: Mapping[str, np.ndarray]) -> keras.Model:
    """Build the generator of a run with the EMA weights of the state in one of its checkpoints.

    Raises:
        RunError: If the weights do not fit.
    """
    generator = build_generator(run.config)
    set_checkpoint_weights(generator.set_weights, run, select_generator_weights(state))
    return generator


def write_model_file(generator: keras.Model, file: Path, config: TrainingConfig) -> None:
    """Write a generator as a `.keras`, `.onnx` or `.tflite` file, in place.

    Raises:
        OSError: If the disk refuses.
    """
    _FILE_WRITERS[file.suffix](generator, file, config)


def _write_keras_model(generator: keras.Model, file: Path, config: TrainingConfig) -> None:
    model = to_plain_keras(generator)
    if config.num_classes == 0:
        model.save(file)
        return
    take_class_ids(model, config).save(file)
    _append_class_names(file, config)


def _write_onnx_model(generator: keras.Model, file: Path, config: TrainingConfig) -> None:
    import onnx

    with warnings.catch_warnings():
        # Keras 3.15 uses a name of NumPy whose meaning will change.
        warnings.simplefilter("ignore", FutureWarning)
        _name_outputs(generator, config).export(file, format="onnx", verbose=False)
    if config.num_classes > 0:
        model = onnx.load(file)
        names = json.dumps(config.class_names, ensure_ascii=False)
        onnx.helper.set_model_props(model, {"class_names": names})
        onnx.save(model, file)


def list_missing_onnx_packages() -> list[str]:
    """Return the packages that an `.onnx` file needs and that are not installed."""
    return [name for name in ("onnx", "tf2onnx") if importlib.util.find_spec(name) is None]


def _check_onnx() -> None:
    if missing := list_missing_onnx_packages():
        raise OutputError(
            f"--out: an .onnx file needs {' and '.join(missing)}, not installed here; "
            f"{describe_install_command('onnx')}."
        )


def _write_litert_model(generator: keras.Model, file: Path, config: TrainingConfig) -> None:
    _name_outputs(generator, config).export(file, format="litert", verbose=False)
    if config.num_classes > 0:
        _append_class_names(file, config)


def _name_outputs(generator: keras.Model, config: TrainingConfig) -> keras.Model:
    """Return a model with Keras's own layers whose inputs and output have names."""
    model = to_plain_keras(generator)
    if config.num_classes > 0:
        model = take_class_ids(model, config)
    named = keras.Model(model.inputs, {"images": model.outputs[0]}, name="generator")
    named(model.inputs)  # Keras exports only models that were called.
    return named


def _append_class_names(file: Path, config: TrainingConfig) -> None:
    """Append the names of the classes as in a ZIP, as TensorFlow Lite does with its metadata."""
    with zipfile.ZipFile(file, "a") as members:
        members.writestr(CLASS_NAMES_FILE, json.dumps(config.class_names, ensure_ascii=False))


_FILE_WRITERS: Mapping[str, Callable[[keras.Model, Path, TrainingConfig], None]] = MappingProxyType(
    {".keras": _write_keras_model, ".onnx": _write_onnx_model, ".tflite": _write_litert_model}
)


def _write_saved_model(generator: keras.Model, folder: Path, config: TrainingConfig) -> None:
    archive = keras.export.ExportArchive()
    if config.num_classes == 0:
        archive.track(generator)
        archive.add_endpoint(
            "serve",
            lambda z: generator(z, training=False),
            input_signature=[tf.TensorSpec((None, config.latent_dim), tf.float32)],
        )
    else:
        model = take_class_ids(generator, config)
        archive.track(model)
        archive.add_endpoint(
            "serve",
            lambda z, class_id: model([z, class_id], training=False),
            input_signature=[
                tf.TensorSpec((None, config.latent_dim), tf.float32, "z"),
                tf.TensorSpec((None,), tf.int32, "class_id"),
            ],
        )
        archive.add_endpoint(
            "class_names", lambda: tf.constant(config.class_names), input_signature=[]
        )
    archive.write_out(folder, verbose=False)

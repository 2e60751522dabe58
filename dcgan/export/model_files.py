"""The generator as a file for other programs: a Keras model or a SavedModel."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path

from dcgan.backend import keras, tf
from dcgan.config import TrainingConfig
from dcgan.errors import OutputError, OutputWriteError
from dcgan.export.checkpoint_generator import set_checkpoint_weights
from dcgan.model.networks import build_generator
from dcgan.model.plain_layers import take_class_ids, to_plain_keras
from dcgan.model.state import select_generator_weights
from dcgan.output_file import check_output_folder, make_output_error
from dcgan.runs.run_folder import Run

CLASS_NAMES_FILE = "class_names.json"  # In a .keras file, which is a ZIP.


def export_generator(run: Run, out: Path, *, step: int | None = None) -> None:
    """Write the EMA generator for use without this program.

    A generator that knows classes takes two inputs, z and `class_id` (num,) int32. The names of
    the classes, in the order of these numbers, are in the file: a `.keras` file has a JSON list in
    `class_names.json`, and a SavedModel a function `class_names` that returns them.

    Args:
        run: The run of the generator.
        out: A `.keras` file, or a folder (new or empty) for a SavedModel whose `serve` takes z
            (num, latent_dim) float32 and returns images (num, height, width, channels) in [-1, 1].
        step: The checkpoint; None for the newest.

    Raises:
        OutputError: If the file or folder cannot be written, or is not empty.
        RunError: If the checkpoint cannot be read.
    """
    is_keras = out.suffix.lower() == ".keras"
    check_output_folder(out)
    if is_keras and out.is_dir():
        raise OutputError(f"--out: {out} is a folder; give a file that is new or may be replaced.")
    if not is_keras and out.suffix and not out.is_dir():
        raise OutputError(f"--out: got {out.name!r}; it must end in .keras, or be a folder.")
    try:
        if not is_keras and out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise OutputError(f"--out: {out} exists and is not empty; give a new folder.")
        state = run.checkpoints.load(step)
        model = build_generator(run.config)
        set_checkpoint_weights(model.set_weights, run, select_generator_weights(state))
        # Keras writes in place; a temporary file that is renamed is written as a whole or not.
        with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=".export-") as folder:
            temporary = Path(folder) / ("model.keras" if is_keras else "model")
            if is_keras:
                _write_keras_model(model, temporary, run.config)
            else:
                _write_saved_model(model, temporary, run.config)
                if out.exists():
                    out.rmdir()
            temporary.replace(out)
    except OSError as error:
        raise make_output_error(out, error) from error
    except tf.errors.OpError as error:  # TensorFlow's file system raises its own errors.
        raise OutputWriteError(f"--out: cannot write {out}: {error}.") from error


def _write_keras_model(generator: keras.Model, file: Path, config: TrainingConfig) -> None:
    model = to_plain_keras(generator)
    if config.num_classes == 0:
        model.save(file)
        return
    take_class_ids(model, config).save(file)
    with zipfile.ZipFile(file, "a") as members:
        members.writestr(CLASS_NAMES_FILE, json.dumps(config.class_names, ensure_ascii=False))


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

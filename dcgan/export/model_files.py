"""The generator as a file for other programs: a Keras model or a SavedModel."""

from __future__ import annotations

import tempfile
from pathlib import Path

from dcgan.backend import keras, tf
from dcgan.errors import OutputError, OutputWriteError
from dcgan.export.checkpoint_generator import set_checkpoint_weights
from dcgan.model.networks import build_generator
from dcgan.model.plain_layers import to_plain_keras
from dcgan.model.state import select_generator_weights
from dcgan.output_file import check_output_folder, make_output_error
from dcgan.runs.run_folder import Run


def export_generator(run: Run, out: Path, *, step: int | None = None) -> None:
    """Write the EMA generator for use without this program.

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
            raise OutputError(f"--out: {out} is there and not empty; give a new folder.")
        state = run.checkpoints.load(step)
        model = build_generator(run.config)
        set_checkpoint_weights(model.set_weights, run, select_generator_weights(state))
        # Keras writes in place; a temporary file that is renamed is written as a whole or not.
        with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=".export-") as folder:
            temporary = Path(folder) / ("model.keras" if is_keras else "model")
            if is_keras:
                to_plain_keras(model).save(temporary)
            else:
                _write_saved_model(model, temporary)
                if out.exists():
                    out.rmdir()
            temporary.replace(out)
    except OSError as error:
        raise make_output_error(out, error) from error
    except tf.errors.OpError as error:  # TensorFlow's file system raises its own errors.
        raise OutputWriteError(f"--out: cannot write {out}: {error}.") from error


def _write_saved_model(model: keras.Model, folder: Path) -> None:
    (latent_dim,) = model.input_shape[1:]
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(
        "serve",
        lambda z: model(z, training=False),
        input_signature=[tf.TensorSpec((None, latent_dim), tf.float32)],
    )
    archive.write_out(folder, verbose=False)

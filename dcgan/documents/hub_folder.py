"""A folder of a run's generator for a model hub, such as Hugging Face's: models, card and pictures.

Keras loads a model of the hub from the three unpacked files of a `.keras` archive, so they are
written beside the archive.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from dcgan.backend import keras, tf
from dcgan.config.config_text import hide_dataset_path
from dcgan.documents.model_card import make_model_card
from dcgan.errors import OutputWriteError, RunError
from dcgan.export.model_files import (
    CLASS_NAMES_FILE,
    build_ema_generator,
    list_missing_onnx_packages,
    write_model_file,
)
from dcgan.files.output_file import check_parent_exists, writing_folder
from dcgan.runs.run_folder import Run

# The descriptions of the files in the card.
_DESCRIPTIONS = {
    "generator.keras": "The generator for Keras 3.",
    "config.json": "Its layers, in Keras's format.",
    "metadata.json": "The version of Keras that wrote it.",
    "model.weights.h5": "Its weights, in Keras's format.",
    "generator.onnx": "The generator for ONNX Runtime.",
    "generator.tflite": "The generator for LiteRT (TensorFlow Lite).",
    CLASS_NAMES_FILE: "The names of the classes, in order.",
    "settings.json": "The settings of the training.",
    "samples.png": "Pictures that it drew at the end.",
}
_KERAS_FILES = ("config.json", "metadata.json", "model.weights.h5")


def write_hub_folder(run: Run, out: Path, *, step: int | None = None) -> None:
    """Write a folder that can be uploaded to a model hub as it is.

    Args:
        run: The run of the generator.
        out: A folder, new or empty.
        step: The checkpoint; None for the newest.

    Raises:
        OutputError: If `out` cannot be written, or is not empty.
        RunError: If the checkpoint cannot be read.
    """
    check_parent_exists(out)
    with writing_folder(out) as folder:
        state = run.checkpoints.load(step)
        step = int(state["step"])
        try:
            _write_models(build_ema_generator(run, state), run, folder)
        except tf.errors.OpError as error:  # TensorFlow's file system raises its own errors.
            raise OutputWriteError(f"--out: cannot write {out}: {error}.") from error
        if run.config.num_classes > 0:
            _write_json(folder / CLASS_NAMES_FILE, run.config.class_names)
        settings = hide_dataset_path(run.config).model_dump(mode="json")
        _write_json(folder / "settings.json", settings)
        if (png := _read_newest_grid(run, step)) is not None:
            (folder / "samples.png").write_bytes(png)
        files = {name: text for name, text in _DESCRIPTIONS.items() if (folder / name).exists()}
        card = make_model_card(run, step=step, files=files)
        (folder / "README.md").write_text(card, encoding="utf-8")


def _write_models(generator: keras.Model, run: Run, folder: Path) -> None:
    write_model_file(generator, folder / "generator.keras", run.config)
    with zipfile.ZipFile(folder / "generator.keras") as archive:
        for name in _KERAS_FILES:
            archive.extract(name, folder)
    write_model_file(generator, folder / "generator.tflite", run.config)
    if not list_missing_onnx_packages():
        write_model_file(generator, folder / "generator.onnx", run.config)


def _write_json(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _read_newest_grid(run: Run, step: int) -> bytes | None:
    """Return the PNG of the newest sample grid up to a step; None if none can be read."""
    for grid_step in reversed(run.samples.list_steps()):
        if grid_step <= step:
            try:
                run.samples.read(grid_step)  # Refuses a damaged one.
                return run.samples.get_path(grid_step).read_bytes()
            except (RunError, FileNotFoundError):  # Damaged, or removed meanwhile.
                continue
    return None

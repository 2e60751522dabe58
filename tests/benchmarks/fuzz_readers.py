"""Readers of files that people provide, with undamaged files that each accepts."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from dcgan.config.settings import DIGIT_SHAPE, ImageShape
from dcgan.config.training_config import TrainingConfig
from dcgan.data.own_pictures import read_pictures
from dcgan.errors import DCGANError
from dcgan.export.archive import export_run, import_run
from dcgan.images.png_recipe import encode_png, read_recipe
from dcgan.pictures.decoding import Unusable, decode_picture
from dcgan.runs.library import list_runs
from dcgan.runs.pins import parse_pins
from dcgan.runs.run_folder import open_run
from dcgan.sweeps.queue import add_to_queue, read_queue
from tests.encoding import encode_idx, encode_npy, pack_zip


@dataclass(frozen=True)
class Reader:
    """A reader of files.

    Attributes:
        good: Files that it accepts.
        read: Reads a file's bytes, with a folder that it may write to.
        refusals: The errors that it may raise.
    """

    good: Sequence[bytes]
    read: Callable[[bytes, Path], object]
    refusals: tuple[type[Exception], ...] = (DCGANError,)


def train_small_run(folder: Path) -> Path:
    """Train a run with tiny networks that has all kinds of files."""
    from dcgan.data.datasets import load_dataset
    from dcgan.model.gan import DCGAN
    from dcgan.recording.recorder import record
    from dcgan.runs.run_folder import Run

    config = TrainingConfig.create(
        generator_filters=(8, 4), discriminator_filters=(4, 8), generator_units=8,
        discriminator_units=6, latent_dim=4, batch_size=2000, num_samples=6, epochs=1,
    )  # fmt: skip
    dataset = load_dataset("mnist")
    run = Run.create(config, dataset, path=folder / "tiny")
    for _ in record(run, DCGAN(config), dataset):
        pass
    return run.path


def choose_shape(data: bytes) -> ImageShape:
    """Choose digits for half of the inputs, large images in colour for the others."""
    return DIGIT_SHAPE if len(data) % 2 else (64, 64, 3)


def read_data(suffix: str) -> Callable[[bytes, Path], object]:
    """Return the reader of a data set in a file with this suffix."""

    def read(data: bytes, place: Path) -> object:
        path = place / f"data{suffix}"
        path.write_bytes(data)
        return read_pictures(str(path), "auto", shape=choose_shape(data))

    return read


def make_pictures(rng: np.random.Generator) -> list[bytes]:
    """Make a picture in several file formats and modes."""
    picture = Image.fromarray(rng.integers(0, 256, (40, 30, 3), dtype=np.uint8))
    pictures = []
    for kind, mode in (
        ("AVIF", "RGB"), ("PNG", "RGB"), ("PNG", "P"), ("PNG", "LA"), ("JPEG", "RGB"),
        ("GIF", "P"), ("BMP", "L"), ("TIFF", "L"), ("WEBP", "RGB"),
    ):  # fmt: skip
        file = io.BytesIO()
        picture.convert(mode).save(file, kind)
        pictures.append(file.getvalue())
    return pictures


def make_arrays(pixels: np.ndarray) -> list[bytes]:
    """Make a plain and a compressed NPZ file of pictures with labels."""
    arrays = []
    for save in (np.savez, np.savez_compressed):
        file = io.BytesIO()
        save(file, images=pixels, labels=np.zeros(len(pixels), np.int64))
        arrays.append(file.getvalue())
    return arrays


def make_table(pixels: np.ndarray) -> bytes:
    """Make a CSV file with a picture of 8 × 8 pixels in each row."""
    file = io.BytesIO()
    rows = pixels[:, :8, :8].reshape(len(pixels), 64)
    np.savetxt(file, rows, "%d", delimiter=",", header="p" + ",p" * 63)
    return file.getvalue()


def make_stacks(pixels: np.ndarray) -> list[bytes]:
    """Make files of several formats in which each picture is a frame."""
    stacks = []
    for kind in ("TIFF", "GIF", "WEBP", "PNG"):
        file = io.BytesIO()
        first, *others = (Image.fromarray(values) for values in pixels)
        first.save(file, kind, save_all=True, append_images=others)
        stacks.append(file.getvalue())
    return stacks


def make_run_readers(path: Path) -> dict[str, Reader]:
    """Return a reader for each kind of file in a run's folder; it reads the whole run."""

    def read_part(name: str) -> Callable[[bytes, Path], object]:
        def read(data: bytes, place: Path) -> object:
            copy = place / "tiny"
            shutil.copytree(path, copy)
            (copy / name).write_bytes(data)
            list_runs(place)
            run = open_run(copy)
            problems = []
            for part in (
                run.history.read_steps, run.history.read_evaluations,
                run.history.read_events, run.checkpoints.load,
                lambda: list(run.history.read_rows()),
                lambda: (run.read_label().title, run.read_label().note, run.read_status()),
                lambda: [run.samples.read(step) for step in run.samples.list_steps()],
            ):  # fmt: skip
                try:
                    part()
                except DCGANError as error:
                    problems.append(str(error))
            return problems

        return read

    parts = {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.suffix in (".json", ".jsonl", ".npz", ".png")
    }
    newest = [
        max(name for name in parts if name.startswith(kind))
        for kind in ("checkpoints/", "samples/")
    ]
    names = [*(name for name in parts if "/" not in name), *newest]
    return {f"run/{name}": Reader([parts[name]], read_part(name)) for name in names}


def make_readers(folder: Path) -> Mapping[str, Reader]:
    """Make valid files of each kind, and their readers."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (66, 28, 28), dtype=np.uint8)
    digits_zip = pack_zip(
        {f"digits/{index}.png": encode_png(values) for index, values in enumerate(pixels)}
    )
    idx, table = encode_idx(pixels), make_table(pixels)
    run = train_small_run(folder)
    recipe = {"kind": "sheet", "run": "tiny", "step": 30, "seed": 7, "rows": 2, "columns": 3}
    pins = {"pins": [{"name": "a", "z": [0.5] * 4, "run": "tiny", "step": 30}]}
    add_to_queue(folder, [TrainingConfig(seed=seed) for seed in range(3)])

    def read_queue_file(data: bytes, place: Path) -> object:
        (place / ".queue.json").write_bytes(data)
        return read_queue(place)

    return {
        "picture": Reader(
            make_pictures(rng),
            lambda data, _: decode_picture(data, choose_shape(data)),
            (Unusable,),
        ),
        "npz": Reader(make_arrays(pixels), read_data(".npz")),
        "zip": Reader([digits_zip], read_data(".zip")),
        "npy": Reader([encode_npy(pixels), encode_npy(pixels / 255)], read_data(".npy")),
        "idx": Reader([idx, gzip.compress(idx)], read_data("")),
        "csv": Reader([table, gzip.compress(table)], read_data(".csv")),
        "frames": Reader(make_stacks(pixels), read_data(".tif")),
        "recipe": Reader(
            [encode_png(pixels[0], recipe), encode_png(pixels[1], {"z": [0.1] * 64})],
            lambda data, _: read_recipe(data),
        ),
        "archive": Reader(
            [export_run(open_run(run))],
            lambda data, place: import_run(io.BytesIO(data), place),
        ),
        "pins": Reader(
            [json.dumps(pins).encode()], lambda data, _: parse_pins(data, 4, file_name="pins")
        ),
        "queue": Reader([(folder / ".queue.json").read_bytes()], read_queue_file),
        **make_run_readers(run),
    }

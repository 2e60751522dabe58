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


def make_readers(folder: Path) -> Mapping[str, Reader]:
    """Make valid files of each kind, and their readers."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (66, 28, 28), dtype=np.uint8)
    picture = Image.fromarray(rng.integers(0, 256, (40, 30, 3), dtype=np.uint8))
    pictures = []
    for kind, mode in (
        ("AVIF", "RGB"), ("PNG", "RGB"), ("PNG", "P"), ("PNG", "LA"), ("JPEG", "RGB"),
        ("GIF", "P"), ("BMP", "L"), ("TIFF", "L"), ("WEBP", "RGB"),
    ):  # fmt: skip
        file = io.BytesIO()
        picture.convert(mode).save(file, kind)
        pictures.append(file.getvalue())
    arrays = []
    for save in (np.savez, np.savez_compressed):
        file = io.BytesIO()
        save(file, images=pixels, labels=np.zeros(66, np.int64))
        arrays.append(file.getvalue())
    digits_zip = pack_zip(
        {f"digits/{number}.png": encode_png(values) for number, values in enumerate(pixels)}
    )
    idx = encode_idx(pixels)
    text = io.BytesIO()
    np.savetxt(text, pixels[:, :8, :8].reshape(66, 64), "%d", delimiter=",", header="p" + ",p" * 63)
    table = text.getvalue()
    stacks = []
    for kind in ("TIFF", "GIF", "WEBP", "PNG"):
        file = io.BytesIO()
        first, *others = (Image.fromarray(values) for values in pixels)
        first.save(file, kind, save_all=True, append_images=others)
        stacks.append(file.getvalue())
    run = train_small_run(folder)
    packed = export_run(open_run(run))
    recipe = {"kind": "sheet", "run": "tiny", "step": 30, "seed": 7, "rows": 2, "columns": 3}
    pins = {"pins": [{"name": "a", "z": [0.5] * 4, "run": "tiny", "step": 30}]}
    add_to_queue(folder, [TrainingConfig(seed=seed) for seed in range(3)])

    def read_data(suffix: str) -> Callable[[bytes, Path], object]:
        def read(data: bytes, place: Path) -> object:
            path = place / f"data{suffix}"
            path.write_bytes(data)
            return read_pictures(str(path), "auto", shape=shape_for(data))

        return read

    def shape_for(data: bytes) -> ImageShape:
        """Choose digits for half of the inputs, large images in colour for the others."""
        return DIGIT_SHAPE if len(data) % 2 else (64, 64, 3)

    def read_part(name: str) -> Callable[[bytes, Path], object]:
        def read(data: bytes, place: Path) -> object:
            copy = place / "tiny"
            shutil.copytree(run, copy)
            (copy / name).write_bytes(data)
            list_runs(place)
            found = open_run(copy)
            problems = []
            for part in (
                found.history.read_steps, found.history.read_evaluations,
                found.history.read_events, found.checkpoints.load,
                lambda: list(found.history.read_rows()),
                lambda: (found.read_label().title, found.read_label().note, found.read_status()),
                lambda: [found.samples.read(step) for step in found.samples.list_steps()],
            ):  # fmt: skip
                try:
                    part()
                except DCGANError as error:
                    problems.append(str(error))
            return problems

        return read

    def read_queue_file(data: bytes, place: Path) -> object:
        (place / ".queue.json").write_bytes(data)
        return read_queue(place)

    parts = {
        path.relative_to(run).as_posix(): path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file() and path.suffix in (".json", ".jsonl", ".npz", ".png")
    }
    newest = [
        max(name for name in parts if name.startswith(kind))
        for kind in ("checkpoints/", "samples/")
    ]
    of_run = [*(name for name in parts if "/" not in name), *newest]
    return {
        "picture": Reader(
            pictures, lambda data, _: decode_picture(data, shape_for(data)), (Unusable,)
        ),
        "npz": Reader(arrays, read_data(".npz")),
        "zip": Reader([digits_zip], read_data(".zip")),
        "npy": Reader([encode_npy(pixels), encode_npy(pixels / 255)], read_data(".npy")),
        "idx": Reader([idx, gzip.compress(idx)], read_data("")),
        "csv": Reader([table, gzip.compress(table)], read_data(".csv")),
        "frames": Reader(stacks, read_data(".tif")),
        "recipe": Reader(
            [encode_png(pixels[0], recipe), encode_png(pixels[1], {"z": [0.1] * 64})],
            lambda data, _: read_recipe(data),
        ),
        "archive": Reader([packed], lambda data, place: import_run(io.BytesIO(data), place)),
        "pins": Reader(
            [json.dumps(pins).encode()], lambda data, _: parse_pins(data, 4, file_name="pins")
        ),
        "queue": Reader([(folder / ".queue.json").read_bytes()], read_queue_file),
        **{f"run/{name}": Reader([parts[name]], read_part(name)) for name in of_run},
    }

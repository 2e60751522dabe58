"""Give the readers of other people's files what is no file of theirs; prints a table.

    python tests/benchmarks/fuzz.py [--inputs 2000] [--seed 0] [--only picture zip …]

Each input is a good file that was damaged: bits turned, bytes that are lengths set to their ends,
parts cut out, doubled, taken from another file, the end lost. A reader may return, or refuse with
one of this library's own errors. Anything else is a crash, and printed with the seed that makes it
again. Watched beside that: where the process writes, what it runs, and how much memory it takes.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import logging
import os
import resource
import shutil
import struct
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image

from dcgan.config import TrainingConfig
from dcgan.data.decoding import Unusable, decode_picture
from dcgan.data.own_pictures import read_pictures
from dcgan.errors import DCGANError
from dcgan.export.archive import export_run, import_run
from dcgan.images.png_recipe import encode_png, read_recipe
from dcgan.runs.library import list_runs
from dcgan.runs.pins import parse_pins
from dcgan.runs.run_folder import SHIPPED, open_run
from dcgan.settings import DIGIT_SHAPE, ImageShape
from dcgan.sweeps.queue import add_to_queue, read_queue

LIMIT_BYTES = 2 * 2**30  # Of address space, beyond what the process has when it begins.
_PNG = b"\x89PNG\r\n\x1a\n"
_HOSTILE = (
    "../",
    "../../../tmp/",
    "/tmp/",
    "C:\\",
    "..\\",
    "a/../../",
    "\x1b[2J",
    "x" * 300,
    "é/",
    ".",
)
_RUNNING = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "pickle.find_class")


@dataclass(frozen=True)
class Target:
    """A reader.

    Attributes:
        good: Files that it takes.
        read: Reads one, below a folder of its own; raises what is in `refusals` where it does not.
    """

    good: Sequence[bytes]
    read: Callable[[bytes, Path], object]
    refusals: tuple[type[Exception], ...] = (DCGANError,)


def damage(rng: np.random.Generator, good: Sequence[bytes]) -> bytes:
    """Damage a file; where it has sums that would tell, as often as not behind them."""
    data = good[int(rng.integers(len(good)))]
    if rng.random() < 0.5:
        return turn(rng, data, good)
    if zipfile.is_zipfile(io.BytesIO(data)):
        return pack_anew(rng, data)
    if data.startswith(_PNG):
        return sum_anew(turn(rng, data, good))
    return turn(rng, data, good)


def turn(rng: np.random.Generator, data: bytes, others: Sequence[bytes]) -> bytes:
    """Damage bytes in one way or some."""
    turned = bytearray(data)
    for _ in range(rng.geometric(0.5)):
        if not turned:
            break
        at, length = int(rng.integers(len(turned))), int(rng.integers(1, 65))
        match rng.integers(7):
            case 0:
                turned[at] ^= 1 << int(rng.integers(8))
            case 1:
                turned[at] = int(rng.integers(256))
            case 2:  # Lengths, counts and offsets.
                size = int(rng.choice((1, 2, 4, 8)))
                turned[at : at + size] = bytes([int(rng.choice((0, 0x7F, 0x80, 0xFF)))]) * size
            case 3:
                del turned[at : at + length]
            case 4:
                turned[at:at] = turned[at : at + length] * int(rng.integers(1, 5))
            case 5:
                other = others[int(rng.integers(len(others)))]
                begin = int(rng.integers(len(other)))
                turned[at : at + length] = other[begin : begin + length]
            case _:
                if rng.random() < 0.3:
                    del turned[at:]
    return bytes(turned)


def pack_anew(rng: np.random.Generator, data: bytes) -> bytes:
    """Damage what is in a ZIP or .npz, or its names, and pack it again."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Two members of one name.
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
        for _ in range(rng.geometric(0.5)):
            at = int(rng.integers(len(members)))
            name, content = members[at]
            match rng.integers(5):
                case 0 | 1:
                    members[at] = (name, turn(rng, content, [content]) if content else b"x")
                case 2:
                    members[at] = (_HOSTILE[int(rng.integers(len(_HOSTILE)))] + name, content)
                case 3:
                    members.append((name, bytes(int(rng.integers(1, 2**20)))))
                case _:
                    if len(members) > 1:
                        del members[at]
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
            for name, content in members:
                target.writestr(name, content)
    return packed.getvalue()


def sum_anew(data: bytes) -> bytes:
    """Give each chunk of a PNG the sum that fits it, as far as chunks can be told."""
    mended, at = bytearray(data), len(_PNG)
    while at + 12 <= len(mended):
        end = at + 8 + int.from_bytes(mended[at : at + 4], "big")
        if end + 4 > len(mended):
            break
        mended[end : end + 4] = zlib.crc32(mended[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(mended)


class Watch:
    """Notes what the process does that a reader has no business to do."""

    def __init__(self) -> None:
        self.allowed = Path("/nowhere")
        self.is_on = False
        self.found: set[str] = set()
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.is_on:
            return
        if event.startswith(_RUNNING):
            self.found.add(f"{event} {arguments[:1]}")
        elif event == "open" and isinstance(arguments[0], str):
            flags = arguments[2] if isinstance(arguments[2], int) else 0
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self._check(event, arguments[0])
        elif event in ("os.mkdir", "os.remove", "os.rmdir", "os.rename", "os.link", "os.symlink"):
            self._check(event, str(arguments[1 if event == "os.rename" else 0]))

    def _check(self, event: str, path: str) -> None:
        # Names relative to an open folder are of a temporary one that is being taken away.
        is_far = not Path(os.path.normpath(path)).is_relative_to(self.allowed)
        if Path(path).is_absolute() and is_far:
            self.found.add(f"{event} {path}")


def small_run(folder: Path) -> Path:
    """Make a run with a tiny network, all of whose files are there."""
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


def flat_array(values: np.ndarray) -> bytes:
    """Make a .npy file."""
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def targets(folder: Path) -> Mapping[str, Target]:
    """Make good files of each kind, and who reads them."""
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
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, values in enumerate(pixels):
            archive.writestr(f"digits/{number}.png", encode_png(values))
    idx = struct.pack(">HBB3I", 0, 8, 3, *pixels.shape) + pixels.tobytes()
    text = io.BytesIO()
    np.savetxt(text, pixels[:, :8, :8].reshape(66, 64), "%d", delimiter=",", header="p" + ",p" * 63)
    table = text.getvalue()
    stacks = []
    for kind in ("TIFF", "GIF", "WEBP", "PNG"):
        file = io.BytesIO()
        first, *others = (Image.fromarray(values) for values in pixels)
        first.save(file, kind, save_all=True, append_images=others)
        stacks.append(file.getvalue())
    run = small_run(folder)
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
        """Have half of them read as digits, half large and in colour."""
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

    def read_waiting(data: bytes, place: Path) -> object:
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
        "picture": Target(
            pictures, lambda data, _: decode_picture(data, shape_for(data)), (Unusable,)
        ),
        "npz": Target(arrays, read_data(".npz")),
        "zip": Target([zipped.getvalue()], read_data(".zip")),
        "npy": Target([flat_array(pixels), flat_array(pixels / 255)], read_data(".npy")),
        "idx": Target([idx, gzip.compress(idx)], read_data("")),
        "csv": Target([table, gzip.compress(table)], read_data(".csv")),
        "frames": Target(stacks, read_data(".tif")),
        "recipe": Target(
            [encode_png(pixels[0], recipe), encode_png(pixels[1], {"z": [0.1] * 64})],
            lambda data, _: read_recipe(data),
        ),
        "archive": Target([packed], lambda data, place: import_run(io.BytesIO(data), place)),
        "pins": Target(
            [json.dumps(pins).encode()], lambda data, _: parse_pins(data, 4, what="pins")
        ),
        "queue": Target([(folder / ".queue.json").read_bytes()], read_waiting),
        **{f"run/{name}": Target([parts[name]], read_part(name)) for name in of_run},
    }


def main() -> None:
    """Damage, read, and print what happened."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--inputs", type=int, default=2000, help="For each reader.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    logging.disable()  # Thousands of notes on damaged checkpoints.
    watch = Watch()
    num_crashes = num_inputs = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        known = targets(folder)
        open_run(SHIPPED)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + LIMIT_BYTES, resource.RLIM_INFINITY))
        print(f"{'reader':<44}{'inputs':>8}{'read':>8}{'refused':>9}{'crashes':>9}{'slowest':>10}")  # noqa: T201
        for reader, target in known.items():
            if options.only and not any(word in reader for word in options.only):
                continue
            counts = {"read": 0, "refused": 0, "crash": 0}
            slowest = 0.0
            for number in range(options.inputs):
                data = damage(np.random.default_rng((options.seed, number)), target.good)
                place = folder / "place"
                place.mkdir()
                watch.allowed = place
                started = time.perf_counter()
                watch.is_on = True
                try:
                    target.read(data, place)
                    counts["read"] += 1
                except target.refusals:
                    counts["refused"] += 1
                except Exception:  # noqa: BLE001 - whatever it is, it is a finding
                    counts["crash"] += 1
                    if counts["crash"] <= 3:
                        print(f"{reader}, input {number}:\n{traceback.format_exc()}")  # noqa: T201
                finally:
                    watch.is_on = False
                slowest = max(slowest, time.perf_counter() - started)
                shutil.rmtree(place)
            num_inputs += options.inputs
            num_crashes += counts["crash"]
            print(  # noqa: T201
                f"{reader:<44}{options.inputs:>8}{counts['read']:>8}{counts['refused']:>9}"
                f"{counts['crash']:>9}{slowest:>8.2f} s",
                flush=True,
            )
    print(f"{num_crashes} crashes in {num_inputs:,} inputs")  # noqa: T201
    print(f"written or run elsewhere: {sorted(watch.found) or 'nothing'}")  # noqa: T201
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"most memory in use: {peak:.0f} MiB; allowed were {LIMIT_BYTES / 2**20:.0f} MiB more")  # noqa: T201
    sys.exit(1 if num_crashes or watch.found else 0)


if __name__ == "__main__":
    main()

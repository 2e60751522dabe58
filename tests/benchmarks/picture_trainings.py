"""Train on own pictures with the settings that the check advises, and show what it gives.

    python tests/benchmarks/picture_sets.py /tmp/sets
    python tests/benchmarks/picture_trainings.py /tmp/sets/letters /tmp/sets/emoji /tmp/sets/photos

For each folder: runs the check; trains in ten minutes' steps of two quiet cores, which a busy
computer takes longer for; evaluates. Prints a row of a table in Markdown, and writes a sheet with
real pictures at the left and generated ones at the right, a PNG of at most 60 kB. A run that is
there already, in `--root`, is only measured.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.data.held_out import compute_num_held_out
from dcgan.data_check.advice import advise
from dcgan.data_check.check import check_pictures
from dcgan.evaluation.metric_info import format_metric
from dcgan.images.grids import tile
from dcgan.latent.sampling import sample_latent
from dcgan.recording.recorder import record
from dcgan.recording.start import start_run
from dcgan.runs.checkpoint_generator import evaluate_run, load_sampler
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.training_data import load_training_data

# Steps of the default networks in 600 s on two cores of a server, by the size of the pictures.
STEPS = {28: 17_800, 32: 15_000, 64: 2_500}
_HALF_WIDTH = 420  # Pixels of each half of a sheet, about.
_GAP = 24  # White pixels between the halves.
_MAX_BYTES = 60_000


def choose_config(folder: Path, steps: int | None, changes: list[str]) -> TrainingConfig:
    """Return the settings that the check of a folder advises, for a number of steps."""
    config = TrainingConfig.create(dataset=str(folder))
    checked = check_pictures(config)
    advised = advise(checked).settings
    seen = config.replace(image_size=advised["image_size"], color=advised["color"])
    if seen != config:
        checked = check_pictures(seen)
        advised = advise(checked).settings
    values = dict(change.split("=", 1) for change in changes)
    config = TrainingConfig.create(dataset=str(folder), **(dict(advised) | values))
    num_copies = sum(len(group) - 1 for group in checked.list_near_duplicates())
    leaves_out = config.near_duplicates == "leave_out"
    num = len(checked.dataset) - (num_copies if leaves_out else 0)
    per_epoch = config.compute_steps_per_epoch(num - compute_num_held_out(num))
    return config.replace(epochs=-(-(steps or STEPS[config.image_size]) // per_epoch))


def train_run(config: TrainingConfig, path: Path) -> None:
    """Train a new run to its end, and print the processor time of its steps."""
    run, gan, dataset = start_run(config, path=path)
    before = resource.getrusage(resource.RUSAGE_SELF)
    for _ in record(run, gan, dataset):
        pass
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(  # noqa: T201
        f"{run.name}: {gan.step:,} steps in {gan.seconds:,.0f} s; {spent:,.0f} s of processor time",
        flush=True,
    )


def draw_sheet(run: Run, dataset: ImageDataset) -> bytes:
    """Draw real pictures at the left and generated ones at the right, of the same classes."""
    config = run.config
    side, scale = config.image_size, 1 if config.image_size == 64 else 2
    per_side = _HALF_WIDTH // ((side + 2) * scale)
    num = per_side**2
    draws = np.random.default_rng(0)
    classes = None
    if dataset.labels is None:
        chosen = draws.permutation(len(dataset))[:num]
    else:
        labels = np.resize(np.arange(len(dataset.class_names)), num).astype(np.int32)
        chosen = np.array([draws.choice(np.flatnonzero(dataset.labels == each)) for each in labels])
        classes = labels if config.num_classes else None
    sampler, _ = load_sampler(run)
    generated = sampler.generate(sample_latent(0, num, config.latent_dim), classes)
    # Pictures in colour become large files: fewer pictures show more than fewer colours.
    for rows in range(per_side, 1, -1):
        halves = [
            tile(pixels, rows, per_side, scale=scale)
            for pixels in (dataset.pixels[chosen], generated)
        ]
        gap = np.full((halves[0].shape[0], _GAP, *halves[0].shape[2:]), 255, np.uint8)
        sheet = Image.fromarray(np.concatenate([halves[0], gap, halves[1]], axis=1))
        stream = io.BytesIO()
        reduced = sheet if sheet.mode == "L" else sheet.quantize(64, dither=Image.Dither.NONE)
        reduced.save(stream, "png", optimize=True)
        if stream.tell() <= _MAX_BYTES:
            break
    return stream.getvalue()


def describe_run(run: Run) -> str:
    """Measure a run; return a row of the table."""
    step, measured, real = evaluate_run(run)

    def show(name: str) -> str:
        value, floor = measured.estimates[name].value, real.estimates[name].value
        return f"{format_metric(name, value)} ({format_metric(name, floor)})"

    return (
        f"| {run.name} | {step:,} | {measured.num_images:,} | {show('sliced_wasserstein')} "
        f"| {show('copies')} |"
    )


def main() -> None:
    """Train the sets that have no run yet, and measure all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", help="a folder of pictures each")
    parser.add_argument("--root", type=Path, default=Path("picture-trainings"))
    parser.add_argument("--steps", type=int, help="instead of those of ten minutes")
    parser.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help="other settings")
    options = parser.parse_args()
    options.root.mkdir(parents=True, exist_ok=True)
    rows = []
    for folder in options.folders:
        path = options.root / ",".join([folder.name, *options.set])
        if not path.is_dir():
            train_run(choose_config(folder, options.steps, options.set), path)
        run = open_run(path)
        rows.append(describe_run(run))
        (path.parent / f"{path.name}.png").write_bytes(draw_sheet(run, load_training_data(run)))
    print("| run | steps | pictures compared | distance (real) | copies (held out) |")  # noqa: T201
    print("| --- | --: | --: | --: | --: |", *rows, sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()

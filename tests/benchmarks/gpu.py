"""Measure on a GPU what the defaults for GPUs should be; a CPU can take its place to try it.

    python tests/benchmarks/gpu.py [--seconds 3] [--budget 450] [--presets fast classic]

Prints images/s of each preset as it is, and with one change each: without TensorFloat-32, with XLA,
in bfloat16, with larger batches, with other chunk lengths and with larger pictures. It ends with
the defaults that follow: a change is worth a default if it makes `WORTH` times as many images. The
first step of each, which traces and compiles, is not timed. After `--budget` seconds the rest is
left out, and named.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(1, str(Path(__file__).resolve().parent))

import numpy as np
import tensorflow as tf
from lever_designs import in_bfloat16
from lever_steps import XLAStep
from levers import Lever, LeverGAN

from dcgan.config.training_config import PRESETS, TrainingConfig
from dcgan.errors import OutOfMemoryError
from dcgan.model.devices import explain_memory_errors, prepare_gpus
from dcgan.training.batches import MAX_CHUNK_STEPS
from dcgan.training_step.step import TrainingStep
from dcgan.training_step.training_images import TrainingImages

WORTH = 1.1
# Twice the batch needs twice the images for as many steps, so it must bring more.
BATCH_WORTH = 1.25
BATCH_SIZES = (128, 256, 512, 1024, 2048, 4096)
CHUNKS = (1, 10, 100, MAX_CHUNK_STEPS)
IMAGE_SIZES = (32, 64)
_NUM_IMAGES = 8192
_CLASSES = tuple("0123456789")


@dataclass(frozen=True)
class Case:
    """A preset with one change.

    Attributes:
        preset: Its name.
        label: The change, for people.
        changes: Changed settings.
        chunk: Steps in one call of the graph; None for as many as take about half a second.
        has_tf32, has_xla, is_bfloat16: How the step computes.
    """

    preset: str
    label: str
    changes: tuple[tuple[str, int], ...] = ()
    chunk: int | None = None
    has_tf32: bool = True
    has_xla: bool = False
    is_bfloat16: bool = False


def list_cases(preset: str, batch_sizes: Sequence[int]) -> list[Case]:
    """Return the cases of a preset, the most important first."""
    default = TrainingConfig.preset(preset).batch_size
    return [
        Case(preset, "as it is"),
        Case(preset, "XLA", has_xla=True),
        Case(preset, "bfloat16", is_bfloat16=True),
        Case(preset, "no TensorFloat-32", has_tf32=False),
        *(
            Case(preset, f"batches of {size}", (("batch_size", size),))
            for size in batch_sizes
            if size != default
        ),
        *(Case(preset, f"{steps} steps a call", chunk=steps) for steps in CHUNKS),
        *(
            Case(preset, f"pictures of {size}×{size}", (("image_size", size),))
            for size in IMAGE_SIZES
        ),
    ]


def make_images(config: TrainingConfig) -> TrainingImages:
    """Make random pictures with classes: the speed does not depend on what they show."""
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (_NUM_IMAGES, *config.image_shape), dtype=np.uint8)
    labels = random.integers(0, config.num_classes, _NUM_IMAGES, dtype=np.int32)
    return TrainingImages(tf.constant(pixels), tf.constant(labels))


def measure(case: Case, seconds: float) -> float:
    """Train with random pictures for some seconds; return images/s, the median of the calls.

    Raises:
        OutOfMemoryError: If a step does not fit into memory.
    """
    tf.config.experimental.enable_tensor_float_32_execution(case.has_tf32)
    config = TrainingConfig.preset(
        case.preset, class_names=_CLASSES, class_conditional=True, **dict(case.changes)
    )
    rebuild = in_bfloat16 if case.is_bfloat16 else None
    step = XLAStep if case.has_xla else TrainingStep
    gan = LeverGAN(config, Lever(generator=rebuild, discriminator=rebuild, step=step))
    with explain_memory_errors(case.label, "a smaller batch"):
        images = make_images(config)
        size = config.batch_size
        order = tf.constant(
            np.resize(np.arange(_NUM_IMAGES, dtype=np.int32), MAX_CHUNK_STEPS * size)
        )
        gan.train_steps(images, order, 0, 2)  # Traces; the second call is as fast as all others.
        started = time.perf_counter()
        gan.train_steps(images, order, 0, 2)
        step_seconds = (time.perf_counter() - started) / 2
        chunk = case.chunk or max(2, min(MAX_CHUNK_STEPS, int(0.5 / step_seconds)))
        speeds: list[float] = []
        end = time.perf_counter() + seconds
        while not speeds or time.perf_counter() < end:
            started = time.perf_counter()
            gan.train_steps(images, order, 0, chunk)
            speeds.append(chunk * size / (time.perf_counter() - started))
    return statistics.median(speeds)


def conclude(preset: str, speeds: dict[Case, float]) -> Iterator[str]:
    """Yield the defaults that follow for a preset, one sentence each."""
    by_label = {case.label: speed for case, speed in speeds.items() if case.preset == preset}
    base = by_label.get("as it is")
    if base is None:
        return
    for label, name in (("XLA", "XLA"), ("bfloat16", "bfloat16")):
        if label in by_label:
            ratio = by_label[label] / base
            yield f"{name}: {'on' if ratio >= WORTH else 'off'} ({ratio:.2f} times the images)"
    if "no TensorFloat-32" in by_label:
        ratio = base / by_label["no TensorFloat-32"]
        yield f"TensorFloat-32: {'on' if ratio >= WORTH else 'no matter'} ({ratio:.2f} times)"
    best, speed = TrainingConfig.preset(preset).batch_size, base
    for size in BATCH_SIZES:
        larger = by_label.get(f"batches of {size}", 0.0)
        if larger >= speed * BATCH_WORTH and size > best:
            best, speed = size, larger
    yield f"batch size: {best} ({speed:,.0f} images/s); what it draws is not measured here"
    chunks = {steps: by_label.get(f"{steps} steps a call", 0.0) for steps in CHUNKS}
    if all(chunks.values()):
        enough = min(steps for steps in CHUNKS if chunks[steps] * 1.05 >= max(chunks.values()))
        yield f"steps a call: at least {enough}"


def describe_device() -> str:
    """Name the device, the processor and TensorFlow's version."""
    gpus = tf.config.list_physical_devices("GPU")
    names = [
        tf.config.experimental.get_device_details(gpu).get("device_name", "GPU") for gpu in gpus
    ]
    device = ", ".join(names) or f"no GPU: CPU with {os.cpu_count()} cores"
    return f"{device}; {platform.machine()}, TensorFlow {tf.__version__}"


def main() -> None:
    """Measure all cases within the budget and print the tables and the defaults."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="Training time of each case.")
    parser.add_argument("--budget", type=float, default=450.0, help="Seconds for all cases.")
    parser.add_argument("--presets", nargs="+", default=list(PRESETS), choices=list(PRESETS))
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=list(BATCH_SIZES))
    options = parser.parse_args()
    end = time.monotonic() + options.budget
    prepare_gpus()
    print(f"{describe_device()}\n\n| preset | change | images/s |\n| --- | --- | --: |", flush=True)  # noqa: T201
    speeds: dict[Case, float] = {}
    left_out = []
    # The presets in turn, so that a small budget leaves out the same cases of each.
    by_preset = [list_cases(preset, options.batch_sizes) for preset in options.presets]
    for cases in zip(*by_preset, strict=False):
        for case in cases:
            if time.monotonic() > end:
                left_out.append(f"{case.preset}, {case.label}")
                continue
            try:
                speeds[case] = measure(case, options.seconds)
            except OutOfMemoryError as error:
                result = str(error)
            except tf.errors.OpError as error:
                result = f"TensorFlow cannot: {str(error).splitlines()[0][:100]}"
            else:
                result = f"{speeds[case]:,.0f}"
            print(f"| {case.preset} | {case.label} | {result} |", flush=True)  # noqa: T201
    for preset in options.presets:
        for sentence in conclude(preset, speeds):
            print(f"{preset}: {sentence}")  # noqa: T201
    if left_out:
        print(f"Left out after {options.budget:g} s: {'; '.join(left_out)}")  # noqa: T201


if __name__ == "__main__":
    main()

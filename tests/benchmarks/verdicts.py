"""Compare the verdict with runs that are made to fail, and with healthy ones.

    python tests/benchmarks/verdicts.py [--folder DIR] [--seconds 60] [--only "swapped" …]

Each case is trained once and kept as a run in the folder; a case that exists is only diagnosed
again, so a changed threshold can be tried on all of them in a second. Every step report of every
run is diagnosed with what was known at that step. Prints for each case the step and second of the
first right verdict, and the other verdicts; in a healthy run every alarm is false.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_dataset
from dcgan.diagnosis.diagnose import diagnose
from dcgan.diagnosis.verdict import Verdict, VerdictKind
from dcgan.errors import DivergenceError
from dcgan.model.devices import choose_strategy
from dcgan.model.gan import DCGAN
from dcgan.recording.recorder import record
from dcgan.runs.run_folder import Run, open_run
from dcgan.training_step.augmentation import Augment
from dcgan.training_step.parts import build_parts
from dcgan.training_step.step import TrainingStep
from dcgan.training_step.step_inputs import StepInputs
from dcgan.training_step.training_images import TrainingImages


class ZeroInputs(StepInputs):
    """Inputs with the same z for every picture."""

    def draw_z(self, draw_index: tf.Tensor) -> tf.Tensor:
        return tf.zeros_like(super().draw_z(draw_index))


class ShrinkingInputs(StepInputs):
    """Inputs with fewer and fewer different z: eight at step 600, one from step 1,125 on."""

    def draw_z(self, draw_index: tf.Tensor) -> tf.Tensor:
        # Smaller values of z would have no effect, as BatchNorm rescales them.
        z = super().draw_z(draw_index)
        num = tf.shape(z)[0]
        num_left = tf.clip_by_value(8 - (draw_index - 600) // 75, 1, num)
        return tf.gather(z, tf.range(num) % num_left)


class SwappedLabels(TrainingStep):
    """Steps that train the discriminator with swapped labels."""

    def update_discriminator(
        self,
        real_images: tf.Tensor,
        fake_images: tf.Tensor,
        classes: tf.Tensor | None,
        draw_index: tf.Tensor,
        step: tf.Tensor,
        augment: Augment,
    ) -> dict[str, tf.Tensor]:
        measured = super().update_discriminator(
            fake_images, real_images, classes, draw_index, step, augment
        )
        return {
            **measured,
            "real_accuracy": 1.0 - measured["fake_accuracy"],
            "fake_accuracy": 1.0 - measured["real_accuracy"],
            "real_probability": measured["fake_probability"],
            "fake_probability": measured["real_probability"],
        }


class OnlyOnes(TrainingStep):
    """Steps with ones only, though the data and evaluations are all of MNIST."""

    def run(
        self, images: TrainingImages, order: tf.Tensor, position: int, step: int, num_steps: int
    ) -> np.ndarray:
        labels = load_dataset("mnist").labels
        assert labels is not None
        ones = tf.constant(np.flatnonzero(labels == 1), tf.int32)
        order = tf.gather(ones, order % len(ones))
        return super().run(images, order, position, step, num_steps)


def make_gan(config: TrainingConfig, case: Case) -> DCGAN:
    """Make a DCGAN with the step and the inputs of a case."""
    strategy = choose_strategy(config.strategy)
    inputs = case.inputs(config, strategy.num_replicas_in_sync)
    parts = dataclasses.replace(build_parts(config, strategy), inputs=inputs)
    return DCGAN(config, strategy, parts, case.step)


def mnist() -> ImageDataset:
    """Load all of MNIST."""
    return load_dataset("mnist")


def ones_of_mnist() -> ImageDataset:
    """Load MNIST's ones as a data set of digits."""
    whole = mnist()
    assert whole.labels is not None
    chosen = whole.labels == 1
    return replace_pixels(whole, whole.pixels[chosen], labels=whole.labels[chosen])


def own_ones() -> ImageDataset:
    """Load MNIST's ones as own pictures, which are not known to be digits."""
    return dataclasses.replace(ones_of_mnist(), name="ones.npz", labels=None)


def constant_images() -> ImageDataset:
    """Return a data set with the same picture 6,000 times."""
    whole = mnist()
    return replace_pixels(whole, np.repeat(whole.pixels[:1], 6000, axis=0), name="constant.npz")


def replace_pixels(
    whole: ImageDataset,
    pixels: np.ndarray,
    name: str | None = None,
    labels: np.ndarray | None = None,
) -> ImageDataset:
    """Return a data set with other pictures."""
    fingerprint = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
    return ImageDataset(name or whole.name, pixels, labels, fingerprint)


@dataclass(frozen=True)
class Case:
    """A run to diagnose.

    Attributes:
        settings: Settings that differ from the preset.
        preset: The preset.
        step: The class of the training steps.
        inputs: The class of their inputs.
        data: Loads the data set.
        share: The training time as a share of `--seconds`.
        expected: The right verdicts; empty for a healthy run, which must raise no alarm.
        within: The step by which one of them must come.
    """

    settings: Mapping[str, object] = field(default_factory=dict)
    preset: str = "fast"
    step: type[TrainingStep] = TrainingStep
    inputs: type[StepInputs] = StepInputs
    data: Callable[[], ImageDataset] = mnist
    share: float = 1.0
    expected: tuple[VerdictKind, ...] = ()
    within: int = 0


FOLDER = Path(tempfile.gettempdir()) / "verdicts"
RATE = TrainingConfig().generator_learning_rate
CASES: dict[str, Case] = {
    "discriminator lr x200": Case(
        {"discriminator_learning_rate": 200 * RATE},
        share=0.5,
        expected=("diverging",),
        within=1000,
    ),
    "generator lr x20": Case(
        {"generator_learning_rate": 20 * RATE},
        share=0.8,
        expected=("collapsed", "discriminator_winning"),
        within=600,
    ),
    "generator lr x0.01": Case(
        {"generator_learning_rate": RATE / 100},
        share=0.5,
        expected=("discriminator_winning",),
        within=600,
    ),
    "discriminator lr x0.01": Case(
        {"discriminator_learning_rate": RATE / 100},
        share=0.5,
        expected=("generator_winning",),
        within=600,
    ),
    "no noise": Case(inputs=ZeroInputs, share=0.5, expected=("collapsed",), within=600),
    "ever fewer z": Case(inputs=ShrinkingInputs, share=0.7, expected=("collapsing",), within=1300),
    "fed only ones": Case(step=OnlyOnes, expected=("collapsed",), within=1000),
    "labels swapped": Case(
        step=SwappedLabels, share=0.5, expected=("generator_winning",), within=600
    ),
    "constant images": Case(data=constant_images, share=0.5, expected=("collapsed",), within=100),
    "both lr 1": Case(
        {"generator_learning_rate": 1.0, "discriminator_learning_rate": 1.0},
        share=0.4,
        expected=("diverging",),
        within=300,
    ),
    # Healthy: both designs tolerate such a rate, with or without penalty and smoothing, as their
    # discriminators have BatchNorm.
    "classic, discriminator lr x20": Case(
        {"discriminator_learning_rate": 4e-3}, preset="classic", share=1.5
    ),
    "discriminator lr x20": Case({"discriminator_learning_rate": 20 * RATE}, share=0.8),
    "discriminator lr x20, no R1, no smoothing": Case(
        {"r1_penalty": 0.0, "label_smoothing": 0.0, "discriminator_learning_rate": 20 * RATE},
        share=0.6,
    ),
    # Digits that the data lack need not be drawn.
    "ones as digits": Case(data=ones_of_mnist, share=0.6),
    "ones as own pictures": Case(data=own_ones, share=0.6),
    **{f"healthy, seed {seed}": Case({"seed": seed}, share=1.1) for seed in range(5)},
    "healthy, classic": Case(preset="classic", share=3.0),
    "healthy, classic, seed 1": Case({"seed": 1}, preset="classic"),
    "healthy, classic, seed 2": Case({"seed": 2}, preset="classic"),
    "healthy, a tenth of the lr": Case(
        {"generator_learning_rate": RATE / 10, "discriminator_learning_rate": RATE / 10}
    ),
    "healthy, no R1": Case({"r1_penalty": 0.0, "discriminator_learning_rate": RATE / 4}),
    "healthy, batch 128": Case({"batch_size": 128}),
    "healthy, no smoothing, no EMA": Case({"label_smoothing": 0.0, "ema_decay": 0.0}, share=0.7),
    "healthy, dropout, wide": Case(
        {"dropout": 0.3, "discriminator_filters": (32, 64), "latent_dim": 64}
    ),
    "healthy, two D steps": Case({"discriminator_steps": 2}, share=0.7),
    "healthy, half lr": Case(
        {"generator_learning_rate": RATE / 2, "discriminator_learning_rate": RATE / 2}, share=0.7
    ),
}


def train(case: Case, path: Path, seconds: float) -> None:
    """Train a case and keep it as a run."""
    config = TrainingConfig.preset(
        case.preset, **{**case.settings, "epochs": None, "max_seconds": seconds * case.share}
    )
    dataset = case.data()
    run, gan = Run.create(config, dataset, path=path), make_gan(config, case)
    try:
        for _ in record(run, gan, dataset):
            pass
    except DivergenceError as error:
        print(f"{path.name}: {error}", file=sys.stderr)  # noqa: T201


@dataclass(frozen=True)
class Moment:
    """A verdict with its step and training time."""

    step: int
    seconds: float
    verdict: Verdict


def diagnose_all(run: Run) -> list[Moment]:
    """Diagnose a run at each of its step reports, with what was known at that step."""
    evaluations, events = run.history.read_evaluations(), run.history.read_events()
    moments, known = [], []
    for report in run.history.read_steps():
        known.append(report)
        verdict = diagnose(
            known,
            [measured for measured in evaluations if measured.step <= report.step],
            [event for event in events if event.step < report.step],
            run.config,
        )
        moments.append(Moment(report.step, report.seconds, verdict))
    return moments


def describe(moments: Sequence[Moment]) -> str:
    """Return the sequence of verdicts, each with its first step."""
    kinds = [moment.verdict.kind for moment in moments]
    changed = [
        index for index in range(len(kinds)) if index == 0 or kinds[index] != kinds[index - 1]
    ]
    words = [f"{kinds[index]} {moments[index].step}" for index in changed]
    return " → ".join(
        words if len(words) <= 6 else [*words[:5], f"… {len(words) - 6} …", words[-1]]
    )


def main() -> None:
    """Train the missing runs, diagnose all and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER, help="Folder of the runs.")
    parser.add_argument("--seconds", type=float, default=60.0, help="Training time of most cases.")
    parser.add_argument(
        "--only", nargs="*", default=[], help="Cases whose name contains one of these words."
    )
    parser.add_argument(
        "--offline", action="store_true", help="Diagnose existing runs, train nothing."
    )
    parser.add_argument("--last", action="store_true", help="Print the last verdicts in full.")
    options = parser.parse_args()
    chosen = {
        name: case
        for name, case in CASES.items()
        if not options.only or any(word in name for word in options.only)
    }
    runs = {}
    for name, case in chosen.items():
        path = options.folder / name.replace(" ", "-").replace(",", "")
        if not (path / "status.json").is_file() and not options.offline:
            print(f"training: {name}", file=sys.stderr, flush=True)  # noqa: T201
            train(case, path, options.seconds)
        if (path / "status.json").is_file():
            runs[name] = open_run(path)
    num_failing = num_in_time = false_alarms = 0
    healthy_seconds = 0.0
    print(f"{'case':<42}{'recognised':>22}{'limit':>7}  verdicts, each with its first step")  # noqa: T201
    for name, run in runs.items():
        case, moments = CASES[name], diagnose_all(run)
        if case.expected:
            right = next(
                (moment for moment in moments if moment.verdict.kind in case.expected), None
            )
            num_failing += 1
            num_in_time += right is not None and right.step <= case.within
            result = f"step {right.step} ({right.seconds:.1f} s)" if right else "never"
        else:
            alarms = sum(moment.verdict.is_alarm for moment in moments)
            false_alarms += alarms
            healthy_seconds += moments[-1].seconds
            result = f"{alarms} alarms in {moments[-1].seconds:.0f} s"
        limit = case.within or ""
        print(f"{name:<42}{result:>22}{limit:>7}  {describe(moments)}")  # noqa: T201
        if options.last:
            last = moments[-1].verdict
            lines = [last.headline, *last.evidence, last.cause, *map(str, last.actions)]
            print("".join(f"    {line}\n" for line in lines))  # noqa: T201
    print(f"recognised in time: {num_in_time} of {num_failing} that fail")  # noqa: T201
    print(f"false alarms: {false_alarms} in {healthy_seconds:,.0f} s of healthy training")  # noqa: T201


if __name__ == "__main__":
    main()

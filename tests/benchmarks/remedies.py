"""Do what the verdict offers in runs that are made to fail, and see whether it helps.

    python tests/benchmarks/remedies.py [--steps 2000] [--only "lr x20" …]

At each alarm the first change of settings that the verdict names is made, in place, also where it
would have them in a new run; then the verdict is waited for as on the page. Prints what was said
and done at which step, and how the run stood at the end.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_dataset
from dcgan.diagnosis.diagnose import diagnose
from dcgan.errors import DivergenceError
from dcgan.model.gan import DCGAN
from dcgan.reports import EvaluationReport, EventReport, StepReport
from dcgan.training.loop import train

RATE = TrainingConfig().generator_learning_rate
# Learning rates of generator and discriminator, over the default's.
CASES = {
    "generator lr x0.01": (0.01, 1.0),
    "discriminator lr x0.01": (1.0, 0.01),
    "generator lr x20": (20.0, 1.0),
    "discriminator lr x200": (1.0, 200.0),
    "both lr 1": (1 / RATE, 1 / RATE),
}


def follow(config: TrainingConfig, dataset: ImageDataset, num_steps: int) -> list[str]:
    """Train, do what is offered at each alarm, and return what happened, in words."""
    gan, told, last = DCGAN(config), [], ""
    steps: list[StepReport] = []
    evaluations: list[EvaluationReport] = []
    events: list[EventReport] = []
    for report in train(gan, dataset, config):
        if isinstance(report, EvaluationReport):
            evaluations.append(report)
        if not isinstance(report, StepReport):
            continue
        steps.append(report)
        verdict = diagnose(steps, evaluations, events, gan.config)
        if verdict.kind != last:
            told.append(f"{report.step} {verdict.kind}")
            last = verdict.kind
        if report.step >= num_steps:
            break
        action = next((it for it in verdict.actions if it.changes and it.is_live), None)
        if verdict.is_alarm and action is not None:
            gan.change_config(gan.config.replace(**action.changes))
            told.append(f"{action.kind} {dict(action.changes)}")
            events.append(EventReport(report.step, 1, report.seconds, "changed", action.kind))
    return told


def main() -> None:
    """Follow each case, and print what happened."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--only", nargs="*", default=[], help="Cases whose name holds one of them.")
    options = parser.parse_args()
    dataset = load_dataset("mnist")
    for name, (generator, discriminator) in CASES.items():
        if options.only and not any(word in name for word in options.only):
            continue
        config = TrainingConfig(
            generator_learning_rate=generator * RATE,
            discriminator_learning_rate=discriminator * RATE,
            epochs=100,
        )
        try:
            told = follow(config, dataset, options.steps)
        except DivergenceError as error:
            told = [str(error)]
        print(f"{name:<24} {' → '.join(told)}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

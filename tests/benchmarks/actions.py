"""Carry out the verdict's actions in runs that are made to fail; prints the effect.

    python tests/benchmarks/actions.py [--steps 2000] [--only "lr x20" …]

After each alarm the first suggested change of settings is made in the running training, also if it
is suggested for a new run. Prints the verdicts and changes with their steps.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_dataset
from dcgan.diagnosis.diagnose import diagnose
from dcgan.errors import DivergenceError
from dcgan.model.gan import DCGAN
from dcgan.recording.evaluations import add_evaluations
from dcgan.reports import EvaluationReport, EventReport, StepReport
from dcgan.training.loop import train

RATE = TrainingConfig().generator_learning_rate
# Factors of the generator's and the discriminator's learning rate.
CASES = {
    "generator lr x0.01": (0.01, 1.0),
    "discriminator lr x0.01": (1.0, 0.01),
    "generator lr x20": (20.0, 1.0),
    "discriminator lr x200": (1.0, 200.0),
    "both lr 1": (1 / RATE, 1 / RATE),
}


def train_with_actions(config: TrainingConfig, dataset: ImageDataset, num_steps: int) -> list[str]:
    """Train, carry out an action after each alarm, and return the verdicts and actions."""
    gan, log, last = DCGAN(config), [], ""
    steps: list[StepReport] = []
    evaluations: list[EvaluationReport] = []
    events: list[EventReport] = []
    for report in add_evaluations(train(gan, dataset, config), gan, dataset, config):
        if isinstance(report, EvaluationReport):
            evaluations.append(report)
        if not isinstance(report, StepReport):
            continue
        steps.append(report)
        verdict = diagnose(steps, evaluations, events, gan.config)
        if verdict.kind != last:
            log.append(f"{report.step} {verdict.kind}")
            last = verdict.kind
        if report.step >= num_steps:
            break
        action = next(
            (action for action in verdict.actions if action.changes and action.is_live), None
        )
        if verdict.is_alarm and action is not None:
            gan.change_config(gan.config.replace(**action.changes))
            log.append(f"{action.kind} {dict(action.changes)}")
            events.append(EventReport(report.step, 1, report.seconds, "changed", action.kind))
    return log


def main() -> None:
    """Train each case and print its verdicts and actions."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--only", nargs="*", default=[], help="Words in the names of cases.")
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
            log = train_with_actions(config, dataset, options.steps)
        except DivergenceError as error:
            log = [str(error)]
        print(f"{name:<24} {' → '.join(log)}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

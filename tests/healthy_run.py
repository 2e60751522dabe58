"""Long healthy runs for the diagnosis: their reports, of which a test changes some fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis.diagnose import diagnose
from dcgan.diagnosis.verdict import Verdict
from dcgan.reports import EvaluationReport, Event, EventReport, StepReport

CONFIG = TrainingConfig()


ALL_DIGITS = (0.1,) * 10


# A report of the default preset in the middle of training.
HEALTHY = StepReport(
    step=0,
    epoch=1,
    seconds=0.0,
    num_steps=20,
    generator_loss=0.89,
    discriminator_loss=1.3,
    real_accuracy=0.35,
    fake_accuracy=0.88,
    real_probability=0.475,
    fake_probability=0.425,
    generator_gradient_norm=0.43,
    discriminator_gradient_norm=0.33,
    images_per_second=2500.0,
    real_spread=0.367,
    fake_spread=0.36,
)


def steps(
    last: int = 1000, first: int = 20, every: int = 20, /, **changes: float | None
) -> list[StepReport]:
    """Return healthy reports from step `first` to `last`, with changed fields."""
    return [
        dataclasses.replace(HEALTHY, step=step, **changes)  # type: ignore[arg-type]
        for step in range(first, last + 1, every)
    ]


def evaluation(
    step: int = 938,
    distance: float = 3.0,
    shares: Sequence[float] = ALL_DIGITS,
    real_shares: Sequence[float] = ALL_DIGITS,
    *,
    precision: float = 0.76,
    coverage: float = 0.9,
    num_images: int = 1000,
) -> EvaluationReport:
    """Make a report of an evaluation with good metrics, except for those given."""
    return EvaluationReport(
        step=step,
        epoch=1,
        seconds=0.0,
        num_images=num_images,
        metrics={"frechet_distance": distance, "precision": precision, "coverage": coverage},
        real_metrics={"frechet_distance": 0.8, "precision": 0.9, "coverage": 0.98},
        digit_shares=tuple(shares),
        real_digit_shares=tuple(real_shares),
    )


def shares_of(*digits: int) -> tuple[float, ...]:
    """Return shares of digits in which only these occur, equally often."""
    return tuple(1 / len(digits) if digit in digits else 0.0 for digit in range(10))


def event(step: int, kind: Event = "changed") -> EventReport:
    """Make a report of a change of settings, or of another event."""
    return EventReport(step, 1, 0.0, kind, "Generator learning rate 0.04 → 0.01.")


def verdict_on(
    reports: Sequence[StepReport],
    evaluations: Sequence[EvaluationReport] = (),
    events: Sequence[EventReport] = (),
    config: TrainingConfig = CONFIG,
    num_images: int = 0,
) -> Verdict:
    """Diagnose a run that has these reports and is still in training."""
    return diagnose(reports, evaluations, events, config, num_images=num_images)

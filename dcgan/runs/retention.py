"""Retention of checkpoints: the choice of the checkpoints that a run keeps.

A run keeps its newest checkpoints, those at the ends of epochs 1, 2, 4, 8, …, and the one with the
best pictures by each main metric. So the disk use is bounded, the start of the run can be
revisited, and its best pictures are never lost. This module knows steps and settings, not files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.main_metric import (
    MAIN_METRICS,
    find_best_evaluation,
    find_main_metric,
    select_comparable,
)
from dcgan.reports import EvaluationReport


def list_checkpoints_to_delete(
    steps: Iterable[int], config: TrainingConfig, num_images: int, best: Collection[int] = ()
) -> list[int]:
    """Return the steps whose checkpoints are to be deleted, ascending.

    Args:
        steps: Steps of the checkpoints that exist.
        config: The run's settings; `keep_checkpoints` is the number of newest ones to keep.
        num_images: Size of the run's data set.
        best: The steps of `find_best_checkpoints`.
    """
    steps = sorted(steps)
    steps_per_epoch = config.compute_steps_per_epoch(num_images)
    return [
        step
        for step in steps[: -config.keep_checkpoints]
        if step not in best and not is_milestone(step, steps_per_epoch)
    ]


def find_best_checkpoint(
    evaluations: Sequence[EvaluationReport], steps: Iterable[int], num_images: int
) -> int | None:
    """Return the step of `find_best_evaluation`; None if none was evaluated.

    Args:
        evaluations: Reports of the run, oldest first. Only those that can be compared with the
            newest one are.
        steps: Steps of the checkpoints that exist.
        num_images: Size of the run's data set.
    """
    existing = set(steps)
    comparable = [report for report in select_comparable(evaluations) if report.step in existing]
    best = find_best_evaluation(comparable, num_images)
    return None if best is None else best.step


def find_best_checkpoints(
    evaluations: Sequence[EvaluationReport], steps: Iterable[int], num_images: int
) -> set[int]:
    """Return the best steps by each main metric, see `find_best_checkpoint`.

    An older version may have measured the first evaluations by another metric. The best of those
    cannot be compared with the newer ones, so it is kept too.
    """
    steps = set(steps)
    best = (
        find_best_checkpoint(
            [report for report in evaluations if find_main_metric(report.metrics) == metric],
            steps,
            num_images,
        )
        for metric in MAIN_METRICS
    )
    return {step for step in best if step is not None}


def is_milestone(step: int, steps_per_epoch: int) -> bool:
    """Return whether a step ends epoch 1, 2, 4, 8, …"""
    epoch, steps_after = divmod(step, steps_per_epoch)
    return steps_after == 0 and epoch > 0 and epoch & (epoch - 1) == 0

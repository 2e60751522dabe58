"""Retention of checkpoints: the choice of the checkpoints that a run keeps.

A run keeps its newest checkpoints, those at the ends of epochs 1, 2, 4, 8, …, and the one with the
best pictures. So the disk use is bounded, the start of the run can be revisited, and its best
pictures are never lost. This module knows steps and settings, not files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.main_metric import find_best_evaluation, select_comparable
from dcgan.reports import EvaluationReport


def list_checkpoints_to_delete(
    steps: Iterable[int], config: TrainingConfig, num_images: int, best: int | None = None
) -> list[int]:
    """Return the steps whose checkpoints are to be deleted, ascending.

    Args:
        steps: Steps of the checkpoints that exist.
        config: The run's settings; `keep_checkpoints` is the number of newest ones to keep.
        num_images: Size of the run's data set.
        best: The step of `find_best_checkpoint`.
    """
    steps = sorted(steps)
    steps_per_epoch = config.compute_steps_per_epoch(num_images)
    return [
        step
        for step in steps[: -config.keep_checkpoints]
        if step != best and not is_milestone(step, steps_per_epoch)
    ]


def find_best_checkpoint(
    evaluations: Sequence[EvaluationReport], steps: Iterable[int]
) -> int | None:
    """Return the step of `find_best_evaluation`; None if none was evaluated.

    Args:
        evaluations: Reports of the run, oldest first. Only those that can be compared with the
            newest one are.
        steps: Steps of the checkpoints that exist.
    """
    existing = set(steps)
    comparable = [report for report in select_comparable(evaluations) if report.step in existing]
    best = find_best_evaluation(comparable)
    return None if best is None else best.step


def is_milestone(step: int, steps_per_epoch: int) -> bool:
    """Return whether a step ends epoch 1, 2, 4, 8, …"""
    epoch, steps_after = divmod(step, steps_per_epoch)
    return steps_after == 0 and epoch > 0 and epoch & (epoch - 1) == 0

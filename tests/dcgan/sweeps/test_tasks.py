"""Tasks: the number of a process in an array of tasks."""

from __future__ import annotations

import pytest

from dcgan.errors import ConfigError
from dcgan.sweeps.tasks import read_task


@pytest.mark.parametrize(
    ("task", "tasks", "environment", "expected"),
    [
        (None, None, {}, (0, 1)),
        (None, None, {"SLURM_ARRAY_TASK_ID": "3"}, (0, 1)),  # Without --tasks there is one.
        (2, 3, {"SLURM_ARRAY_TASK_ID": "1"}, (2, 3)),
        (None, 4, {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MAX": "3"}, (3, 4)),
        # One task of an array is started again.
        (
            None,
            8,
            {
                "SLURM_ARRAY_TASK_ID": "3",
                "SLURM_ARRAY_TASK_MIN": "3",
                "SLURM_ARRAY_TASK_MAX": "3",
                "SLURM_ARRAY_TASK_COUNT": "1",
            },
            (3, 8),
        ),
        (None, 2, {"JOB_COMPLETION_INDEX": "1"}, (1, 2)),
        (None, 2, {"JOB_COMPLETION_INDEX": "1", "SLURM_ARRAY_TASK_ID": ""}, (1, 2)),
    ],
)
def test_a_task_finds_its_number(
    task: int | None, tasks: int | None, environment: dict[str, str], expected: tuple[int, int]
) -> None:
    assert read_task(task, tasks, environment) == expected


@pytest.mark.parametrize(
    ("task", "tasks", "environment", "why"),
    [
        (1, None, {}, "--task: give --tasks too"),
        (4, 4, {}, "--task: got 4; expected 0 to 3, as there are 4 tasks"),
        (None, 4, {}, "give --task, which of them this is"),
        (None, 4, {"SLURM_ARRAY_TASK_ID": "x"}, "SLURM_ARRAY_TASK_ID: got 'x'; expected a whole"),
        (None, 4, {"JOB_COMPLETION_INDEX": "4"}, "JOB_COMPLETION_INDEX: got 4; expected 0 to 3"),
        # With `--array=1-4` nobody would train the share of task 0.
        (
            None,
            4,
            {"SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_MAX": "4"},
            "SLURM_ARRAY_TASK_ID: got 4; expected 0 to 3, .* They count from 0",
        ),
        (None, 4, {"SLURM_ARRAY_TASK_ID": "1", "JOB_COMPLETION_INDEX": "2"}, "are both set"),
    ],
)
def test_an_invalid_number_is_refused(
    task: int | None, tasks: int | None, environment: dict[str, str], why: str
) -> None:
    with pytest.raises(ConfigError, match=why):
        read_task(task, tasks, environment)

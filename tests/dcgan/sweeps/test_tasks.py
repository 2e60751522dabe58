"""Tasks: the number of a process in an array of tasks."""

from __future__ import annotations

import pytest

from dcgan.errors import ConfigError
from dcgan.sweeps.tasks import identify_task

SLURM, SLURM_LAST, KUBERNETES = (
    *("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MAX"),
    "JOB_COMPLETION_INDEX",
)


@pytest.mark.parametrize(
    ("task", "num_tasks", "environment", "expected"),
    [
        pytest.param(None, None, {}, (0, 1), id="alone"),
        pytest.param(None, None, {SLURM: "3"}, (0, 1), id="without --tasks"),
        pytest.param(None, 1, {}, (0, 1), id="the only task"),
        pytest.param(2, 3, {SLURM: "1"}, (2, 3), id="--task first"),
        pytest.param(None, 4, {SLURM: "3", SLURM_LAST: "3"}, (3, 4), id="SLURM"),
        pytest.param(
            None,
            8,
            {SLURM: "3", SLURM_LAST: "3", "SLURM_ARRAY_TASK_COUNT": "1"},
            (3, 8),
            id="one task of an array is started again",
        ),
        pytest.param(None, 2, {KUBERNETES: "1"}, (1, 2), id="Kubernetes"),
        pytest.param(None, 2, {KUBERNETES: "1", SLURM: ""}, (1, 2), id="empty variable"),
    ],
)
def test_a_task_finds_its_number(
    task: int | None, num_tasks: int | None, environment: dict[str, str], expected: tuple[int, int]
) -> None:
    assert identify_task(task, num_tasks, environment) == expected


@pytest.mark.parametrize(
    ("task", "num_tasks", "environment", "message"),
    [
        pytest.param(1, None, {}, "--task: give --tasks too", id="no --tasks"),
        pytest.param(
            *(4, 4, {}, "^--task: got 4; expected at most 3, as --tasks is 4 "), id="too large"
        ),
        pytest.param(
            None, 4, {}, "^--tasks: got 4; give --task too, .* from 0 to 3", id="no number"
        ),
        pytest.param(
            *(None, 4, {SLURM: "x"}, f"^{SLURM}: got 'x'; expected a whole"), id="no whole number"
        ),
        pytest.param(
            *(None, 4, {KUBERNETES: "4"}, f"^{KUBERNETES}: got 4; expected at most 3"),
            id="Kubernetes' is too large",
        ),
        pytest.param(
            *(None, 1, {SLURM: "3"}, f"^{SLURM}: got 3; expected at most 0"), id="--tasks forgotten"
        ),
        # No task would train the share of task 0.
        pytest.param(
            *(None, 4, {SLURM: "1", SLURM_LAST: "4"}),
            f"^{SLURM_LAST}: got 4; expected at most 3, .* count from 0",
            id="--array=1-4",
        ),
        pytest.param(None, 4, {SLURM: "1", KUBERNETES: "2"}, "are both set", id="both"),
    ],
)
def test_an_invalid_number_is_refused(
    task: int | None, num_tasks: int | None, environment: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        identify_task(task, num_tasks, environment)

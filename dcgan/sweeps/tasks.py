"""The tasks of a batch system's array: which task this process is, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping

from dcgan.errors import ConfigError

# Environment variables with the number of an array's task, in SLURM and in Kubernetes.
_SLURM_VARIABLE = "SLURM_ARRAY_TASK_ID"
_TASK_VARIABLES = (_SLURM_VARIABLE, "JOB_COMPLETION_INDEX")
_LAST_TASK_VARIABLE = "SLURM_ARRAY_TASK_MAX"


def identify_task(
    task: int | None, num_tasks: int | None, environment: Mapping[str, str]
) -> tuple[int, int]:
    """Return which task of an array this process is, and how many tasks there are.

    Without `task`, SLURM's or Kubernetes' variable gives its number. The number of tasks is never
    read from the environment: if `sbatch --array=3` repeats one task of eight, SLURM sets it to 1.

    Args:
        task: From 0; None if not given.
        num_tasks: At least 1; None if not given.
        environment: `os.environ`.

    Returns:
        The task, from 0, and the number of tasks; (0, 1) if neither is given.

    Raises:
        ConfigError: If `task` is given without `num_tasks`, the number of one of several tasks is
            not given, both variables are set, or a number is not below `num_tasks`.
    """
    if num_tasks is None:
        if task is not None:
            raise ConfigError("--task: give --tasks too, the number of tasks.")
        return 0, 1
    if task is not None:
        _check_below("--task", task, num_tasks)
        return task, num_tasks
    variables = [name for name in _TASK_VARIABLES if environment.get(name)]
    if len(variables) > 1:
        raise ConfigError(f"--tasks: {' and '.join(variables)} are both set; give --task.")
    if not variables:
        if num_tasks == 1:
            return 0, 1
        raise ConfigError(
            f"--tasks: got {num_tasks}; give --task too, the number of this task from 0 to "
            f"{num_tasks - 1}, or set {' or '.join(_TASK_VARIABLES)}."
        )
    [variable] = variables
    task = _parse_whole_number(variable, environment[variable])
    _check_below(variable, task, num_tasks)
    array_end = environment.get(_LAST_TASK_VARIABLE) if variable == _SLURM_VARIABLE else None
    if array_end:  # All tasks of an array from 1 to 8 are refused, not only task 8.
        last_task = _parse_whole_number(_LAST_TASK_VARIABLE, array_end)
        _check_below(_LAST_TASK_VARIABLE, last_task, num_tasks)
    return task, num_tasks


def _check_below(source: str, task: int, num_tasks: int) -> None:
    """Raise an error that names the source of a task's number if it is too large."""
    if task >= num_tasks:
        raise ConfigError(
            f"{source}: got {task}; expected at most {num_tasks - 1}, as --tasks is {num_tasks} "
            "and tasks count from 0."
        )


def _parse_whole_number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{name}: got {text!r}; expected a whole number from 0.")
    return int(text)

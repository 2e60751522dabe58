"""The tasks of a batch system's array: which task this process is, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping

from dcgan.errors import ConfigError

# Environment variables with the number of an array's task, in SLURM and in Kubernetes.
_TASK_VARIABLES = ("SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX")
_LAST_TASK_VARIABLE = "SLURM_ARRAY_TASK_MAX"


def read_task(
    task: int | None, num_tasks: int | None, environment: Mapping[str, str]
) -> tuple[int, int]:
    """Find out which task this process is.

    If only `num_tasks` is given, the task is read from SLURM's or Kubernetes' variable. The number
    of tasks is never read from there: `sbatch --array=3`, which repeats one task of eight, sets it
    to 1.

    Args:
        task: From 0; None if not given.
        num_tasks: At least 1; None if not given.
        environment: `os.environ`.

    Returns:
        The task and the number of tasks; (0, 1) if neither is given.

    Raises:
        ConfigError: If one of the two is missing, or the task is not below `num_tasks`.
    """
    if num_tasks is None:
        if task is not None:
            raise ConfigError("--task: give --tasks too, the number of tasks.")
        return 0, 1
    source = "--task"
    if task is None:
        variables = {name: environment[name] for name in _TASK_VARIABLES if environment.get(name)}
        if not variables:
            raise ConfigError(
                f"--tasks: there are {num_tasks}; give --task, which of them this is, from 0, or "
                f"start it where {' or '.join(_TASK_VARIABLES)} is set."
            )
        if len(variables) > 1:
            raise ConfigError(f"--tasks: {' and '.join(variables)} are both set; give --task.")
        [(source, text)] = variables.items()
        task = _parse_whole_number(source, text)
    last = task
    # If an array counts from 1 to 8, refuse each of its tasks and not only the last.
    array_end = environment.get(_LAST_TASK_VARIABLE) if source.startswith("SLURM") else None
    if array_end:
        end = _parse_whole_number(_LAST_TASK_VARIABLE, array_end)
        last, source = max((task, source), (end, _LAST_TASK_VARIABLE))
    if last >= num_tasks:
        raise ConfigError(
            f"{source}: got {last}; expected 0 to {num_tasks - 1}, as there are {num_tasks} tasks. "
            "They count from 0."
        )
    return task, num_tasks


def _parse_whole_number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{name}: got {text!r}; expected a whole number from 0.")
    return int(text)

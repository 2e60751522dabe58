"""The steps at which two runs are shown side by side, and what they have in common.

Imports no Streamlit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from dashboard.compare_results.comparison_table import list_differing_learning_settings
from dcgan.runs.run_folder import Run

# Largest difference of comparable steps, as a share of the later step. Samples are taken by the
# clock, so two runs rarely have samples of the same step.
_MAX_STEP_DIFFERENCE = 0.1


def list_common_steps(left: Sequence[int], right: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of steps at which both runs have a grid, ascending.

    The two steps of a pair differ by a tenth at most, and no step is in two pairs. Without a pair
    after the first step there is none: until then every grid is grey.

    Args:
        left, right: Steps of the grids of both runs, ascending; at least one of each.
    """
    pairs = [
        (step, other)
        for step in left
        if find_nearest(left, other := find_nearest(right, step)) == step
        and not _are_apart(step, other)
    ]
    return pairs if any(min(pair) > 1 for pair in pairs) else []


def find_last_common_step(left: Sequence[int], right: Sequence[int]) -> tuple[int, int]:
    """Return the end of the shorter run, and the step of the longer one nearest to it.

    The ratio counts: beside a run of 157 steps, step 900 shows more than step 1.

    Args:
        left, right: As in `list_common_steps`.

    Returns:
        The step of the left and of the right run.
    """
    end = max(1, min(left[-1], right[-1]))
    near_left, near_right = (
        min(steps, key=lambda step: max(max(1, step) / end, end / max(1, step)))
        for steps in (left, right)
    )
    return near_left, near_right


def find_nearest(steps: Sequence[int], step: int) -> int:
    """Return the step nearest to another one, the earlier of two equally near ones.

    Args:
        steps: Ascending, at least one.
        step: The other step.
    """
    # Two long runs have 1,300 grids each, so `list_common_steps` calls this 2,600 times.
    index = bisect_left(steps, step)
    return min(steps[max(0, index - 1) : index + 1], key=lambda each: abs(each - step))


def are_far_apart(left: Run, right: Run, steps: tuple[int, int]) -> bool:
    """Return whether two runs are shown at steps too far apart for a picture of the differences.

    The picture would then also show what the further training changed.

    Args:
        left, right: The runs. Steps of the same run are never too far apart.
        steps: The step of each.
    """
    return left.name != right.name and _are_apart(*steps)


def _are_apart(left: int, right: int) -> bool:
    return abs(left - right) > _MAX_STEP_DIFFERENCE * max(left, right)


def are_related(left: Run, right: Run) -> bool:
    """Return whether two runs draw similar pictures at the same place of their grids.

    They do if no setting that affects learning differs, if one run is a branch of the other, or if
    both are branches of one run.
    """
    families = [{run.name, run.parent} - {None} for run in (left, right)]
    return not families[0].isdisjoint(families[1]) or not list_differing_learning_settings(
        [left, right]
    )

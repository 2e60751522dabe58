"""The steps at which two runs are shown side by side, and what they have in common.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.compare_results.comparison_table import list_differing_learning_settings
from dcgan.runs.run_folder import Run

# Largest difference of comparable steps, as a share of the later step. Samples are taken by the
# clock, so two runs rarely have samples of the same step.
_MAX_STEP_DIFFERENCE = 0.1


def find_common_step(longer: Sequence[int], shorter: Sequence[int]) -> int:
    """Return the step of the longer run that is nearest to the end of the shorter one.

    Step 0, before training, is left out if there is another one. The ratio counts: beside a run
    of 157 steps, step 900 shows more than step 1, of which every grid is grey.

    Args:
        longer, shorter: Steps of the grids of both runs, ascending.
    """
    end = max(1, shorter[-1])
    steps = [step for step in longer if step] or longer
    return min(steps, key=lambda step: max(step / end, end / max(1, step)))


def describe_step(step: int, steps: Sequence[int], slider_step: int, *, has_ended: bool) -> str:
    """Return the step as text; explain it if the run has no grid as late as the slider's step.

    Args:
        step: The step of the grid.
        steps: Steps of all grids of the run, ascending.
        slider_step: The step that one slider shows for both runs; 0 without such a slider.
        has_ended: Whether the run neither trains nor is paused.
    """
    if step < steps[-1] or step >= slider_step:
        return f"step {step:,}"
    return f"step {step:,}, {'where it ended' if has_ended else 'its newest'}"


def find_nearest(steps: Sequence[int], step: int) -> int:
    """Return the step nearest to another one, the earlier of two equally near ones."""
    return min(steps, key=lambda each: abs(each - step))


def are_far_apart(left: Run, right: Run, steps: tuple[int, int]) -> bool:
    """Return whether two runs are shown at steps too far apart for a picture of the differences.

    The picture would then also show what the further training changed.

    Args:
        left, right: The runs. Steps of the same run are never too far apart.
        steps: The step of each.
    """
    return left.name != right.name and max(steps) - min(steps) > _MAX_STEP_DIFFERENCE * max(steps)


def are_related(left: Run, right: Run) -> bool:
    """Return whether two runs draw similar pictures at the same place of their grids.

    They do if no setting that affects learning differs, if one run is a branch of the other, or if
    both are branches of one run.
    """
    families = [{run.name, run.parent} - {None} for run in (left, right)]
    return not families[0].isdisjoint(families[1]) or not list_differing_learning_settings(
        [left, right]
    )

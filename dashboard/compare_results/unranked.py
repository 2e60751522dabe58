"""Runs with only a quick distance beside precise ones: those with an obvious place, and others.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.standing import Standing
from dcgan.comparison.ranking import VERY_CLEAR_FACTOR
from dcgan.comparison.seed_ratio import find_seed_ratio
from dcgan.evaluation.main_metric import get_distance, get_real_distance
from dcgan.reports import EvaluationReport

# Times the distance of two quick sets of real images, which is about what few images add to a
# distance. A gap beyond that is not made by the quick measurement.
_NUM_UNCERTAINTIES = 3.0


def list_nearer(compared: Sequence[ComparedRun], standing: Standing) -> list[ComparedRun]:
    """Return the runs whose quick distance is obviously below all precise ones, the nearest first.

    Fewer images give a larger distance, so the precise one of such a run is smaller still.
    """
    found = [
        each
        for each in compared
        if (quick := each.unranked) is not None
        and get_distance(quick) * _find_chance(quick, standing.first) < standing.first.distance
        and standing.first.distance > standing.real_distance
        and _is_large(quick, standing.first.distance - get_distance(quick))
    ]
    return sorted(found, key=_get_quick_distance)


def list_farther(compared: Sequence[ComparedRun], standing: Standing) -> list[ComparedRun]:
    """Return the runs whose quick distance is obviously above that of the nearest, in order."""
    last = standing.nearest[-1]
    found = [
        each
        for each in compared
        if (quick := each.unranked) is not None
        and _is_large(quick, get_distance(quick) - last.distance)
        # Also without all that the few images can have added.
        and get_distance(quick) - _NUM_UNCERTAINTIES * get_real_distance(quick)
        > last.distance * _find_chance(quick, last)
    ]
    return sorted(found, key=_get_quick_distance)


def list_close(compared: Sequence[ComparedRun], standing: Standing) -> list[ComparedRun]:
    """Return the runs that a quick distance cannot place."""
    placed = [*list_nearer(compared, standing), *list_farther(compared, standing)]
    names = {each.run.name for each in placed}
    return [each for each in compared if each.unranked and each.run.name not in names]


def _is_large(quick: EvaluationReport, gap: float) -> bool:
    return gap > _NUM_UNCERTAINTIES * get_real_distance(quick)


def _find_chance(quick: EvaluationReport, ranked: ComparedRun) -> float:
    """Return the ratio of distances from which on another seed cannot explain them."""
    return VERY_CLEAR_FACTOR * find_seed_ratio(quick.step, ranked.result.step, ranked.metric)


def _get_quick_distance(compared_run: ComparedRun) -> float:
    assert compared_run.unranked is not None
    return get_distance(compared_run.unranked)

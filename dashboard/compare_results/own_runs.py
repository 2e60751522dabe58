"""A person's runs behind an included run, which trained for much longer. Imports no Streamlit."""

from __future__ import annotations

from dashboard.charts.compared_runs import ComparedRun, get_common_noun
from dashboard.compare_results.explanations import Explanation
from dashboard.compare_results.headlines import describe_standing
from dashboard.compare_results.standing import Standing, rank_runs
from dashboard.compare_results.sureness import describe_others
from dcgan.comparison.seed_ratio import find_seed_ratio
from dcgan.evaluation.metric_info import format_distance
from dcgan.wording import quote_title


def explain_own_runs(standing: Standing) -> tuple[Explanation, ...]:
    """Compare a person's runs with each other, and the best with the young included run.

    Returns:
        An explanation for each of the two; none without an included run that is nearest.
    """
    own = standing.own_behind_included
    explanations = []
    if own and (text := _compare_at_equal_steps(own[0], standing.first)):
        explanations.append(Explanation("After as many steps", text))
    if len(own) > 1:
        of_own = rank_runs(own, standing.real_distance)
        noun = get_common_noun(own)
        others = describe_others(of_own, noun)
        lines = tuple(f"{each.topic}: {each.text}" for each in others)
        settings = dict.fromkeys(name for each in others for name in each.settings)
        text = describe_standing(of_own, noun, is_unfinished=False)
        explanations.append(Explanation("Your own runs", text, tuple(settings), items=lines))
    return tuple(explanations)


def _compare_at_equal_steps(own: ComparedRun, included: ComparedRun) -> str:
    """Return a sentence if a run is nearer than an included one was after as many steps or more."""
    if not own.record.is_measured:
        return ""
    metric, newest = own.metric, own.record.newest_evaluation
    earlier = next(
        (
            evaluation
            for evaluation in included.record.evaluations
            if evaluation.step >= newest.step and evaluation.num_images == newest.num_images
        ),
        None,
    )
    if earlier is None or metric not in earlier.metrics or metric not in newest.metrics:
        return ""
    distances = newest.metrics[metric], earlier.metrics[metric]
    if distances[0] >= distances[1]:
        return ""
    chance = find_seed_ratio(newest.step, earlier.step, metric)
    end = ", which may be chance" if distances[1] <= chance * distances[0] else ""
    titles = quote_title(own.title), quote_title(included.title)
    shown = [format_distance(distance) for distance in distances]
    return (
        f"{titles[0]} is nearer than {titles[1]} was: quick distance {shown[0]} after "
        f"{newest.step:,} steps, against {shown[1]} after {earlier.step:,}{end}."
    )

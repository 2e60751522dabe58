"""The explanations of a comparison: its number, and the factor of chance.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.charts.compared_runs import (
    ComparedRun,
    are_quick,
    find_best_distance,
    get_common_noun,
)
from dcgan.comparison.kept_measurement import count_measured_images, is_quick
from dcgan.comparison.seed_ratio import explain_seed_ratio
from dcgan.evaluation.metric_info import format_distance
from dcgan.wording import join_with_and, quote_title

_NUMBER_TOPIC = "The number"


class Explanation(NamedTuple):
    """An explanation of a result, as plain text.

    Attributes:
        topic: A few words, such as "How sure".
        text: One or more sentences.
        settings, metrics: Names of the settings and of the metrics in the text.
        details: More sentences, for those who ask.
        items: Sentences for a list below the text.
    """

    topic: str
    text: str
    settings: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    details: str = ""
    items: tuple[str, ...] = ()


def list_settings_in(sureness: str) -> tuple[str, ...]:
    """Return the settings to explain in a sentence on certainty: the seed if it is named."""
    return ("seed",) if "seed" in sureness else ()


def explain_chance_in(sureness: str, metric: str, num_seeds: int = 1) -> str:
    """Return the origin of the factor in a sentence on certainty; "" without a factor.

    Args:
        sureness: The sentence.
        metric: One of `main_metric.MAIN_METRICS`.
        num_seeds: Number of seeds of each run in a race; at least 1.
    """
    return explain_seed_ratio(metric, num_seeds) if "a distance up to" in sureness else ""


def describe_scale(measured: Sequence[ComparedRun], real_distance: float, noun: str) -> Explanation:
    """Explain the distance to real images.

    If a run is nearer to them than two sets of real images are to each other, explain that too.
    """
    if are_quick(measured):
        num_images = measured[0].result.num_images
        text = describe_quick_distance(num_images, real_distance, noun)
        nearest = min(compared_run.distance for compared_run in measured)
        if nearest <= real_distance:
            text = (
                f"{text} With {num_images:,} {noun}s, {format_distance(nearest)} cannot be told "
                f"from real {noun}s; measure with {count_measured_images(measured[0].run):,}."
            )
        return Explanation(_NUMBER_TOPIC, text)
    best = [
        find_best_distance(compared_run.record, compared_run.metric)
        if compared_run.measurement is None
        else compared_run.distance
        for compared_run in measured
    ]
    count = f", measured with {measured[0].result.num_images:,}"
    text = f"The distance to real {noun}s{count}: lower is nearer. Two sets of real {noun}s are "
    text += f"{format_distance(real_distance)} apart"
    if any(distance is not None and distance < real_distance for distance in best):
        text += ". Below that, lower is not better, because each set has unusual ones that the "
        text += "other lacks"
    return Explanation(_NUMBER_TOPIC, f"{text}.{_name_quick_distance(measured)}")


def _name_quick_distance(measured: Sequence[ComparedRun]) -> str:
    """Return a sentence on the other distance that Train shows of the runs; "" without one."""
    for each in measured:
        if each.measurement is not None and each.record.is_measured:
            num_images = each.record.newest_evaluation.num_images
            if is_quick(num_images, each.run):
                return f" Train shows the quick distance, with {num_images:,}, which is larger."
    return ""


def explain_unranked(
    close: Sequence[ComparedRun], ranked: Sequence[ComparedRun]
) -> tuple[Explanation, ...]:
    """Explain why quick distances are not ranked beside precise ones.

    Args:
        close: The runs with a quick distance too close to the others; () for no explanation.
        ranked: The runs with precise measurements, at least one.
    """
    reports = [each.unranked for each in close if each.unranked]
    if not reports:
        return ()
    noun = get_common_noun(ranked)
    titles = join_with_and([quote_title(each.title) for each in close])
    has = "has" if len(close) == 1 else "have"
    text = (
        f"{titles} {has} only a quick distance, measured with {reports[0].num_images:,} {noun}s. "
        f"It is larger than with {ranked[0].result.num_images:,}, and the gap is too small to rank."
    )
    return (Explanation("Not ranked", text),)


def explain_placed(placed: Sequence[ComparedRun], noun: str) -> tuple[Explanation, ...]:
    """Explain why some quick distances are ranked beside precise ones; () without any."""
    reports = [each.unranked for each in placed if each.unranked]
    if not reports:
        return ()
    titles = join_with_and([quote_title(each.title) for each in placed])
    text = (
        f"The quick distance of {titles}, measured with {reports[0].num_images:,} {noun}s, is less "
        "precise. But the gap to the others is too large for that to matter."
    )
    return (Explanation("Ranked by quick distance", text),)


def describe_quick_distance(num_images: int, real_distance: float, noun: str) -> str:
    """Explain a distance that was measured with few images, during training."""
    return (
        f"The quick distance to real {noun}s, measured during training with {num_images:,}: lower "
        f"is nearer. With so few {noun}s, chance makes the number larger: even two sets of real "
        f"{noun}s are {format_distance(real_distance)} apart. Below that, lower is not better."
    )

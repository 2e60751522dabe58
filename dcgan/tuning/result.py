"""The result of a tuning: the best settings, and whether they are better than chance."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from dcgan.comparison.certainty import describe_chance
from dcgan.comparison.ranking import Difference, MeasuredDistances, rank_distances
from dcgan.config.setting_info import list_settings_that_affect
from dcgan.durations import describe_seconds
from dcgan.evaluation.metric_info import format_distance
from dcgan.tuning.tuning import CONTROL, Round, Tuning
from dcgan.wording import capitalize, format_number

_NOTHING = "No better settings were found"


@dataclass(frozen=True)
class TuningResult:
    """The result of a tuning, as plain text.

    Attributes:
        headline: A sentence with the best settings and the evidence, or the statement that no
            better settings were found.
        reason: The difference that chance alone can make, in a sentence; "" if nothing was
            compared.
        best: Index of the candidate that is nearer to real images than the control beyond chance;
            None without one.
        rival: Index of the candidate that was compared with the control; None without one.
    """

    headline: str
    reason: str = ""
    best: int | None = None
    rival: int | None = None


@dataclass(frozen=True)
class _Duel:
    """The control and a candidate, measured with the same seeds.

    Attributes:
        control, rival: Indices of the runs of the control and of the candidate, one for each seed.
        seconds: Training time of each run.
    """

    control: tuple[int, ...]
    rival: tuple[int, ...]
    seconds: float


def judge_tuning(tuning: Tuning) -> TuningResult:
    """Judge the best candidate of a finished tuning against the control.

    After a final round only its seeds count, because the candidate was chosen with another one.
    """
    last = tuning.rounds[-1]
    ranked = tuning.list_ranked_runs(last.runs)
    rivals = [run for run in ranked if tuning.runs[run].candidate != CONTROL]
    if not rivals:
        return TuningResult(f"{_NOTHING}: no other settings could be measured.")
    rival = tuning.runs[rivals[0]].candidate
    duel = _make_duel(tuning, last, rival)
    if not duel.rival:
        problem = next((run.problem for run in tuning.runs if run.problem), "")
        headline = f"{_NOTHING}, as the starting settings could not be measured. {problem}"
        return TuningResult(headline)
    return _judge_duel(tuning, rival, duel, is_last_round=not last.is_final)


def _make_duel(tuning: Tuning, last: Round, rival: int) -> _Duel:
    """Return the runs of the control and of a candidate with the seeds that both were measured."""
    runs = {
        (tuning.runs[run].candidate, tuning.runs[run].seed): run
        for run in tuning.list_ranked_runs(last.runs)
    }
    seeds = [seed for candidate, seed in runs if candidate == rival and (CONTROL, seed) in runs]
    return _Duel(
        tuple(runs[CONTROL, seed] for seed in sorted(seeds)),
        tuple(runs[rival, seed] for seed in sorted(seeds)),
        last.seconds,
    )


def _judge_duel(tuning: Tuning, rival: int, duel: _Duel, *, is_last_round: bool) -> TuningResult:
    control_distances, rival_distances = (
        [tuning.runs[run].measurements[-1].distance for run in runs]
        for runs in (duel.control, duel.rival)
    )
    real = tuning.runs[duel.control[0]].measurements[-1].real_metrics.get(tuning.metric, 0.0)
    ranking = rank_distances(
        [_get_measured(tuning, duel.control), _get_measured(tuning, duel.rival)],
        real,
        tuning.metric,
    )
    (difference,) = ranking.differences.values()
    is_nearer = ranking.order[0] == 1
    control_copies, rival_copies = (
        any(map(tuning.is_copying, runs)) for runs in (duel.control, duel.rival)
    )
    label = tuning.candidates[rival].label
    gave = f"{label} gave {_format_distances(rival_distances)}"
    control = _format_distances(control_distances)
    after = f"after {describe_seconds(duel.seconds)}{' each' if len(duel.rival) > 1 else ''}"
    seeds = f"{len(duel.rival)} seeds" if len(duel.rival) > 1 else "one seed"
    if not is_nearer and control_copies and not rival_copies:
        headline = f"No verdict: the starting settings gave {control} {after}, but by copying the "
        headline += f"training pictures; the next best gave {_format_distances(rival_distances)} "
        return TuningResult(f"{headline}({label}).", rival=rival)
    if not is_nearer:
        headline = f"{_NOTHING}: the starting settings gave {control} {after}, the next best "
        headline += f"{_format_distances(rival_distances)} ({label})."
        return TuningResult(headline, rival=rival)
    if rival_copies and not control_copies:
        headline = f"{_NOTHING}: {gave} instead of {control} {after}, but by copying the training "
        return TuningResult(f"{headline}pictures.", rival=rival)
    if difference.is_uneven:
        headline = f"No verdict, as the computer was busy: {gave}, the starting settings {control}"
        return TuningResult(f"{headline} {after}, but made fewer steps.", rival=rival)
    if is_last_round and tuning.num_changes > 1:
        return TuningResult(
            f"{gave} instead of {control} {after}, but only with the seed that chose it. Tune for "
            "longer, so that other seeds can confirm it.",
            rival=rival,
        )
    if difference.is_clear:
        headline = f"{gave} instead of {control} {after}; train with these settings."
        return TuningResult(headline, _explain(difference, seeds), rival, rival)
    headline = f"{_NOTHING}; the starting settings are as good: {gave}, they {control} {after}."
    return TuningResult(headline, _explain(difference, seeds), rival=rival)


def _get_measured(tuning: Tuning, runs: Sequence[int]) -> MeasuredDistances:
    measurements = [tuning.runs[run].measurements[-1] for run in runs]
    config = tuning.candidates[tuning.runs[runs[0]].candidate].config
    return MeasuredDistances(
        tuple(measurement.distance for measurement in measurements),
        tuple(measurement.step for measurement in measurements),
        tuple(getattr(config, name) for name in list_settings_that_affect("speed")),
    )


def _format_distances(distances: Sequence[float]) -> str:
    """Format the mean of distances, and half of their range: "0.52 ± 0.04"."""
    text = format_distance(statistics.fmean(distances))
    if len(distances) == 1:
        return text
    return f"{text} ± {format_distance((max(distances) - min(distances)) / 2)}"


def _explain(difference: Difference, seeds: str) -> str:
    if difference.disagrees:
        return f"With {seeds}, the differences disagree too much to tell."
    beyond = "This is more than chance: " if difference.is_clear else ""
    ratio = format_number(statistics.geometric_mean(difference.ratios))
    text = f"with {seeds}, the starting settings' distance is {ratio} times as large, and chance "
    text += f"alone can make it {describe_chance(difference)}."
    return f"{beyond}{text}" if beyond else capitalize(text)

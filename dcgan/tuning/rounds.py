"""The rounds of a tuning: the runs of the next round, and their training time.

Each round follows from the saved tuning alone, so an interrupted tuning continues as if it had not
been interrupted.
"""

from __future__ import annotations

from dcgan.config.settings import MAX_SEED, Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.durations import describe_roughly
from dcgan.errors import ConfigError
from dcgan.runs.manifest import get_current_time
from dcgan.tuning.schedule import (
    MAX_COMBINATIONS,
    Costs,
    choose_num_changes,
    count_final_seeds,
    estimate_min_seconds,
    list_round_plans,
    solve_seconds,
)
from dcgan.tuning.search_space import Changes, combine_changes, list_single_changes
from dcgan.tuning.tuning import CONTROL, CONTROL_RUN, FORMAT, Candidate, CandidateRun, Round, Tuning


def plan_tuning(
    base: TrainingConfig,
    minutes: float,
    dataset: ImageDataset,
    costs: Costs,
    spent_seconds: float,
) -> Tuning:
    """Plan a tuning.

    Args:
        base: The starting settings.
        minutes: Time for the whole tuning.
        dataset: The pictures.
        costs: Seconds of a run beside its training.
        spent_seconds: Time that the preparation took.

    Returns:
        The tuning with its first round.

    Raises:
        ConfigError: If the time is too short for one change.
    """
    changes = list_single_changes(base, len(dataset))
    num_changes = choose_num_changes(len(changes), costs, 60 * minutes - spent_seconds)
    if num_changes == 0:
        needed = spent_seconds + estimate_min_seconds(costs)
        raise ConfigError(
            f"--minutes: got {minutes:g}; preparing and measuring take so long here that "
            f"{describe_roughly(needed)} is the least."
        )
    candidates = [
        Candidate(config=base),
        *(make_candidate(base, each) for each in changes[:num_changes]),
    ]
    tuning = Tuning(
        format=FORMAT,
        created=get_current_time(),
        minutes=minutes,
        base=base,
        fingerprint=dataset.fingerprint,
        num_changes=num_changes,
        costs=costs,
        spent_seconds=spent_seconds,
        candidates=tuple(candidates),
        runs=tuple(
            CandidateRun(candidate=index, seed=base.seed) for index in range(len(candidates))
        ),
    )
    return _add_round(tuning, tuple(range(len(candidates))))


def make_candidate(base: TrainingConfig, changes: Changes) -> Candidate:
    """Make the candidate with some changes of the starting settings."""
    changed = tuple(name for name in Settings.model_fields if name in changes)
    return Candidate(config=base.replace(**changes), changed=changed)


def plan_next_round(tuning: Tuning) -> Tuning:
    """Plan the round after the current one, which is complete, or finish the tuning.

    The control takes part in every round. The tuning ends without a final round if no candidate was
    nearer to real images than the control.
    """
    plans = list_round_plans(tuning.num_changes)[len(tuning.rounds) :]
    last = tuning.rounds[-1]
    ranked = tuning.list_ranked_runs(last.runs)
    if not plans or last.is_final or not ranked:
        return _finish(tuning)
    if plans[0].num_kept:
        others = [run for run in ranked if run != CONTROL_RUN]
        new: tuple[Candidate, ...] = ()
        if len(tuning.rounds) == 1:
            new = _combine(tuning, ranked)
        kept = others[: plans[0].num_kept - len(new)]
        if not kept and not new:
            return _finish(tuning)
        return _add_round(*_add_runs(tuning, new, [CONTROL_RUN, *kept]))
    best = tuning.runs[ranked[0]].candidate
    if best == CONTROL:
        return _finish(tuning)
    return _add_final_round(tuning, best)


def _combine(tuning: Tuning, ranked: list[int]) -> tuple[Candidate, ...]:
    """Make the candidates that combine the changes that were better than the control."""
    better = ranked[: ranked.index(CONTROL_RUN)] if CONTROL_RUN in ranked else ranked
    improvements = [tuning.candidates[tuning.runs[run].candidate] for run in better]
    plan = list_round_plans(tuning.num_changes)[1]
    combined = combine_changes(
        [{name: getattr(each.config, name) for name in each.changed} for each in improvements],
        min(MAX_COMBINATIONS, plan.num_new),
    )
    return tuple(make_candidate(tuning.base, changes) for changes in combined)


def _add_runs(
    tuning: Tuning, new: tuple[Candidate, ...], runs: list[int]
) -> tuple[Tuning, tuple[int, ...]]:
    """Add candidates with a run each; return the tuning, and the given and the new runs."""
    first_candidate, first_run = len(tuning.candidates), len(tuning.runs)
    new_runs = tuple(
        CandidateRun(candidate=first_candidate + index, seed=tuning.base.seed)
        for index in range(len(new))
    )
    changed = tuning.model_copy(
        update={"candidates": (*tuning.candidates, *new), "runs": (*tuning.runs, *new_runs)}
    )
    return changed, (*runs, *range(first_run, first_run + len(new)))


def _add_round(tuning: Tuning, runs: tuple[int, ...]) -> Tuning:
    plans = list_round_plans(tuning.num_changes)[len(tuning.rounds) :]
    trained = tuning.rounds[-1].seconds if tuning.rounds else 0.0
    seconds = solve_seconds(plans, tuning.costs, tuning.seconds_left, trained)
    return tuning.model_copy(
        update={"rounds": (*tuning.rounds, Round(seconds=round(seconds, 1), runs=runs))}
    )


def _add_final_round(tuning: Tuning, best: int) -> Tuning:
    """Add the round in which the best candidate and the control train with other seeds.

    The best of several candidates owes a part of its lead to its seed; other seeds show what is
    left without that.
    """
    num_seeds = count_final_seeds(tuning.num_changes)
    last = tuning.rounds[-1].seconds
    # If the computer has become slow, use fewer seeds before training becomes too short.
    while num_seeds > 1 and _share_time(tuning, num_seeds) < last / 2:
        num_seeds -= 1
    seconds = _share_time(tuning, num_seeds)
    if seconds < last / 4:
        return _finish(tuning)
    first = len(tuning.runs)
    new = tuple(
        CandidateRun(candidate=candidate, seed=(tuning.base.seed + shift) % (MAX_SEED + 1))
        for shift in range(1, num_seeds + 1)
        for candidate in (CONTROL, best)
    )
    final = Round(
        seconds=round(seconds, 1), runs=tuple(range(first, first + len(new))), is_final=True
    )
    return tuning.model_copy(
        update={"runs": (*tuning.runs, *new), "rounds": (*tuning.rounds, final)}
    )


def _share_time(tuning: Tuning, num_seeds: int) -> float:
    return tuning.seconds_left / (2 * num_seeds) - tuning.costs.new


def _finish(tuning: Tuning) -> Tuning:
    return tuning.model_copy(update={"is_finished": True})

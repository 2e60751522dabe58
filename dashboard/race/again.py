"""The buttons that race again: the same race, or a longer one after a result that is not clear."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.race import race_form
from dashboard.state.current_training import describe_wait
from dashboard.state.race_commands import start_race
from dashboard.state.trainer import Trainer
from dashboard.wording.messages import show_refusal
from dcgan.durations import describe_limit, describe_roughly
from dcgan.errors import RunError
from dcgan.sweeps.race import (
    MAX_RACE_SEEDS,
    Race,
    Variant,
    estimate_race_seconds,
    plan_again,
    plan_race,
)
from dcgan.sweeps.race_results import list_variant_results
from dcgan.sweeps.race_verdict import RaceVerdict


def plan_longer(race: Race) -> Race | None:
    """Return the plan of a race with all seeds and at least twice the time, as the form offers it.

    Returns:
        The plan; None if the race is that long and has that many seeds.
    """
    lengths = race_form.LENGTHS
    longer = [seconds for seconds in lengths if seconds >= 2 * race.seconds]
    seconds = max(race.seconds, min(longer, default=max(lengths)))
    if seconds == race.seconds and race.num_seeds == MAX_RACE_SEEDS:
        return None
    configs = {run.variant_index: run.config for run in reversed(race.runs)}  # The first seeds.
    variants = [Variant(label, configs[index]) for index, label in enumerate(race.variant_labels)]
    return plan_race(variants, seconds, MAX_RACE_SEEDS)


def may_become_clear(race: Race, verdict: RaceVerdict) -> bool:
    """Return whether a longer race may find the nearer variant that this one has not found.

    It does not if all variants are as near as two sets of real images are to each other.
    """
    distances = [variant.median for variant in list_variant_results(race)]
    measured = [run.measurement for run in race.runs if run.measurement is not None]
    real_distance = measured[0].real_metrics.get(race.metric, 0.0)
    return verdict.winner is None and max(distances) > real_distance


def render_longer(trainer: Trainer, race: Race, plan: Race) -> None:
    """Render the primary button that starts a longer race.

    Args:
        trainer: The trainer.
        race: The race without a clear result.
        plan: The longer one, from `plan_longer`.
    """
    duration = describe_roughly(estimate_race_seconds(len(plan.runs), plan.seconds))
    if st.button(
        f"Race again: {plan.num_seeds} runs of each, {describe_limit(plan.seconds)} ({duration})",
        type="primary",
        icon=":material/replay:",
        key="race-longer",
        help=f"Starts the race at once: {len(plan.runs)} runs, one after the other. More runs and "
        f"more steps make chance smaller. {escape_markdown(describe_wait(trainer))}".rstrip(),
    ):
        race_form.fill_form(race)
        race_form.fill_length(plan)
        _start(trainer, plan)


def render_same(trainer: Trainer, race: Race, *, is_primary: bool) -> None:
    """Render the button that starts the same race again.

    Args:
        trainer: The trainer.
        race: The race.
        is_primary: Whether this is the page's primary button.
    """
    seconds = estimate_race_seconds(len(race.runs), race.seconds)
    if st.button(
        "Race again",
        type="primary" if is_primary else "tertiary",
        icon=":material/replay:",
        key="race-again",
        help="Close other programs first: they would make the steps unequal again. Starts the same "
        f"race at once. It takes {describe_roughly(seconds)}. "
        f"{escape_markdown(describe_wait(trainer))}".rstrip(),
    ):
        _start(trainer, plan_again(race))


@permissions.operators_only
def _start(trainer: Trainer, plan: Race) -> None:
    try:
        start_race(trainer, plan)
    except RunError as error:
        show_refusal(error)
        return
    request_focus("race")
    st.rerun()  # The whole page, which moves the focus.

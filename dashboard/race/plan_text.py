"""The sentences on the runs of a planned race, their time, and what trains before them."""

from __future__ import annotations

from dashboard.components.plain_text import keep_together
from dashboard.state.trainer import Trainer
from dcgan.durations import describe_limit, describe_roughly
from dcgan.sweeps.race import Race, estimate_race_seconds
from dcgan.wording import join_with_and


def describe_plan(race: Race, trainer: Trainer) -> str:
    """Describe the runs of a race and their time, such as "4 runs of 1 min: about 5 min"."""
    num = len(race.runs)
    seconds = estimate_race_seconds(num, race.seconds)
    plan = f"{num} runs of {describe_limit(race.seconds)}: {describe_roughly(seconds)}"
    text = f"{keep_together(plan)}, one after the other."
    ahead = ["the run in training"] if trainer.snapshot().is_active else []
    if num_waiting := len(trainer.queue_runner.list_waiting()):
        ahead.append("the queued run" if num_waiting == 1 else f"the {num_waiting} queued runs")
    if ahead:
        has = "has" if len(ahead) == 1 and num_waiting < 2 else "have"
        text += f" They start when {join_with_and(ahead)} {has} ended."
    return text

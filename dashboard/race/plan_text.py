"""The sentences on the runs of a planned race, their time, and what trains before them."""

from __future__ import annotations

from dashboard.components.plain_text import keep_together
from dashboard.state.current_training import describe_wait
from dashboard.state.trainer import Trainer
from dcgan.durations import describe_limit, describe_roughly
from dcgan.sweeps.race import Race, estimate_race_seconds


def describe_plan(race: Race, trainer: Trainer) -> str:
    """Describe the runs of a race and their time.

    Returns:
        Such as "2 settings × 2 runs × 1 min = 4 min of training, about 5 min in all. The runs train
        one after the other."
    """
    num = len(race.runs)
    runs = "1 run" if race.num_seeds == 1 else f"{race.num_seeds} runs"
    plan = f"{len(race.variant_labels)} settings × {runs} × {describe_limit(race.seconds)}"
    in_all = keep_together(describe_roughly(estimate_race_seconds(num, race.seconds)))
    total = keep_together(describe_limit(num * race.seconds))
    text = f"{keep_together(plan)} = {total} of training, {in_all} in all. "
    text += "The runs train one after the other."
    return f"{text} {describe_wait(trainer)}".rstrip()

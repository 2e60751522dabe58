"""The training of this moment by its name, and what becomes of it when another one is to start.

All pages that start a training say so in these words, before the click. Imports no Streamlit.
"""

from __future__ import annotations

from dashboard.state.trainer import Trainer
from dcgan.errors import RunError
from dcgan.sweeps.race import Race, read_race
from dcgan.wording import capitalize, join_with_and, quote_title


def name_training(trainer: Trainer) -> str:
    """Return a name such as "the race of “A” and “B”"; "" while nothing trains."""
    snapshot = trainer.snapshot()
    if not snapshot.is_active:
        return ""
    if (trial := trainer.trial_runner.running) is not None:
        return f"the test of remedies of {quote_title(trial.run.read_title())}"
    if trainer.tuning_runner.is_busy:
        return "the tuning"
    if (race := find_race(trainer)) is not None:
        return f"the race of {join_with_and([quote_title(label) for label in race.variant_labels])}"
    return "a new run" if snapshot.run is None else quote_title(snapshot.run.read_title())


def name_kind(trainer: Trainer) -> str:
    """Return a short name for a button, such as "the race"; "" while nothing trains."""
    if not trainer.snapshot().is_active:
        return ""
    if trainer.trial_runner.running is not None:
        return "the test"
    if trainer.tuning_runner.is_busy:
        return "the tuning"
    return "that run" if find_race(trainer) is None else "the race"


def find_race(trainer: Trainer) -> Race | None:
    """Return the race of which a run trains or is paused; None without one."""
    snapshot = trainer.snapshot()
    if not snapshot.is_active or snapshot.queued is None or not snapshot.queued.race:
        return None
    try:
        return read_race(trainer.root, snapshot.queued.race)
    except RunError:  # Deleted meanwhile: its run goes on as any other.
        return None


def describe_stop(trainer: Trainer) -> str:
    """Describe what a start stops, in full sentences; "" while nothing trains."""
    name, snapshot = name_training(trainer), trainer.snapshot()
    if not name:
        return ""
    if trainer.trial_runner.running is not None:
        text = f"This ends {name}. The results so far are kept."
    elif trainer.tuning_runner.is_busy:
        text = f"This stops {name}. You can continue it afterwards."
    elif (race := find_race(trainer)) is not None and snapshot.queued is not None:
        number = f"run {snapshot.queued.run_index + 1} of {len(race.runs)}"
        text = f"This stops {name} in {number}. Its results so far are kept, and you can continue "
        text += "it afterwards."
    else:
        done = f", which is {snapshot.share_done:.0%} done" if snapshot.num_images else ""
        text = f"This stops and saves {name}{done}. You can continue it afterwards."
    num_waiting = _count_waiting(trainer)
    if num_waiting and trainer.queue_runner.is_released:
        text += f" The queue, in which {_describe_waiting(num_waiting)}, is paused."
    return text


def describe_wait(trainer: Trainer) -> str:
    """Describe what a new run of the queue waits for, in a sentence; "" if it starts at once."""
    if (num_held := len(trainer.queue_runner.list_waiting())) and (
        not trainer.queue_runner.is_released
    ):
        return (
            f"This stops nothing: the queue, in which {_describe_waiting(num_held)}, is paused. "
            "Resume it on the Train page."
        )
    ahead = [name for name in (name_training(trainer),) if name]
    if num_waiting := _count_waiting(trainer):
        ahead.append("the queued run" if num_waiting == 1 else f"the {num_waiting} queued runs")
    if not ahead:
        return ""
    has = "has" if len(ahead) == 1 and num_waiting < 2 else "have"
    return f"This stops nothing: it starts when {join_with_and(ahead)} {has} ended."


def describe_refusal(trainer: Trainer) -> str:
    """Describe why nothing can start while something trains, and what to do."""
    name = name_training(trainer) or "another run"
    name = capitalize(name)
    if trainer.snapshot().is_paused:
        return f"{name} is paused. Stop it, or continue it and wait until it has ended."
    is_run = trainer.trial_runner.running is None and not trainer.tuning_runner.is_busy
    is_run = is_run and find_race(trainer) is None
    verb = "training" if is_run else "going on"
    return f"{name} is {verb}. Stop it, or wait until it has ended."


def _count_waiting(trainer: Trainer) -> int:
    """Count the runs in the queue, without those of the race in training, which is named itself."""
    queued = trainer.snapshot().queued if find_race(trainer) is not None else None
    race = "" if queued is None else queued.race
    return sum(not race or each.race != race for each in trainer.queue_runner.list_waiting())


def _describe_waiting(num_waiting: int) -> str:
    return "1 run waits" if num_waiting == 1 else f"{num_waiting} runs wait"

"""What a supervisor asks the server: whether it is well, and numbers to draw. No Streamlit here."""

from __future__ import annotations

import typing

from dashboard.state.snapshot import Phase
from dashboard.state.trainer import Trainer

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"  # Of Prometheus' text format.


def describe_problem(trainer: Trainer) -> str:
    """Say what keeps the trainer from doing what it says it does; "" while nothing does."""
    if not trainer.snapshot().is_active:
        return ""
    if not trainer.is_alive:
        return "the trainer's thread is gone"
    if trainer.is_hung:
        minutes = trainer.silent_seconds / 60
        return f"training hangs: nothing was heard of it for {minutes:.0f} minutes"
    return ""


def format_metrics(trainer: Trainer) -> str:
    """Return the server's numbers in Prometheus' text format."""
    now = trainer.snapshot()
    last = now.last
    waiting, problems = trainer.queue_runner.list_waiting()
    lines: list[str] = []

    def add(name: str, kind: str, meaning: str, value: float, label: str = "") -> None:
        if not any(line.startswith(f"# TYPE {name} ") for line in lines):
            lines.extend((f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"))
        lines.append(f"{name}{label} {value:.10g}")

    for phase in typing.get_args(Phase):
        meaning = "1 for what the trainer does now."
        add("dcgan_phase", "gauge", meaning, now.phase == phase, f'{{phase="{phase}"}}')
    add("dcgan_step", "gauge", "Updates of both networks of the run here.", now.step)
    seconds = 0.0 if last is None else last.seconds
    add("dcgan_training_seconds", "gauge", "Training time of the run here.", seconds)
    speed = now.images_per_second if now.phase == "running" else None
    add("dcgan_images_per_second", "gauge", "Real images seen a second.", speed or 0.0)
    silent = "Since training last came round, in seconds."
    add("dcgan_silent_seconds", "gauge", silent, trainer.silent_seconds)
    add("dcgan_waiting_runs", "gauge", "Runs in the queue.", len(waiting))
    add("dcgan_watchers", "gauge", "Tabs that follow the training.", trainer.watchers.count())
    add(
        "dcgan_failures_total",
        "counter",
        "Runs that have failed since the server was started.",
        trainer.num_failures,
    )
    add("dcgan_queue_problems", "gauge", "What went wrong in the queue, unread.", len(problems))
    return "\n".join(lines) + "\n"

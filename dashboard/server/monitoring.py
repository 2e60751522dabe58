"""Health and metrics of the server, for a supervisor and for Prometheus. Imports no Streamlit."""

from __future__ import annotations

import typing

from dashboard.snapshots.snapshot import Phase
from dashboard.state.trainer import Trainer

# Prometheus' text format, without its Python client: a collector class is as long as the function
# below, and the client costs a dependency and 0.09 s at import.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def describe_problem(trainer: Trainer) -> str:
    """Return the problem if training has crashed or hangs; "" while the server is healthy."""
    if trainer.demo is not None and not trainer.demo.is_alive:
        return "the thread of the demo's queue is gone"
    if not trainer.snapshot().is_active:
        return ""
    if not trainer.is_alive:
        return "the trainer's thread is gone"
    if trainer.is_hung:
        minutes = trainer.silent_seconds / 60
        return f"training hangs: no report for {minutes:.0f} minutes"
    return ""


def format_metrics(trainer: Trainer) -> str:
    """Return the server's metrics in Prometheus' text format."""
    snapshot = trainer.snapshot()
    waiting = trainer.queue_runner.list_waiting()
    problems = trainer.queue_runner.list_problems()
    num_visitors = 0 if trainer.demo is None else trainer.demo.num_waiting
    lines: list[str] = []

    def add(name: str, kind: str, meaning: str, value: float, label: str = "") -> None:
        if not any(line.startswith(f"# TYPE {name} ") for line in lines):
            lines.extend((f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"))
        lines.append(f"{name}{label} {value:.10g}")

    for phase in typing.get_args(Phase):
        meaning = "1 for the trainer's current phase."
        add("dcgan_phase", "gauge", meaning, snapshot.phase == phase, f'{{phase="{phase}"}}')
    add("dcgan_step", "gauge", "Updates of both networks of this server's run.", snapshot.step)
    seconds = 0.0 if snapshot.last is None else snapshot.last.seconds
    add("dcgan_training_seconds", "gauge", "Training time of this server's run.", seconds)
    speed = snapshot.images_per_second if snapshot.phase == "running" else None
    add("dcgan_images_per_second", "gauge", "Real pictures per second.", speed or 0.0)
    silent = "Seconds since the training thread last reported."
    add("dcgan_silent_seconds", "gauge", silent, trainer.silent_seconds)
    add("dcgan_waiting_runs", "gauge", "Runs in the queue.", len(waiting) + num_visitors)
    add("dcgan_watchers", "gauge", "Tabs that follow the training.", trainer.watchers.count())
    add(
        "dcgan_failures_total",
        "counter",
        "Runs that have failed since the server was started.",
        trainer.num_failures,
    )
    add("dcgan_queue_problems", "gauge", "Unread problems of the queue.", len(problems))
    return "\n".join(lines) + "\n"

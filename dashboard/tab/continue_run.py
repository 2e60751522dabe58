"""Continuing a saved run, and branching from one: asks the trainer and explains a refusal."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.state.current_training import describe_refusal
from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import RunError
from dcgan.runs.copying import is_finished
from dcgan.runs.run_folder import Run


def plan_more(run: Run, step: int, seconds: float) -> tuple[int | None, float | None]:
    """Return the epochs and seconds to continue a run for; both None if its plan goes on.

    Args:
        run: The run. If it has ended by itself, it is continued for as long again.
        step, seconds: How far it has come.
    """
    has_ended = is_finished(run, step, seconds)
    return plan_as_long_again(run.config, seconds) if has_ended else (None, None)


def plan_as_long_again(config: TrainingConfig, seconds: float) -> tuple[int | None, float | None]:
    """Return the planned epochs of a run, or its seconds if these have ended it; one is None.

    Args:
        config: The settings of the run.
        seconds: How long it has trained.
    """
    if config.epochs is None or config.has_reached_time_limit(seconds):
        return None, config.max_seconds
    return config.epochs, None


@permissions.operators_only
def continue_run(
    trainer: Trainer,
    run: Run,
    *,
    epochs: int | None = None,
    seconds: float | None = None,
    branch_step: int | None = None,
    changes: Mapping[str, object] | None = None,
) -> str:
    """Continue a run where it stopped, or start a branch of it.

    Args:
        trainer: The process's trainer.
        run: The run; a branch leaves it as it is.
        epochs, seconds: More training; by default what is left of the plan.
        branch_step: Step of the checkpoint from which to start a branch.
        changes: Settings of the branch.

    Returns:
        Why it cannot be continued, as Markdown; "" if it trains now.
    """
    try:
        is_started = trainer.continue_run(
            run,
            epochs=epochs,
            seconds=seconds,
            step=branch_step,
            changes=changes,
            branch=branch_step is not None,
        )
    except RunError as error:
        return escape_markdown(str(error))
    if is_started:
        return ""
    return escape_markdown(describe_refusal(trainer))


def continue_or_toast(
    trainer: Trainer, run: Run, epochs: int | None = None, seconds: float | None = None
) -> None:
    """Continue a run as `continue_run` does, and show a refusal as a toast."""
    if problem := continue_run(trainer, run, epochs=epochs, seconds=seconds):
        st.toast(problem, icon=":material/error:", duration="long")

"""The last line of a comparison: the next step with its button, and the other buttons, quieter."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence

import streamlit as st

from dashboard.access import permissions
from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare import measuring_panel, race_offer
from dashboard.compare.race_offer import RaceOffer
from dashboard.compare_results.measurements import MissingMeasurements, find_missing_measurements
from dashboard.compare_results.next_step import NextStep, choose_next_step
from dashboard.components.plain_text import escape_markdown
from dashboard.forms import settings_form
from dashboard.run_facts.raced_runs import RacedRun, find_common_race
from dashboard.state.current_training import describe_refusal
from dashboard.state.trainer import Trainer
from dashboard.tab.continue_run import continue_run, plan_more
from dcgan.config.settings import MAX_SEED
from dcgan.durations import describe_seconds
from dcgan.wording import quote_title

_MAX_BUTTON_LABEL = 30  # Characters of a run that fit into a button on a phone.


def render(
    trainer: Trainer, compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]
) -> None:
    """Render the next step and the other buttons.

    Args:
        trainer: The trainer.
        compared: The runs, the best one first.
        raced: The runs of races by name.
    """
    with st.container(gap="xsmall", key="compare-next"):
        measuring_panel.render_state(compared, raced)
        missing = find_missing_measurements(compared, raced)
        offer = race_offer.find_offer(trainer, compared, raced)
        step = None
        is_of_race = find_common_race([raced.get(each.run.name) for each in compared]) is not None
        if permissions.may_operate() and not measuring_panel.is_measuring(compared):
            if not is_of_race and len(compared) > 1:  # A race has a next step of its own.
                step = choose_next_step(
                    compared,
                    missing,
                    may_race=offer.may_start,
                    raced_headline=offer.headline,
                )
            if step is not None:
                _render_step(trainer, step, missing, offer)
        else:
            missing = MissingMeasurements()
        _render_others(step, missing, offer, is_training=trainer.snapshot().is_active)


def _render_step(
    trainer: Trainer, step: NextStep, missing: MissingMeasurements, offer: RaceOffer
) -> None:
    is_training = trainer.snapshot().is_active
    text, cost = step.text, measuring_panel.describe_cost(missing, is_training=is_training)
    if step.kind == "measure":
        text = f"{text} {cost}"
    elif step.kind == "continue" and is_training:
        text = f"{text} You can continue it when the run that trains now has ended."
    st.markdown(f"**Next**: {escape_markdown(text)}")
    if step.kind == "measure":
        measuring_panel.render_button(missing, cost, is_primary=True)
    elif step.kind == "race":
        race_offer.render_start_button(offer, is_primary=True)
    elif step.kind == "show race":
        race_offer.render_show_button(offer, is_primary=True)
    elif step.kind == "continue" and step.compared_run is not None:
        _render_continue(trainer, step.compared_run, is_training=is_training)
    elif step.kind == "repeat" and step.compared_run is not None:
        _render_repeat(trainer, step.compared_run)


def _render_others(
    step: NextStep | None, missing: MissingMeasurements, offer: RaceOffer, *, is_training: bool
) -> None:
    """Render the buttons that are not the next step in a row, without frames."""
    kind = "" if step is None else step.kind
    if offer.headline and kind != "show race":
        st.caption(escape_markdown(f"You raced these settings. {offer.headline}"))
    if offer.obstacle and not offer.race_name and permissions.may_operate():
        st.caption(offer.obstacle)
    with st.container(horizontal=True, vertical_alignment="center", key="compare-others"):
        # A precise distance does not make up for unequal training.
        if missing.runs and kind not in ("measure", "continue"):
            cost = measuring_panel.describe_cost(missing, is_training=is_training)
            measuring_panel.render_button(missing, cost, is_primary=False)
            st.caption(cost, width="content")
        race_offer.render_quietly(offer, is_shown=kind in ("race", "show race"))


def _render_continue(trainer: Trainer, compared_run: ComparedRun, *, is_training: bool) -> None:
    last = compared_run.record.history[-1]
    epochs, seconds = plan_more(compared_run.run, last.step, last.seconds)
    more = ""
    if epochs is not None:
        more = f" for {epochs} more epoch{'' if epochs == 1 else 's'}"
    elif seconds is not None:
        more = f" for {describe_seconds(seconds)} more"
    if st.button(
        escape_markdown(f"Continue {_name(compared_run)}{more}"),
        icon=":material/play_arrow:",
        type="primary",
        key="continue-compared",
        disabled=is_training,
        help=escape_markdown(describe_refusal(trainer)) if is_training else None,
    ):
        problem = continue_run(trainer, compared_run.run, epochs=epochs, seconds=seconds)
        if problem:
            st.error(problem, icon=":material/error:")
        else:
            st.switch_page("app_pages/train.py")


def _render_repeat(trainer: Trainer, compared_run: ComparedRun) -> None:
    config = compared_run.run.config
    if st.button(
        escape_markdown(f"Train {_name(compared_run)} with another seed"),
        icon=":material/restart_alt:",
        type="primary",
        key="repeat-compared",
        help="Fills the form of the Train page; nothing starts yet.",
    ):
        used = {each.config.seed for each in permissions.list_runs(trainer.root)[0]}
        seed = find_unused_seed(config.seed, used)
        settings_form.fill_form(config.replace(seed=seed), compared_run.title)
        st.switch_page("app_pages/train.py")


def find_unused_seed(seed: int, used: Collection[int]) -> int:
    """Return the next larger seed that no run has; after the largest possible one, 0 and so on.

    Args:
        seed: The seed of a run.
        used: The seeds of all runs.
    """
    seeds = itertools.chain(range(seed + 1, MAX_SEED + 1), range(seed))
    return next(each for each in seeds if each not in used)


def _name(compared_run: ComparedRun) -> str:
    title = compared_run.title
    return quote_title(title) if len(title) <= _MAX_BUTTON_LABEL else "this run"

"""The card of a run: its newest pictures, its status and facts, and its buttons."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.access import permissions
from dashboard.components.picture import render_picture
from dashboard.components.plain_text import escape_markdown
from dashboard.run_facts import status_badge, verdict_state
from dashboard.run_facts.labels import find_hidden_start
from dashboard.run_facts.raced_runs import find_measurement, map_raced_runs
from dashboard.run_facts.run_summary import RunSummary, read_summary, read_thumbnail
from dashboard.runs import card_buttons, title
from dashboard.state.trainer import Trainer
from dashboard.tab.following import follow_external
from dashboard.wording.glossary import explain_settings
from dashboard.wording.messages import MEASURING
from dcgan.comparison.kept_measurement import is_quick
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.closest_preset import find_closest_preset
from dcgan.config.named_datasets import choose_noun, get_picture_noun
from dcgan.errors import RunError
from dcgan.evaluation.distance_scale import explain_scale, rate_distance
from dcgan.evaluation.main_metric import (
    find_main_metric,
    get_distance,
    get_real_distance,
)
from dcgan.evaluation.metric_info import METRIC_INFO, format_distance
from dcgan.reports import EvaluationReport
from dcgan.runs.run_folder import Run
from dcgan.wording import capitalize

_CHANCE = (
    "A small difference between two runs is often chance: the Compare page says how sure it is."
)
_SCALE = 2
_PICTURE_WIDTH = 236  # Pixels: _SCALE times four digits of 28 and the gaps of 2 between them.


@dataclass
class _Shown:
    """The newest summary on a card; its fragment updates it.

    Attributes:
        summary: The summary.
        has_buttons: Whether the buttons are rendered; they are outside of the fragment.
    """

    summary: RunSummary
    has_buttons: bool = False


def render(run: Run, trainer: Trainer, place: str = "") -> None:
    """Render a run's card.

    Args:
        run: The run.
        trainer: The trainer of this process.
        place: Place among the runs with the same pictures if it is nearest to real ones, or "".
    """
    try:
        shown = _Shown(read_summary(run, trainer.snapshot()))
    except RunError as error:  # Deleted or damaged since the runs were listed.
        st.caption(escape_markdown(str(error)))
        return
    with st.container(border=True, key=f"card-{run.name}", height="stretch"):
        if _is_changing(shown.summary):
            st.fragment(_render_changing)(run, trainer, shown)
        else:
            alarm = shown.summary.alarm
            _render_summary(
                shown.summary, verdict_state.format_alarm(alarm) if alarm else "", place
            )
        st.space("stretch")
        card_buttons.render(shown.summary, trainer)
        shown.has_buttons = True


def _is_changing(summary: RunSummary) -> bool:
    return summary.is_active or summary.is_measuring


def _render_changing(run: Run, trainer: Trainer, shown: _Shown) -> None:
    """Render a run in training, of this process or another, until it has ended and is measured.

    The whole page reruns then, as other buttons follow; but not while it renders this card for the
    first time: a click on a button of a later card would be lost.
    """
    snapshot, _ = follow_external(trainer, run.name, key=f"news-{run.name}")
    try:
        shown.summary = read_summary(run, snapshot)
    except RunError:  # Deleted or damaged since the runs were listed.
        has_ended = True
    else:
        has_ended = not _is_changing(shown.summary)
    if has_ended and shown.has_buttons:
        st.rerun()
    is_own = shown.summary.is_of_this_process
    _render_summary(shown.summary, verdict_state.format_headline(snapshot) if is_own else "")


def _render_summary(summary: RunSummary, verdict: str = "", place: str = "") -> None:
    name = summary.run.name
    raced_runs = map_raced_runs(summary.run.path.parent)
    with st.container(horizontal=True, gap="small", key=f"summary-{name}"):
        with st.container(width=_PICTURE_WIDTH, gap=None, key=f"thumbnail-{name}"):
            _render_picture(summary)
        with st.container(width="stretch", gap="xsmall"):
            # The button keeps its place beside a long name, which wraps.
            with st.container(horizontal=True, gap="xsmall", key=f"name-row-{name}"):
                st.markdown(f"**{escape_markdown(summary.title)}**", width="stretch")
                title.render_rename(summary)
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                status_badge.render(
                    summary.status,
                    has_alarm=bool(summary.alarm),
                    is_measuring=summary.is_measuring,
                )
                if summary.run.is_read_only:
                    st.badge("Included", icon=":material/package_2:", color="gray")
                if name in raced_runs:
                    started = raced_runs[name].race.describe_start()
                    st.badge(f"Race {started}", icon=":material/flag:", color="gray")
                elif start := find_hidden_start(summary.run, summary.title):
                    st.caption(start, width="content")
            _render_facts(summary, verdict, place, find_measurement(summary.run, raced_runs))


def _render_picture(summary: RunSummary) -> None:
    noun = get_picture_noun(summary.run.config.dataset)
    picture = read_thumbnail(summary.run)
    if picture is None:
        st.caption(f"No {noun}s yet")
        return
    render_picture(
        picture.png,
        size=picture.size,
        alt=f"{noun.capitalize()}s of {summary.title}, step {picture.step}",
        key=f"picture-{summary.run.name}",
        scale=_SCALE,
    )


def _render_facts(
    summary: RunSummary, verdict: str, place: str, precise: RunMeasurement | None
) -> None:
    """Render how good a run is, how long it was trained, and what it learns."""
    if verdict:
        st.markdown(verdict)
    _render_quality(summary, place, precise)
    st.caption(summary.describe_length())
    settings = summary.describe_settings()
    settings = "" if settings == summary.title else f" {settings}."
    st.caption(
        escape_markdown(f"{summary.describe_data()}.{settings}"),
        help=explain_settings(find_closest_preset(summary.run.config)[1]),
    )
    if summary.convergence_text:
        st.caption(escape_markdown(summary.convergence_text))
    if summary.message:
        message = permissions.hide_path(summary.message, summary.run.config)
        st.markdown(f":small[:red[{escape_markdown(message)}]]")
    title.render_note(summary)


def _render_quality(summary: RunSummary, place: str, precise: RunMeasurement | None) -> None:
    """Render the distance to real images, or why there is none; nothing before it is measured.

    A precise distance takes the place of the one that is measured during training.
    """
    if summary.is_measuring:
        st.markdown(f":small[{MEASURING}]")
    elif summary.evaluation is not None:
        badge = f" :green-badge[:material/check: {place}]" if place else ""
        if precise is None or precise.step != summary.step:
            reason = summary.explain_old_evaluation()
            age = f", measured at epoch {summary.evaluation.epoch}" if reason else ""
            text, help_text = _describe_distance(summary, summary.evaluation)
            help_text = "\n\n".join(filter(None, (reason, help_text)))
        else:
            age = ""
            text, help_text = _describe_distance(summary, precise)
        st.markdown(f":small[{text}{age}]{badge}", help=help_text)
    elif summary.change is not None:
        st.markdown(
            f":small[Not measured since step {summary.change.step:,}]",
            help=f"{summary.explain_no_evaluation()} The quality is measured at the ends of epochs "
            "and at the last step.",
        )


def _describe_distance(
    summary: RunSummary, measured: EvaluationReport | RunMeasurement
) -> tuple[str, str]:
    """Describe a distance first in words; without words, beside that of real images.

    Args:
        summary: The run.
        measured: Its distance and that of real images.

    Returns:
        The text as Markdown, and its explanation.
    """
    are_digits = summary.evaluation is not None and bool(summary.evaluation.digit_shares)
    noun, is_few = choose_noun(are_digits=are_digits), is_quick(measured.num_images, summary.run)
    distance, real = get_distance(measured), get_real_distance(measured)
    words = rate_distance(distance, real) if are_digits else ""
    explanation = (
        METRIC_INFO[find_main_metric(measured.metrics)].explain(noun),
        f"Measured with {measured.num_images:,} {noun}s; real {noun}s get {format_distance(real)}.",
        explain_scale() if are_digits else "",
        _CHANCE,
    )
    label = "Quick distance" if is_few else "Distance"
    text = f"{label} {format_distance(distance)}"
    if words:
        text = f"**{capitalize(words)}.** {text}"
    else:
        text += f" (real {noun}s {format_distance(real)})"
    return text, "\n\n".join(filter(None, explanation))

"""The card of a run: its newest pictures, its status and facts, and its buttons."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.access import permissions
from dashboard.components.picture import render_picture
from dashboard.components.plain_text import escape_markdown, keep_together
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
from dcgan.config.named_datasets import get_picture_noun
from dcgan.errors import RunError
from dcgan.evaluation.distance_scale import describe_distance, explain_scale
from dcgan.evaluation.main_metric import (
    find_main_metric,
    get_distance,
    get_distance_label,
    get_real_distance,
)
from dcgan.evaluation.metric_info import METRIC_INFO, format_distance
from dcgan.runs.run_folder import Run

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
            # The button is beside the status, so that a long name does not move it.
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                status_badge.render(
                    summary.status,
                    has_alarm=bool(summary.alarm),
                    is_measuring=summary.is_measuring,
                )
                if summary.run.is_read_only:
                    st.badge("Included", icon=":material/package_2:", color="gray")
                st.space("stretch")
                title.render_rename(summary)
            title_text = f"**{escape_markdown(summary.title)}**"
            if name in raced_runs:  # A badge above would leave no room for the button there.
                started = raced_runs[name].race.describe_start()
                title_text += f" :gray[:small[:material/flag: {keep_together(f'Race {started}')}]]"
            elif start := find_hidden_start(summary.run, summary.title):
                title_text += f" :gray[:small[{keep_together(start)}]]"
            st.markdown(title_text)
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
    """Render what the run learns, how good it is, and how long it was trained."""
    st.caption(
        escape_markdown(f"{summary.describe_data()}. {summary.describe_settings()}."),
        help=explain_settings(find_closest_preset(summary.run.config)[1]),
    )
    if verdict:
        st.markdown(verdict)
    _render_quality(summary, place, precise)
    st.caption(summary.describe_length())
    if summary.convergence_text:
        st.caption(escape_markdown(summary.convergence_text))
    if summary.message:
        message = permissions.hide_path(summary.message, summary.run.config)
        st.markdown(f":small[:red[{escape_markdown(message)}]]")
    title.render_note(summary)


def _render_quality(summary: RunSummary, place: str, precise: RunMeasurement | None) -> None:
    """Render the distance to real images, or why there is none; nothing before it is measured.

    All cards begin with the distance that is measured during training, so that they can be
    compared; a precise one is below it.
    """
    if summary.is_measuring:
        st.markdown(f":small[{MEASURING}]")
    elif summary.evaluation is not None:
        newest = summary.evaluation
        distance, real = get_distance(newest), get_real_distance(newest)
        help_text = METRIC_INFO[find_main_metric(newest.metrics)].explain(
            get_picture_noun(summary.run.config.dataset)
        )
        reason = summary.explain_old_evaluation()
        measured = f", measured at epoch {newest.epoch}" if reason else ""
        has_digits = bool(newest.digit_shares)
        label = get_distance_label(
            has_digits=has_digits, is_quick=is_quick(newest.num_images, summary.run)
        )
        text = f"{label} {describe_distance(distance, real, has_digits=has_digits)}{measured}"
        badge = f" :green-badge[:material/check: {place}]" if place else ""
        if precise is not None and precise.step != summary.step:
            precise = None
        st.markdown(
            f":small[{text}]{'' if precise else badge}",
            help="\n\n".join(
                filter(None, (reason, help_text, explain_scale() if has_digits else "", _CHANCE))
            ),
        )
        if precise is not None:
            precise_real = precise.real_metrics.get(find_main_metric(precise.metrics))
            beside = "" if precise_real is None else f" (real ones {format_distance(precise_real)})"
            text = (
                f"{get_distance_label(has_digits=has_digits)} {format_distance(precise.distance)}"
            )
            noun = get_picture_noun(summary.run.config.dataset)
            st.markdown(
                f":small[{text}, measured with {precise.num_images:,}{beside}]{badge}",
                help=f"The quick distance above is measured with {newest.num_images:,} {noun}s. "
                f"Fewer {noun}s give a larger distance, so the two cannot be compared.",
            )
    elif summary.change is not None:
        st.markdown(
            f":small[Not measured since step {summary.change.step:,}]",
            help=f"{summary.explain_no_evaluation()} The quality is measured at the ends of epochs "
            "and at the last step.",
        )

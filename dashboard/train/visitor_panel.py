"""The start of a visitor's run on a public demo: the button with its settings, or the queue."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import escape_markdown, keep_together
from dashboard.forms import setting_fields
from dashboard.process.demo_bounds import OFFERED_SETTINGS
from dashboard.state.demo import Demo, DemoError, Place
from dashboard.state.trainer import Trainer
from dashboard.tab.following import follow
from dcgan.config.training_config import TrainingConfig
from dcgan.durations import describe_roughly, describe_seconds
from dcgan.errors import ConfigError

# Keys of the session.
_CLICKED = "demo_clicked"  # Whether the visitor has clicked on the button.


def render(trainer: Trainer, demo: Demo, *, is_primary: bool = True) -> None:
    """Render the button and its settings, or the place in the queue.

    Renders nothing while the visitor's run is in training.
    """
    visitor = permissions.get_visitor()
    if demo.is_training(visitor):
        return
    is_waiting = demo.find_place(visitor) is not None
    with st.container(horizontal=True, vertical_alignment="center", key="demo-start"):
        button_place = st.container(width="content")
        # At the same place in both states, as a late poll of one state may draw the other.
        _render_wait(trainer, demo, is_waiting=is_waiting)
    if not is_waiting:
        _render_form(demo, button_place, is_primary=is_primary)


def _render_form(
    demo: Demo, button_place: st.delta_generator.DeltaGenerator, *, is_primary: bool
) -> None:
    problem_place = st.container()
    base = demo.bounds.config
    with st.expander("Change settings", icon=":material/tune:", key="demo-settings"):
        values = setting_fields.render_fields(OFFERED_SETTINGS, base, "demo")
        st.caption("All other settings are fixed in this demo.")
    button_place.button(
        "Start training",
        type="primary" if is_primary else "secondary",
        icon=":material/play_arrow:",
        key="start-training",
        on_click=_record_click,
    )
    problem = demo.problem
    if st.session_state.pop(_CLICKED, False):
        problem = _request_run(demo, base, values)
        if not problem:
            request_focus("status")
            st.rerun()
    if problem:
        problem_place.error(escape_markdown(problem), icon=":material/error:")


def _record_click() -> None:
    # In a callback, as a poll may restart the script before it reaches the button.
    st.session_state[_CLICKED] = True


def _request_run(demo: Demo, base: TrainingConfig, values: Mapping[str, object]) -> str:
    """Request a run; return why it is refused, or ""."""
    try:
        demo.request(permissions.get_visitor(), base.replace(**values))
    except ConfigError as error:
        return setting_fields.describe_with_label(error)
    except DemoError as error:
        return str(error)
    return ""


@st.fragment
def _render_wait(trainer: Trainer, demo: Demo, *, is_waiting: bool) -> None:
    """Render the place in the queue, or how long it would take to start.

    The page reruns when the training starts.
    """
    follow(trainer, key="news-demo")
    place = demo.find_place(permissions.get_visitor())
    if (place is not None) != is_waiting:
        st.rerun()
    if place is None:
        st.caption(_describe_start(demo))
        return
    with st.container():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_describe_place(place), width="content")
            st.button(
                "Leave the queue",
                icon=":material/close:",
                key="demo-leave",
                on_click=_leave,
                args=(demo,),
            )
        st.caption("Keep this page open. You can look at the other pages meanwhile.")


def _leave(demo: Demo) -> None:
    demo.leave(permissions.get_visitor())


def _describe_start(demo: Demo) -> str:
    duration = f"Your run trains for {keep_together(describe_seconds(demo.bounds.seconds))}."
    wait = demo.estimate_wait()
    if not wait:
        return duration
    if not demo.num_waiting:
        others = "Another visitor is training"
    elif demo.num_waiting == 1:
        others = "1 visitor is waiting"
    else:
        others = f"{demo.num_waiting} visitors are waiting"
    start = keep_together(describe_roughly(wait))
    return f"{duration} {others}: your training would start in {start}."


def _describe_place(place: Place) -> str:
    return (
        f"You are **{_format_ordinal(place.number)}** in the queue: your training starts in "
        f"{keep_together(describe_roughly(place.seconds))}."
    )


def _format_ordinal(number: int) -> str:
    is_teen = 10 < number % 100 < 20
    return f"{number}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"

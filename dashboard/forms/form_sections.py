"""The sections of the form of settings: which one is open, and the error at the top of one."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.forms.setting_fields import describe_with_label
from dashboard.server.streamlit_internals import ExpanderContainer
from dcgan.errors import ConfigError

# Shown unfolded together with the data-set settings, as they change most often.
FIRST_SETTINGS = ("epochs", "max_seconds", "seed", "until_converged")
# Two of the form's expanders; the first holds all others. `setting_groups` has the names of those
# between them.
FORM, SWEEP = "form", "sweep"
FORM_KEY = "settings-form"  # Key of its container.
_PROBLEM_KEY = "form-problem"  # Key of the container of the error.
# Keys of the session.
# The expander to open, and the number of requests so far, which makes each key new.
_OPEN = "form_open"
_PROBLEM = "form_problem"


def open_section(section: str) -> None:
    """Open an expander of the form the next time that it is rendered."""
    _, num_requests = st.session_state.get(_OPEN, ("", 0))
    st.session_state[_OPEN] = (section, num_requests + 1)


def forget_open_section() -> None:
    """Forget which expander was to be opened."""
    st.session_state.pop(_OPEN, None)


def render_section(label: str, icon: str, section: str, key: str = "") -> ExpanderContainer:
    """Render an expander of the form; open if `open_section` asked for it or for one inside."""
    opened, num_requests = st.session_state.get(_OPEN, ("", 0))
    is_open = opened == section or (opened != "" and section == FORM)
    # A new key opens it again for each request, also after a person has closed it.
    with st.container(key=key or f"form-{section}"):
        expander = st.expander(
            label, is_open, icon=icon, key=f"form-{section}-{num_requests if is_open else 0}"
        )
    with expander:
        render_problem(section)
    return expander


def render_problem(section: str) -> None:
    """Render the error in a field of this section, once."""
    is_opened = st.session_state.get(_OPEN, ("", 0))[0] == section
    if is_opened and (problem := st.session_state.pop(_PROBLEM, "")):
        with st.container(key=_PROBLEM_KEY):
            st.error(escape_markdown(problem), icon=":material/error:")


def rerun_with_problem(error: ConfigError, section: str) -> NoReturn:
    """Rerun with the error at the top of the section that contains the field, and open it."""
    open_section(section)
    request_focus(_PROBLEM_KEY)  # A phone's bar with the button would cover it.
    st.session_state[_PROBLEM] = describe_with_label(error)
    st.rerun()

"""A page with nothing but the form of a new run, and what its tests do with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard.forms.dataset_choice import DATASET_SETTINGS
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig

FIELDS = [name for name in Settings.model_fields if name not in DATASET_SETTINGS]

SCRIPT = """
import streamlit as st
from dashboard.forms import settings_form

request = settings_form.render(st.container(), settings_form.Place.BELOW_RUN)
if request is not None:
    st.session_state.setdefault("requests", []).append(request)
"""

# The form below a run in training.
QUEUE_SCRIPT = SCRIPT.replace("render(st.container())", "render_for_queue()")


def find(widgets: Iterable[Any], name: str) -> Any:
    """Return the one widget with a name of `field_keys`."""
    (found,) = [widget for widget in widgets if str(widget.key).split("#")[0] == name]
    return found


def field(page: AppTest, name: str) -> Any:
    """Return the one widget of a setting."""
    found = [
        widget
        for kind in ("number_input", "text_input", "selectbox", "button_group", "checkbox")
        for widget in page.get(kind)
        # Keys are form_NUMBER_NAME or form_NUMBER_NAME#NUMBER; names contain underscores too.
        if str(widget.key).startswith("form_")
        and str(widget.key).split("#")[0].split("_", 2)[2:] == [name]
    ]
    assert len(found) == 1, name
    return found[0]


def press(page: AppTest, label: str = "Start training") -> None:
    (button,) = [button for button in page.button if button.label == label]
    button.click().run()
    assert not page.exception


def leave_and_come_back(page: AppTest) -> None:
    page.switch_page("pages/other.py").run()
    assert not page.number_input
    page.switch_page("form.py").run()
    assert not page.exception


def get_started(page: AppTest) -> list[TrainingConfig]:
    """Return the settings of the runs that were to start at once."""
    if "requests" not in page.session_state:
        return []
    requests = page.session_state["requests"]
    return [request.configs[0] for request in requests if not request.is_for_later]


def get_error(page: AppTest) -> str:
    """Return the one error without Markdown's escapes."""
    assert len(page.error) == 1
    return str(page.error[0].value).replace("\\", "").replace("\u2060", "")


def get_widget_value(config: TrainingConfig, name: str) -> object:
    """Return a setting as its widget shows it."""
    value = getattr(config, name)
    if name == "augmentations":
        return list(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def list_open_expanders(page: AppTest) -> list[str]:
    return [element.label for element in page.expander if element.proto.expanded]

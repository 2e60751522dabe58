"""Pages and panels without a browser: run them, press their buttons, read their texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import NumberInput

import dashboard


def prepare_page(name: str) -> AppTest:
    """Return a page of the dashboard, such as "train", that has not run yet."""
    script = Path(dashboard.__path__[0]) / "app_pages" / f"{name}.py"
    return AppTest.from_file(str(script), default_timeout=60)


def prepare_panel(render: Callable[[], None], **session: object) -> AppTest:
    """Return a page with one panel that has not run yet.

    Args:
        render: The page's script. Streamlit runs its source alone, so it imports what it uses.
        session: Values that the session holds when the script starts.
    """
    page = AppTest.from_function(render, default_timeout=60)
    for name, value in session.items():
        page.session_state[name] = value
    return page


def run_page(page: AppTest) -> AppTest:
    """Run the script of a page, which must raise nothing; return the page."""
    page.run()
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    """Press the one button of a label, which must be enabled."""
    (button,) = [button for button in page.button if button.label == label]
    assert not button.disabled
    button.click()
    return run_page(page)


def list_buttons(page: AppTest) -> list[str]:
    """Return the labels of the buttons, from the top."""
    return [button.label for button in page.button]


def list_primary_buttons(page: AppTest) -> list[str]:
    """Return the labels of the primary buttons, from the top."""
    return [button.label for button in page.button if button.proto.type == "primary"]


def find_number_field(page: AppTest, label: str) -> NumberInput:
    """Return the one number field of a label."""
    (field,) = [field for field in page.number_input if field.label == label]
    return field


def remove_escapes(markdown: str) -> str:
    """Return a text as a person reads it: without escapes and with ordinary spaces."""
    return markdown.replace("\\", "").replace("\u2060", "").replace("\u00a0", " ")


def read_texts(page: AppTest) -> str:
    """Return all texts and messages without escapes, a line each."""
    parts = [*page.markdown, *page.text, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(remove_escapes(str(part.value)) for part in parts)


def list_captions(page: AppTest) -> list[str]:
    """Return the captions without escapes."""
    return [remove_escapes(caption.value) for caption in page.caption]


def read_error(page: AppTest) -> str:
    """Return the one error without escapes."""
    (error,) = page.error
    return remove_escapes(error.value)

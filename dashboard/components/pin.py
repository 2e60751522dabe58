"""A container that stays in sight while an open form is read; `styles/all_pages.css` places it."""

from __future__ import annotations

from dashboard.components.registration import register_component

_pin = register_component("pin")


def render_pin(target: str, form: str) -> None:
    """Render the invisible component that pins a container.

    Args:
        target: Key of the container. It is pinned while its own place is out of sight.
        form: Key of the container with the form, whose first expander is open then.
    """
    _pin(key="start-pin", data={"target": target, "form": form}, height=1)

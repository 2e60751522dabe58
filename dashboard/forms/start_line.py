"""The line that says what `Start training` would train."""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.forms.settings_text import describe_start
from dcgan.config.training_config import TrainingConfig


def render(
    config: TrainingConfig,
    plan_place: st.delta_generator.DeltaGenerator | None,
    summary: st.delta_generator.DeltaGenerator,
) -> None:
    """Render what would start: above the buttons in `plan_place`, if any, otherwise below them.

    Above them the changed settings are in the help, so that the line has one height.
    """
    texts = describe_start(config, names_change=plan_place is not None)
    plan, changes = map(escape_markdown, texts)
    if plan_place is None:
        summary.caption(", ".join(filter(None, (plan, changes))))
        return
    plan_place.caption(f"**A new run:** {plan}", help=f"Changed: {changes}" if changes else None)

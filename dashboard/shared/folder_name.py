"""The name of a run's folder, by which the command line finds it: small; a click selects it."""

from __future__ import annotations

import html

import streamlit as st

from dcgan.runs.run_folder import Run


def render(run: Run) -> None:
    """Render the name of a run's folder, unless it is the title above it."""
    if run.read_label().title != run.name:
        # Markdown would escape characters of the name with invisible ones, also in a copy of it.
        name = html.escape(run.name)
        st.html(
            '<p class="folder-name" title="The name of the run\'s folder, for the command line">'
            f"Folder <code>{name}</code></p>"
        )

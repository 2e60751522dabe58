"""The name of a run's folder in small print, to copy for the command line."""

from __future__ import annotations

import html

import streamlit as st

from dcgan.runs.run_folder import Run


def render(run: Run) -> None:
    """Render the name of a run's folder, unless it is the title above it."""
    if run.read_title() != run.name:
        # Not Markdown: its escapes add invisible characters, which a person would copy too.
        name = html.escape(run.name)
        st.html(
            '<p class="folder-name" title="The name of the run\'s folder, for the command line">'
            f"Folder <code>{name}</code></p>"
        )

"""The downloads of a run; each file is made when its button is clicked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from dashboard.generators.saved_generators import make_page
from dashboard.run_facts.labels import make_file_stem
from dcgan.documents.html_report import make_html_report
from dcgan.export.archive import export_run
from dcgan.export.tables import make_history_csv, make_history_parquet
from dcgan.runs.run_folder import Run


@dataclass(frozen=True)
class _Download:
    name: str
    suffix: str
    mime: str
    icon: str
    help_text: str
    make: Callable[[Run], bytes | str]
    needs_weights: bool = False


def render(run: Run) -> None:
    """Render one button for each file."""
    stem = make_file_stem(run)
    st.caption("**Files of this run**")
    for download in _DOWNLOADS:
        st.download_button(
            f"Download {download.name}",
            partial(download.make, run),
            file_name=f"{stem}.{download.suffix}",
            mime=download.mime,
            icon=download.icon,
            on_click="ignore",
            key=f"{download.suffix}-{run.name}",
            type="tertiary",
            disabled=download.needs_weights and not run.checkpoints.list_steps(),
            help=download.help_text,
        )


_DOWNLOADS = (
    _Download(
        "ZIP",
        "zip",
        "application/zip",
        ":material/folder_zip:",
        "The whole run, to import elsewhere: settings, history, grids and the newest weights.",
        export_run,
        needs_weights=True,
    ),
    _Download(
        "generator page",
        "generator.html",
        "text/html",
        ":material/web:",
        "The generator with sliders as one page to share; it draws without the internet.",
        make_page,
        needs_weights=True,
    ),
    _Download(
        "report",
        "html",
        "text/html",
        ":material/article:",
        "Pictures, curves, metrics and settings as one page, which opens anywhere.",
        make_html_report,
    ),
    _Download(
        "losses and metrics (CSV)",
        "csv",
        "text/csv",
        ":material/table:",
        "Both losses and all metrics by step, as a table for a spreadsheet.",
        make_history_csv,
    ),
    _Download(
        "losses and metrics (Parquet)",
        "parquet",
        "application/vnd.apache.parquet",
        ":material/table_chart:",
        "The same table with types, for pandas and similar tools.",
        make_history_parquet,
    ),
)

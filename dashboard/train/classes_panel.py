"""The measurement of how well a run draws each of its classes, on request."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.generators.generator_source import GeneratorSource
from dashboard.shared.run_error import render_run_error
from dashboard.state import tf_runtime
from dashboard.state.trainer import Trainer
from dashboard.state.training_pictures import load_all_pictures
from dcgan.errors import DCGANError
from dcgan.latent.sampling import sample_latent
from dcgan.runs.run_folder import Run

_SEED = 11
_ASKED, _FOUND = "classes-asked", "classes-found"


@dataclass(frozen=True)
class _Finding:
    """The table of a run at a step: a row for each class."""

    run: str
    created: str
    step: int
    rows: list[dict[str, str | float | None]]


def render(trainer: Trainer, run: Run) -> None:
    """Render the button and the last table of this run; nothing if it learns no classes."""
    if not run.config.class_names:
        return
    with st.container(key="classes"):
        st.button(
            "Measure each class",
            icon=":material/category:",
            help="Draws 300 pictures of each class and compares them with real ones.",
            on_click=_record_click,
            args=(run.name,),
        )
        # Set in the callback: the script may be restarted before it reaches this line.
        if st.session_state.get(_ASKED) == run.name:
            del st.session_state[_ASKED]
            try:
                with st.spinner("Drawing each class"):
                    st.session_state[_FOUND] = _measure(trainer, run)
            except DCGANError as error:
                render_run_error(error, run.config)
        found: _Finding | None = st.session_state.get(_FOUND)
        if found is not None and (found.run, found.created) == (run.name, run.created):
            _render_table(found)


def _record_click(run: str) -> None:
    st.session_state[_ASKED] = run


def _measure(trainer: Trainer, run: Run) -> _Finding:
    tf_runtime.prepare()
    from dcgan.evaluation.class_metrics import NUM_DRAWN, measure_classes

    # All classes by the same weights, though the run trains on.
    generator = GeneratorSource(run, None, trainer).freeze()
    z = sample_latent(_SEED, NUM_DRAWN, run.config.latent_dim)
    measured = tf_runtime.run_long_work(
        measure_classes,
        lambda label, num: generator.generate(z[:num], [label] * num),
        load_all_pictures(run),
    )
    rows: list[dict[str, str | float | None]] = [
        {
            "Class": it.name,
            "Drawn as asked": it.as_asked,
            "Distance": it.frechet_distance,
            "Real": it.real_distance,
        }
        for it in measured
    ]
    return _Finding(run.name, run.created, generator.step, rows)


def _render_table(found: _Finding) -> None:
    shares = [row["Drawn as asked"] for row in found.rows]
    columns = {
        "Distance": st.column_config.NumberColumn(
            format="%.1f", help="Distance to real pictures of this class; lower is better."
        ),
        "Real": st.column_config.NumberColumn(
            format="%.1f", help="The distance between two sets of real pictures of this class."
        ),
        "Drawn as asked": st.column_config.ProgressColumn(
            format="percent",
            min_value=0.0,
            max_value=1.0,
            help="Share that the digit classifier reads as this class.",
        ),
    }
    if None in shares:
        rows = [{k: v for k, v in row.items() if k != "Drawn as asked"} for row in found.rows]
    else:
        rows = found.rows
    st.dataframe(rows, hide_index=True, column_config=columns, key="classes-table")
    st.caption(f"300 pictures of each class, step {found.step:,}.")

"""Compare: several runs in one chart, what differs between them, and their digits side by side."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.compare import comparisons
from dashboard.compare.comparisons import AXES, MEASURES, Axis, Record
from dashboard.components.chart import render_chart
from dashboard.components.picture import render_picture
from dashboard.components.plain_text import escape_markdown
from dashboard.shared import charts_panel, run_labels
from dashboard.shared.following import follow
from dashboard.state.snapshot import Snapshot
from dashboard.state.trainer import process_trainer
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run

_AT_FIRST = 3  # Runs, the newest.
_MANY = 4  # From as many runs on, lines through their settings tell more than a table.
_ROWS, _COLUMNS = 6, 5  # Digits of each side.
_SCALE = 3


def choose_runs(runs: dict[str, Run]) -> list[Run]:
    """Let the person choose what is compared."""
    at_first = list(runs)[:_AT_FIRST]
    kept = [name for name in st.session_state.get("compare_runs", at_first) if name in runs]
    st.session_state["compare_runs"] = kept
    names = st.multiselect(
        "Runs",
        list(runs),
        key="compare_runs",
        persist_state="session",
        format_func=run_labels.label_runs(runs.values()).__getitem__,
    )
    return [runs[name] for name in names]


def read(runs: list[Run], now: Snapshot) -> list[tuple[Run, str, Record]]:
    """Read what the runs have on file; one that cannot be read is told."""
    records = []
    titles = run_labels.label_runs(runs)
    for run in runs:
        try:
            records.append((run, titles[run.name], comparisons.record_of(run, now)))
        except RunError as error:
            st.caption(f":material/warning: {escape_markdown(str(error))}")
    return records


@st.fragment
def render_lines(runs: list[Run]) -> None:
    """Draw the choice of a measure and its chart; again with what the one in training adds."""
    now = trainer.snapshot()
    if any(map(now.trains, runs)):
        now = follow(trainer)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = st.selectbox(
            "Measure",
            list(MEASURES),
            key="compare_measure",
            persist_state="session",
            format_func=MEASURES.__getitem__,
            width=260,
        )
        axis: Axis = st.segmented_control(
            "Against",
            list(AXES),
            default="steps",
            required=True,
            key="compare_axis",
            persist_state="session",
            format_func=AXES.__getitem__,
            help="Steps compare updates; training time compares what one waits for; images seen "
            "compares runs with other batch sizes.",
        )
        options = charts_panel.choose_options()
    records = read(runs, now)
    figure = comparisons.overlay(records, measure, axis, options)
    with st.container(key="compare-chart"):
        render_chart(
            figure.to_json(),
            height=int(figure.layout.height),
            alt=f"{MEASURES[measure]} of {', '.join(title for _, title, _ in records)}, up to "
            f"step {max((record.step for _, _, record in records), default=0)}",
            key="compare",
        )
    without = [title for _, title, record in records if not record.has(measure)]
    if without:
        st.caption(f"Not measured that way yet: {escape_markdown(', '.join(without))}.")
    if not comparisons.is_comparable(records, measure):
        st.caption(
            "These runs learned from different pictures, and each is held against its own: of "
            "different pictures the figures do not compare."
        )
    st.subheader("What differs", anchor=False)
    st.dataframe(
        comparisons.table(records),
        hide_index=True,
        height="content",
        key="compare-table",
        column_config={"": st.column_config.TextColumn(pinned=True)},
    )
    lines = comparisons.parallel(records) if len(records) >= _MANY else None
    if lines is not None:
        unmeasured = [title for _, title, record in records if not record.evaluations]
        st.caption(
            "Each line is a run that was evaluated: through its settings, to the best distance "
            "that it reached. Drag along an axis to keep only the runs that pass there."
            + (f" Without: {escape_markdown(', '.join(unmeasured))}." if unmeasured else "")
        )
        with st.container(key="compare-parallel"):
            render_chart(
                lines.to_json(),
                height=int(lines.layout.height),
                alt=f"Settings of {len(records)} runs, and the best distance of each",
                key="parallel",
            )


def choose_moment(label: str, runs: dict[str, Run], key: str, at_first: int) -> tuple[Run, int]:
    """Let the person choose a run and a moment of its sample grids."""
    name = st.selectbox(
        label,
        list(runs),
        index=min(at_first, len(runs) - 1),
        key=f"{key}_run",
        format_func=run_labels.label_runs(runs.values()).__getitem__,
    )
    run = runs[name]
    steps = run.samples.list_steps()
    if not steps:
        raise RunError(f"{run.read_label().title} keeps no picture any more.")
    step = st.select_slider(
        "Step",
        steps,
        steps[-1] if at_first or len(runs) > 1 else steps[0],
        key=f"{key}_step_{name}",
        format_func=lambda step: f"{step:,}",
    )
    return run, step


def render_pair(runs: dict[str, Run]) -> None:
    """Draw the sample grids of two moments, and where they differ."""
    left, right, difference = st.columns(3, gap="medium", vertical_alignment="bottom")
    pixels, titles = [], []
    for place, label, key, at_first in (
        (left, "One", "pair_left", 0),
        (right, "The other", "pair_right", 1),
    ):
        with place:
            try:
                run, step = choose_moment(label, runs, key, at_first)
                digits = run.samples.read(step)
            except RunError as error:
                st.error(escape_markdown(str(error)), icon=":material/error:")
                continue
            pixels.append(digits[: _ROWS * _COLUMNS])
            titles.append(f"{run.read_label().title}, step {step}")
            show(pixels[-1], titles[-1], key)
    if len(pixels) < 2:
        return
    if pixels[0].shape[1:] != pixels[1].shape[1:]:
        st.caption("Pictures of another size, or grey and in colour, have no difference to show.")
        return
    num = min(map(len, pixels))
    apart = pixels[1][:num].astype(int) - pixels[0][:num]
    with difference:
        st.markdown("Difference")
        gap = (128 + apart // 2).clip(0, 255).astype(np.uint8)
        show(gap, f"From {titles[0]} to {titles[1]}", "pair_gap")
    st.caption(
        "The difference is grey where both agree, brighter where the other is brighter, darker "
        f"where it is darker. They are {np.sqrt((apart**2).mean()) / 255:.1%} of black to white "
        "apart (root mean square). Digits of one run, and of runs with the same seed and latent "
        "dim, are of the same z."
    )


def show(pixels: np.ndarray, alt: str, key: str) -> None:
    """Show digits as a grid."""
    picture = tile(pixels, _ROWS, _COLUMNS)
    render_picture(
        encode_png(picture),
        size=(picture.shape[1], picture.shape[0]),
        scale=_SCALE,
        alt=alt,
        key=f"{key}-picture",
    )


trainer = process_trainer()
st.title("Compare runs", anchor=False)
shelf = {run.name: run for run in list_runs(trainer.root)[0]}
chosen = choose_runs(shelf)
if not chosen:
    st.info("Choose a run at least.")
    st.stop()
render_lines(chosen)
st.subheader("Side by side", anchor=False)
with_pictures = {run.name: run for run in chosen if run.samples.list_steps()}
if with_pictures:
    st.fragment(render_pair)(with_pictures)
else:
    st.caption("None of these runs keeps a picture yet.")

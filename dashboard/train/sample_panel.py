"""The sample grid of a run, from its first noise to now, and its downloads."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.components.film import render_film
from dashboard.components.plain_text import escape_markdown
from dashboard.components.tiles import render_tiles
from dashboard.shared import selection
from dashboard.shared.sample_files import film_frames, film_gif, grid_png
from dcgan.errors import RunError
from dcgan.export.archive import export_run
from dcgan.latent.sampling import sample_latent
from dcgan.runs.run_folder import Run

_MAX_SIDE = 20
_FILM = "film_of"  # The run whose film is open in this tab.
_MILLISECONDS, _FILM_SCALE = 100, 3


@dataclass
class _Shown:
    """What the grid in this tab shows at the moment."""

    step: int = 0
    rows: int = 8
    columns: int = 8


def render(run: Run) -> None:
    """Draw the grid of the chosen moment, and the choices."""
    try:
        steps = run.samples.list_steps()
    except OSError as error:  # Of a shared disk that has gone.
        st.error(escape_markdown(f"The pictures cannot be read now ({error.strerror or error})."))
        return
    if not steps:
        return
    place = st.container()
    rows, columns, scale = _shape(run)
    share = st.slider(
        "Back through training",
        0,
        100,
        100,
        format="%d%%",
        key="moment",
        help="0% is before the first step, 100% is now. The same latent "
        "vectors are drawn each time, so each place in the grid is one digit growing up.",
    )
    step = steps[round(share / 100 * (len(steps) - 1))]
    try:
        png, size = grid_png(run, step, rows, columns)
    except RunError as error:  # Damaged, or thinned out since the list was read.
        place.error(escape_markdown(str(error)), icon=":material/error:")
        return
    epoch = run.config.epoch_of(step, run.dataset.num_images)
    with place:
        num = min(rows * columns, run.config.num_samples)
        with st.container(key="sample-grid"):
            picked = render_tiles(
                png,
                size=size,
                rows=rows,
                columns=columns,
                scale=scale,
                labels=[f"Explore digit {number + 1}" for number in range(num)],
                alt=f"Sample grid, {rows} by {columns} digits of the fixed z, step {step}",
                key="sample-picture",
            )
        st.caption(_describe(run, step, epoch, rows * columns))
    if picked is not None:
        _explore(run, picked, None if step == steps[-1] else step)
    shown = _shown()
    shown.step, shown.rows, shown.columns = step, rows, columns


def _explore(run: Run, number: int, step: int | None) -> None:
    """Go to Explore with one of the fixed z; of a moment of the past at its nearest checkpoint."""
    config = run.config
    z = sample_latent(config.seed, config.num_samples, config.latent_dim)[number]
    selection.choose(z, f"digit {number + 1} of the sample grid")
    st.session_state["explore_run"] = run.name
    checkpoints = run.checkpoints.list_steps()
    if step is not None and checkpoints:
        nearest = min(checkpoints, key=lambda kept: abs(kept - step))
        for is_live in (False, True):
            st.session_state[f"source_step_{run.name}_{is_live}"] = nearest
    st.switch_page("app_pages/explore.py")


def _describe(run: Run, step: int, epoch: int, num_places: int) -> str:
    if step == 0:
        return "Before the first step: a network that has learned nothing draws plain grey."
    shown, most = min(num_places, run.config.num_samples), run.config.num_samples
    some = f"{shown} of this run's {most}" if shown < most else f"all {most}"
    return (
        f"Step {step:,}, epoch {epoch}. Always the same z: {some} digits. Click one to explore it."
    )


def _shape(run: Run) -> tuple[int, int, int]:
    """Return rows, columns and largest scale, as chosen."""
    with st.popover("Grid size", icon=":material/grid_on:"):
        most = run.config.num_samples
        columns = st.slider("Columns", 1, _MAX_SIDE, 8, key="grid_columns", persist_state="session")
        rows = st.slider("Rows", 1, _MAX_SIDE, 8, key="grid_rows", persist_state="session")
        scale = st.slider(
            "Zoom, at most",
            1,
            8,
            3,
            key="grid_scale",
            persist_state="session",
            help="How many pixels wide a pixel of a digit is: a whole number, so the digits stay "
            "sharp; less where there is less room.",
        )
        st.caption(f"This run keeps {most} digits; a larger grid stays dark where there are none.")
    return rows, columns, scale


def render_downloads(run: Run) -> None:
    """Draw the downloads of what `draw` shows, outside of what is drawn again and again.

    Streamlit forgets how to make a button's file as soon as the button is drawn anew; a click
    that is on its way then finds nothing.
    """
    shown = _shown()
    with st.container(horizontal=True):
        st.button(
            "Play the film",
            icon=":material/play_circle:",
            key="play-film",
            on_click=_open_film,
            args=(run.name,),
        )
        # Opened again by each run of the whole script: one that leaves it out closes it.
        if st.session_state.get(_FILM) == run.name:
            _play(run, shown.rows, shown.columns)
        st.download_button(
            "Download PNG",
            lambda: grid_png(run, shown.step, shown.rows, shown.columns, 2)[0],
            file_name=f"{run.name}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="download-png",
            help="The grid above, with its recipe inside.",
        )
        st.download_button(
            "Download GIF",
            lambda: film_gif(run, shown.rows, shown.columns),
            file_name=f"{run.name}.gif",
            mime="image/gif",
            icon=":material/movie:",
            on_click="ignore",
            key="download-gif",
            help="The training film: the same digits from the first noise to now.",
        )
        st.download_button(
            "Download ZIP",
            lambda: export_run(run),
            file_name=f"{run.name}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            key="download-zip",
            help="The whole run: settings, history, grids and weights. Import it on the Runs page "
            "of another machine.",
        )


def _open_film(run: str) -> None:
    st.session_state[_FILM] = run


def _close_film() -> None:
    st.session_state.pop(_FILM, None)


@st.dialog("The training film", width="large", icon=":material/movie:", on_dismiss=_close_film)
def _play(run: Run, rows: int, columns: int) -> None:
    """Show the fixed z through all moments that the run keeps, or some of them."""
    try:
        moments = film_frames(run, rows, columns)
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    render_film(
        [png for _, png in moments.frames],
        size=moments.size,
        labels=[f"step {step:,}" for step, _ in moments.frames],
        milliseconds=_MILLISECONDS,
        alt=f"Sample grid of {run.read_label().title}",
        key="film",
        scale=_FILM_SCALE,
    )
    st.caption("Always the same z, from the first noise to now. Drag along the line to hold it.")


def _shown() -> _Shown:
    shown: _Shown = st.session_state.setdefault("sample_shown", _Shown())
    return shown

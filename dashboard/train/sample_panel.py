"""The sample grid of a run at any moment of its training, and the downloads."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components import film
from dashboard.components.plain_text import escape_markdown
from dashboard.components.replay import render_replay
from dashboard.components.tiles import render_tiles
from dashboard.run_facts.labels import make_file_stem
from dashboard.run_facts.sample_files import make_film_frames, make_film_gif, make_grid_png
from dashboard.tab import selection
from dashboard.tab.explore_request import request_class, request_generator
from dcgan.config.named_datasets import get_picture_noun
from dcgan.errors import RunError
from dcgan.export.archive import export_run
from dcgan.images.grids import MAX_CLASS_COLUMNS, align_columns
from dcgan.latent.sample_grid import sample_fixed_latent
from dcgan.runs.run_folder import Run

# Keys of the session.
_SAMPLE_SHOWN = "sample_shown"
_MOMENT = "moment"  # The `Moment` of this tab.
_FILM_RUN = "film_run"  # Name of the run whose film is open in this tab.

_MAX_SIDE = MAX_CLASS_COLUMNS
# In a window of 1,280 by 800 pixels five rows fit above the replay slider, three times as large.
_ROWS, _COLUMNS = 5, 8
# More columns, such as ten classes, fit only twice as large; then there is room for more rows.
_WIDE_GRID_ROWS = 7
_LOOKING_SECONDS = 60  # For so long after the choice of a moment, a person may still look at it.
_MILLISECONDS, _FILM_SCALE = 100, 3
MAX_LOSS_POINTS = 200  # Of the loss curves beside the film.


@dataclass(frozen=True)
class Moment:
    """The moment that this tab shows of a training.

    Attributes:
        training: Identifier of the training; a run that is continued gets another one.
        is_active: Whether the run was in training when the moment was chosen.
        step: The step of the moment; None for the newest.
        chosen_at: When the step was chosen, by `time.monotonic`.
    """

    training: str
    is_active: bool
    step: int | None = None
    chosen_at: float = 0.0


@dataclass
class _ShownGrid:
    """Step and size of the grid that this tab shows."""

    step: int = 0
    rows: int = _ROWS
    columns: int = _COLUMNS


def render(
    run: Run,
    num_earlier: int,
    *,
    is_active: bool,
) -> int | None:
    """Render the grid of the chosen moment, and the choices.

    Args:
        run: The shown run.
        num_earlier: Number of step reports before the run was continued; 0 if it was not.
        is_active: Whether the run is in training.

    Returns:
        The step of the shown moment; None if it is the newest, or no grid is shown.
    """
    try:
        steps = run.samples.list_steps()
    except OSError as error:  # A shared disk is gone.
        st.error(escape_markdown(f"The pictures cannot be read now ({error.strerror or error})."))
        return None
    if not steps:
        return None
    picture_place = st.container()
    noun = get_picture_noun(run.config.dataset)
    with st.container(key="run-size", horizontal=True, vertical_alignment="center"):
        description_place = st.container()
        rows, columns, scale = _ask_for_size(run)
    # A run that is continued shows its newest moment again.
    step = _ask_for_moment(f"{run.name} {num_earlier}", steps, noun, is_active=is_active)
    with picture_place:
        # `styles/all_pages.css` makes this column as wide as ten digits: usually one of each class.
        picture_area = st.container(gap="xsmall", key="ten-columns" if columns == 10 else None)
    try:
        png, size = make_grid_png(run, step, rows, columns)
    except RunError as error:  # Damaged, or deleted since the steps were listed.
        picture_area.error(escape_markdown(str(error)), icon=":material/error:")
        return None
    with picture_area:
        num = min(rows * columns, run.config.num_samples)
        with st.container(key="sample-grid"):
            picked = render_tiles(
                png,
                size=size,
                rows=rows,
                columns=columns,
                scale=scale,
                labels=[f"Explore {noun} {number}" for number in range(1, num + 1)],
                alt=f"Sample grid, {rows} by {columns} {noun}s of the fixed z, step {step}",
                key="sample-picture",
                fill=True,
            )
    description = describe_grid(run, step, rows, columns)
    description_place.caption(f"Pick a {noun} to explore it. {description}")
    earlier = None if step == steps[-1] else step
    if picked is not None:
        _open_in_explore(run, picked, earlier)
    shown = _get_shown_grid()
    shown.step, shown.rows, shown.columns = step, rows, columns
    return earlier


def _open_in_explore(run: Run, index: int, step: int | None) -> None:
    """Open one picture in Explore; if a step is given, at the checkpoint nearest to it."""
    config = run.config
    z = sample_fixed_latent(config)[index]
    if config.class_names:
        request_class(config.class_names[index % config.num_classes])
    selection.select_z(z, f"picture {index + 1} of the Train page")
    request_generator(run, step, "the replay")
    st.switch_page("app_pages/explore.py")


def _ask_for_moment(training: str, steps: list[int], noun: str, *, is_active: bool) -> int:
    """Render the choice of a moment; return its step."""
    moment: Moment = st.session_state.get(_MOMENT, Moment(training, is_active))
    if moment.training != training or has_expired(moment, is_active=is_active):
        moment = Moment(training, is_active)
    chosen = render_replay(
        f"{training} {is_active}",
        steps,
        moment.step,
        help_text="From before the first step to the newest. The random inputs are always the "
        f"same, so each place in the grid shows one {noun} as it develops.",
        key="replay",
    )
    chosen_at = moment.chosen_at if chosen == moment.step else time.monotonic()
    st.session_state[_MOMENT] = Moment(training, is_active, chosen, chosen_at)
    return find_moment(steps, chosen)


def has_expired(moment: Moment, *, is_active: bool) -> bool:
    """Return whether the run has ended since the moment was chosen, some time ago.

    The page then shows the newest moment again.
    """
    has_ended = moment.is_active and not is_active
    return has_ended and time.monotonic() - moment.chosen_at > _LOOKING_SECONDS


def find_moment(steps: list[int], chosen: int | None) -> int:
    """Return the last of these steps that is not after the chosen step; the newest for None.

    The chosen step itself may be gone after a rollback.
    """
    if chosen is None:
        return steps[-1]
    return max((step for step in steps if step <= chosen), default=steps[0])


def describe_grid(run: Run, step: int, rows: int, columns: int) -> str:
    """Return a sentence that says what a grid of this size shows at a step."""
    if step == 0:
        return "Before the first step the generator draws plain grey."
    num = min(rows * columns, run.config.num_samples)
    if run.config.num_classes and columns == run.config.num_classes:
        return "Each row is one handwriting: one random input."
    noun = get_picture_noun(run.config.dataset)
    return f"Always the same {num} random inputs, so that you see how each {noun} changes."


def _ask_for_size(run: Run) -> tuple[int, int, int]:
    """Render the choices of rows, columns and largest scale; return them."""
    usual_columns = align_columns(_COLUMNS, run.config.num_classes)
    with st.popover("Grid size", icon=":material/grid_on:"):
        columns = st.slider(
            "Columns",
            1,
            _MAX_SIDE,
            usual_columns,
            # With classes each column is a class, so this choice is kept separately.
            key=f"grid_columns_{run.config.num_classes}",
            persist_state="session",
        )
        rows = st.slider(
            "Rows",
            1,
            _MAX_SIDE,
            _ROWS if usual_columns <= _COLUMNS else _WIDE_GRID_ROWS,
            key=f"grid_rows_{run.config.num_classes}",
            persist_state="session",
        )
        scale = st.slider(
            "Zoom at most",
            1,
            8,
            4,
            key="grid_scale",
            persist_state="session",
            help="Screen pixels per pixel of a picture; fewer in a narrow window. A whole number "
            "keeps the pictures sharp.",
        )
        st.caption(
            f"This run keeps {run.config.num_samples} pictures; a larger grid has empty places."
        )
    return rows, columns, scale


def render_film(run: Run) -> None:
    """Render the button of the training film, and the film while it is open.

    Call it outside of fragments: each run of the whole script must open the dialog again, or it
    closes.
    """
    shown = _get_shown_grid()
    st.button(
        "Play the film",
        icon=":material/play_circle:",
        key="play-film",
        on_click=_open_film,
        args=(run.name,),
    )
    if st.session_state.get(_FILM_RUN) == run.name:
        _show_film(run, shown.rows, shown.columns)


def render_downloads(run: Run) -> None:
    """Render the downloads of the shown grid.

    Call it outside of fragments that rerun during training: when a download button is rendered
    again, Streamlit drops the previous function that makes its file, and a click that is on its
    way fails.
    """
    shown, stem = _get_shown_grid(), make_file_stem(run)
    st.download_button(
        "Download PNG",
        lambda: make_grid_png(run, shown.step, shown.rows, shown.columns, 2)[0],
        file_name=f"{stem}.png",
        mime="image/png",
        icon=":material/image:",
        on_click="ignore",
        key="download-png",
        help="The grid above, with its recipe inside.",
    )
    st.download_button(
        "Download GIF",
        lambda: make_film_gif(run, shown.rows, shown.columns),
        file_name=f"{stem}.gif",
        mime="image/gif",
        icon=":material/movie:",
        on_click="ignore",
        key="download-gif",
        help="The training film: the same random inputs from the first step to now.",
    )
    st.download_button(
        "Download ZIP",
        lambda: export_run(run),
        file_name=f"{stem}.zip",
        mime="application/zip",
        icon=":material/folder_zip:",
        on_click="ignore",
        key="download-zip",
        help="The whole run: settings, history, grids and weights. Import it on the Runs page of "
        "another computer.",
    )


def _open_film(run_name: str) -> None:
    st.session_state[_FILM_RUN] = run_name


def _close_film() -> None:
    st.session_state.pop(_FILM_RUN, None)


@st.dialog("The training film", width="large", icon=":material/movie:", on_dismiss=_close_film)
def _show_film(run: Run, rows: int, columns: int) -> None:
    """Show the sample grid at the saved moments of the run."""
    try:
        moments = make_film_frames(run, rows, columns)
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    film.render_film(
        [png for _, png in moments.frames],
        size=moments.size,
        labels=[f"step {step:,}" for step, _ in moments.frames],
        milliseconds=_MILLISECONDS,
        steps=[step for step, _ in moments.frames],
        losses=read_losses(run),
        alt=f"Sample grid of {run.read_title()}",
        key="film",
        scale=_FILM_SCALE,
    )
    st.caption("The same random inputs each time, from the first step to now.")


def read_losses(run: Run) -> film.FilmLosses:
    """Read the finite losses of at most MAX_LOSS_POINTS steps, from the first to the newest."""
    history = [
        report
        for report in run.history.read_steps()
        if math.isfinite(report.generator_loss) and math.isfinite(report.discriminator_loss)
    ]
    num_points = min(len(history), MAX_LOSS_POINTS)
    indices = np.rint(np.linspace(0, len(history) - 1, num_points)).astype(int)
    history = [history[index] for index in indices]
    return film.FilmLosses(
        [report.step for report in history],
        [round(report.generator_loss, 3) for report in history],
        [round(report.discriminator_loss, 3) for report in history],
    )


def _get_shown_grid() -> _ShownGrid:
    shown: _ShownGrid = st.session_state.setdefault(_SAMPLE_SHOWN, _ShownGrid())
    return shown

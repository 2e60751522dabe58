"""The replay panel: the selected picture, grid, walk or pad, drawn by each checkpoint."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import streamlit as st

from dashboard.components.picture import render_animation, render_pixels
from dashboard.components.plain_text import escape_markdown
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.training_replay import generate_at, list_replay_steps, replay_training
from dashboard.recipes import pad_plane, shown_grid
from dashboard.tab import selection
from dashboard.tab.following import LARGE_SECONDS, follow_generator
from dashboard.walks import interpolation_panel
from dcgan.errors import RunError
from dcgan.images.animation import encode_animation
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png

_SELECTED, _GRID, _WALK, _PAD = "selected", "grid", "walk", "pad"
_SCALES = {_SELECTED: 6, _GRID: 3, _WALK: 3, _PAD: 2}
_PAD_FILM_SIDE = 9  # Of the square of pictures that stands for the pad in a film, in pictures.
_FRAME_MILLISECONDS = 400
_FILE_SCALE = 4  # Enlargement of the film in the downloaded file.
_LAST_FRAME_REPEATS = 3  # So that the film pauses on the last frame.

# Keys of the session.
_CACHE_KEY = "replay"
_PAD_KEY = "moments-pad"


class _Batch(NamedTuple):
    """The latent batch that a replay shows.

    Attributes:
        z: Shape (rows × columns, latent_dim), float32.
        classes: The class of each z, or a weight for each class; None if the run knows no classes.
        rows, columns: Its arrangement in a frame.
    """

    z: np.ndarray
    classes: np.ndarray | None
    rows: int
    columns: int


@dataclass(frozen=True, eq=False)
class _Replay:
    """The same latent batch, drawn by all checkpoints; cached in the session.

    Attributes:
        key: Cache key made of the latent batch and the checkpoints.
        recipe: The values that reproduce the replay: the run, the steps, z and the classes.
        steps: Steps of the checkpoints, ascending; 0 is before training.
        frames: One frame for each step: the pictures of the batch, tiled, uint8 [0, 255].
        strip: The first picture of each frame, side by side.
        film: All frames as an animated WebP.
    """

    key: Hashable
    recipe: dict[str, object]
    steps: list[int]
    frames: list[np.ndarray]
    strip: np.ndarray
    film: bytes


def render(source: GeneratorSource) -> None:
    """Render the choice of the subject and of a checkpoint, its picture, and a film of all."""
    st.caption("The same z at each checkpoint: how its picture changed while the run learned.")
    subject = st.segmented_control(
        "Show at each checkpoint",
        list(_SCALES),
        default=_SELECTED,
        required=True,
        key="moments_of",
        # Short, so that all choices fit into a row of a phone.
        format_func=lambda subject: f"The {source.noun if subject == _SELECTED else subject}",
        persist_state="session",
        label_visibility="collapsed",
    )
    st.fragment(_render_replay)(source, subject)


def name_subject(source: GeneratorSource, subject: str) -> str:
    """Return the name of a subject, one of `_SCALES`, for descriptions of pictures."""
    return f"The selected {source.noun}" if subject == _SELECTED else f"The {subject}"


def _render_replay(source: GeneratorSource, subject: str) -> None:
    follow_generator(source, key="news-moments", seconds=LARGE_SECONDS)
    replay = _get_replay(source, subject, _get_batch(source, subject))
    steps = replay.steps
    if len(steps) < 2:
        st.caption(f"{escape_markdown(source.run.read_title())} has no checkpoint yet.")
        return
    is_before_and_after = len(steps) == 2 and subject != _PAD
    with st.container(key="through-training"):
        if is_before_and_after:
            _render_before_and_after(source, replay, subject)
        else:
            _render_all_steps(source, replay, subject)
    if len(steps) == 2:
        st.caption(explain_single_checkpoint(is_included=source.run.is_read_only))
        return
    st.download_button(
        "Download film",
        lambda: _encode_film(replay.frames, "gif", _FILE_SCALE, replay.recipe),
        file_name=f"{source.run.name}-through-training.gif",
        mime="image/gif",
        icon=":material/movie:",
        on_click="ignore",
        key="moments-gif",
    )


def explain_single_checkpoint(*, is_included: bool) -> str:
    """Return the reason why a replay has two pictures: of an included run, or of a person's own."""
    kept = "after epochs 1, 2, 4, 8, … and the newest"
    return (
        "This run has only one checkpoint, so the replay shows before and after training. "
        "Before training, every z gives almost the same grey picture. "
        + (
            f"Runs that you train keep more checkpoints: {kept}."
            if is_included
            else f"A run keeps more checkpoints as it trains: {kept}."
        )
    )


def _render_before_and_after(source: GeneratorSource, replay: _Replay, subject: str) -> None:
    with st.container(horizontal=True):
        for step, frame in zip(replay.steps, replay.frames, strict=True):
            _render_frame(
                frame,
                key=f"moments-{step}",
                alt=f"{name_subject(source, subject)} at step {step}",
                caption="Before training" if step == 0 else f"Step {step:,}",
                scale=_SCALES[subject],
            )


def _render_all_steps(source: GeneratorSource, replay: _Replay, subject: str) -> None:
    steps, name = replay.steps, name_subject(source, subject)
    if subject == _SELECTED:
        render_pixels(
            replay.strip,
            alt=f"{name} at steps {', '.join(map(str, steps))}",
            key="moments-strip",
            scale=2,
            fill=True,
        )
    step = _ask_for_step(source, steps)
    if subject == _PAD:
        _render_pad(source, step)
    frame, scale = replay.frames[steps.index(step)], _SCALES[subject]
    with st.container(horizontal=True):
        if subject != _PAD:  # The pad above already shows this step.
            _render_frame(
                frame,
                key="moments-moment",
                alt=f"{name} at step {step}",
                caption=f"Step {step:,}",
                scale=scale,
            )
        with st.container(width=frame.shape[1] * scale):
            st.caption("All steps")
            render_animation(
                replay.film,
                still=encode_png(replay.frames[-1]),
                size=(frame.shape[1], frame.shape[0]),
                alt=f"{name} through training, step {steps[-1]}",
                subject="the film",
                key="moments-film",
                scale=scale,
            )


def _render_frame(frame: np.ndarray, *, key: str, alt: str, caption: str, scale: int) -> None:
    with st.container(width=frame.shape[1] * scale):
        st.caption(caption)
        render_pixels(frame, alt=alt, key=key, scale=scale)


def _get_batch(source: GeneratorSource, subject: str) -> _Batch:
    if subject == _WALK:
        z, weights = interpolation_panel.get_shown_walk(source)
        return _Batch(z, weights, 1, len(z))
    rows = columns = 1
    if subject == _GRID:
        z, rows = shown_grid.get_shown_batch(source.latent_dim)
        columns = rows
    elif subject == _PAD:
        z = pad_plane.get_or_make_plane(source, _PAD_KEY).sample(_PAD_FILM_SIDE)
        rows = columns = _PAD_FILM_SIDE
    else:
        z = selection.get_current(source.latent_dim).z[np.newaxis].astype(np.float32)
    return _Batch(z, source.repeat_class(len(z)), rows, columns)


def _get_replay(source: GeneratorSource, subject: str, batch: _Batch) -> _Replay:
    """Return the replay of a batch; generate its pictures if the session has not cached them."""
    run, (z, classes, rows, columns) = source.run, batch
    times = tuple((step, run.checkpoints.read_time(step)) for step in list_replay_steps(run))
    classes_key = None if classes is None else classes.tobytes()
    key = (run.path, run.created, classes_key, times, subject, z.shape, z.tobytes())
    cached: _Replay | None = st.session_state.get(_CACHE_KEY)
    if cached is not None and cached.key == key:
        return cached
    images = replay_training(run, z, classes)
    frames = [tile(pixels, rows, columns) for _, pixels in images]
    strip = tile(np.stack([pixels[0] for _, pixels in images]), 1, len(images))
    steps = [step for step, _ in images]
    recipe: dict[str, object] = {
        "kind": "through training",
        "run": run.name,
        "created": run.created,
        "steps": steps,
        "z": z,
        "classes": classes,  # Indices in the run's `class_names`, or a weight for each class.
        "rows": rows,
        "columns": columns,
    }
    film = _encode_film(frames, "webp", 1, recipe)
    replay = _Replay(key, recipe, steps, frames, strip, film)
    st.session_state[_CACHE_KEY] = replay
    return replay


def _ask_for_step(source: GeneratorSource, steps: list[int]) -> int:
    key = f"moment-{source.run.name}"
    if st.session_state.get(key) not in steps:
        st.session_state[key] = steps[-1]
    return st.select_slider(
        "Step",
        steps,
        key=key,
        persist_state="session",
        format_func=lambda step: "Before training" if step == 0 else f"{step:,}",
        width=420,
        help="Steps of this run's checkpoints. Before training the weights are random; they depend "
        "on the run's seed.",
    )


def _render_pad(source: GeneratorSource, step: int) -> None:
    plane = pad_plane.get_or_make_plane(source, _PAD_KEY)
    try:
        z = plane.sample()
        pixels = generate_at(source.run, step, z, source.repeat_class(len(z)))
    except RunError as error:  # The checkpoint was deleted meanwhile.
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    if pad_plane.render_plane(plane, pixels, step, noun=source.noun, key=_PAD_KEY):
        st.rerun()


def _encode_film(
    frames: list[np.ndarray],
    file_format: Literal["gif", "webp"],
    scale: int,
    recipe: dict[str, object],
) -> bytes:
    enlarged = [frame.repeat(scale, axis=0).repeat(scale, axis=1) for frame in frames]
    return encode_animation(
        enlarged + [enlarged[-1]] * _LAST_FRAME_REPEATS,
        format=file_format,
        milliseconds=_FRAME_MILLISECONDS,
        recipe=recipe,
    )

"""Through training: the chosen z as each checkpoint of its run draws it, from noise to digit."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard import chosen_z, latent_panel, live
from dashboard.plain_text import literal
from dashboard.sources import Source, draw_through_training
from dcgan.animation import encode_animation
from dcgan.imaging import encode_png, tile

_DIGIT, _GRID = "The chosen z", "The grid around it"
_SCALES = {_DIGIT: 8, _GRID: 3}
_MILLISECONDS = 400
_FILE_SCALE = 4
_REST = 3  # The last frame is repeated: the film rests on what was reached.


def draw(source: Source) -> None:
    """Draw the choices, all moments in a row, and one of them large."""
    shown = st.segmented_control(
        "Through training",
        [_DIGIT, _GRID],
        default=_DIGIT,
        required=True,
        key="moments_of",
        persist_state="session",
        label_visibility="collapsed",
    )
    z, side = chosen_z.get(source.latent_dim)[np.newaxis].astype(np.float32), 1
    if shown == _GRID:
        z, side = latent_panel.grid_in_sight(source.latent_dim)
    moments = draw_through_training(source.run, z)
    steps = [step for step, _ in moments]
    if len(steps) < 2:
        st.caption(f"{literal(source.run.title)} has no checkpoint yet.")
        return
    frames = [tile(pixels, side, side) for _, pixels in moments]
    with st.container(key="through-training"):
        if shown == _DIGIT:
            strip = tile(np.concatenate([pixels for _, pixels in moments]), 1, len(steps))
            live.picture(
                encode_png(strip),
                size=(strip.shape[1], strip.shape[0]),
                alt=f"The chosen z at steps {', '.join(map(str, steps))}",
                key="moments-strip",
                scale=2,
            )
        moment = st.select_slider(
            "Step",
            steps,
            steps[-1],
            key=f"moment-{source.run.name}-{len(steps)}",
            format_func=lambda step: "Before the first" if step == 0 else f"{step:,}",
            width=420,
            help="Each is a checkpoint of this run; before the first step the weights are those "
            "that its seed gives.",
        )
        frame = frames[steps.index(moment)]
        width, height = frame.shape[1], frame.shape[0]
        with st.container(horizontal=True):
            for encoded, what, key in (
                (encode_png(frame), f"{shown} at step {moment}", "moment"),
                (_film(frames, "webp", 1), f"{shown} through training, step {steps[-1]}", "film"),
            ):
                with st.container(width=width * _SCALES[shown]):
                    live.picture(
                        encoded,
                        size=(width, height),
                        alt=what,
                        key=f"moments-{key}",
                        scale=_SCALES[shown],
                    )
    st.download_button(
        "Download film",
        lambda: _film(frames, "gif", _FILE_SCALE),
        file_name=f"{source.run.name}-through-training.gif",
        mime="image/gif",
        icon=":material/movie:",
        on_click="ignore",
        key="moments-gif",
    )
    if len(steps) == 2:
        st.caption(
            "This run keeps one checkpoint, so there is only before and after. A run of your own "
            "keeps more: the ends of epochs 1, 2, 4, 8, … and the newest."
        )


def _film(frames: list[np.ndarray], kind: str, scale: int) -> bytes:
    enlarged = [frame.repeat(scale, axis=0).repeat(scale, axis=1) for frame in frames]
    return encode_animation(
        enlarged + [enlarged[-1]] * _REST,
        format="gif" if kind == "gif" else "webp",
        milliseconds=_MILLISECONDS,
        recipe={"kind": "through training"},
    )

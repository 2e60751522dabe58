"""A walk between two seeds: as a strip, and as an animation."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from dashboard import live
from dashboard.plain_text import literal
from dashboard.sources import Source
from dcgan.animation import encode_animation
from dcgan.config import MAX_SEED
from dcgan.errors import RunError
from dcgan.imaging import encode_png, tile
from dcgan.latent import fingerprint, lerp, sample_latent, slerp

_STRIP_FRAMES = 10
_MILLISECONDS = 60
_FILE_SCALE = 8
_KINDS = {"slerp": "Along the sphere", "lerp": "Straight"}


def draw(source: Source, refresh_seconds: float | None) -> None:
    """Draw the choices and the walk; the pictures alone follow training."""
    with st.container(key="interpolation"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            start = st.number_input(
                "From seed", 0, MAX_SEED, 1, key="walk_from", persist_state="session", width=140
            )
            end = st.number_input(
                "To seed", 0, MAX_SEED, 2, key="walk_to", persist_state="session", width=140
            )
            kind = st.segmented_control(
                "Path",
                list(_KINDS),
                default="slerp",
                required=True,
                format_func=_KINDS.__getitem__,
                key="walk_kind",
                persist_state="session",
                help="Along the sphere (slerp) keeps the length of z as in training; the straight "
                "way (lerp) passes nearer the mean, where digits blur into each other.",
            )
            num_frames = st.slider(
                "Frames of the animation",
                10,
                120,
                40,
                10,
                key="walk_frames",
                persist_state="session",
                width=240,
            )
        path = slerp if kind == "slerp" else lerp
        first = sample_latent(start, 1, source.latent_dim)[0]
        last = sample_latent(end, 1, source.latent_dim)[0]
        film_z = path(first, last, num_frames)
        st.fragment(_draw_walk, run_every=refresh_seconds)(
            source,
            path(first, last, _STRIP_FRAMES),
            film_z,
            f"from seed {start} to seed {end} by {kind}",
        )
        _draw_download(source, film_z, start, end, kind)


def _draw_download(source: Source, film_z: np.ndarray, start: int, end: int, kind: str) -> None:
    # Not part of what is drawn again and again: see `sample_panel.draw_downloads`.
    def gif() -> bytes:
        pixels, step = source.draw(film_z)
        recipe = {
            "kind": "interpolation",
            "run": source.run.name,
            "step": step,
            "z": f"{kind}(sample_latent({start}), sample_latent({end}), {len(film_z)})",
        }
        return encode_animation(
            _there_and_back(pixels, _FILE_SCALE),
            format="gif",
            milliseconds=_MILLISECONDS,
            recipe=recipe,
        )

    st.download_button(
        "Download GIF",
        gif,
        file_name=f"from-{start}-to-{end}-{kind}.gif",
        mime="image/gif",
        icon=":material/movie:",
        on_click="ignore",
        key="walk-gif",
    )


def _draw_walk(source: Source, strip_z: np.ndarray, film_z: np.ndarray, walk: str) -> None:
    try:
        # In one go: between two draws a training step could come.
        pixels, step = source.draw(np.concatenate([strip_z, film_z]))
    except RunError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    strip = tile(pixels[:_STRIP_FRAMES], 1, _STRIP_FRAMES)
    film = pixels[_STRIP_FRAMES:]
    way = f"{walk}, step {step}"
    strip_place, film_place = st.columns([7, 1], gap="small", vertical_alignment="center")
    with strip_place:
        live.picture(
            encode_png(strip),
            size=(strip.shape[1], strip.shape[0]),
            scale=4,
            alt=f"Interpolation strip {way}, z={fingerprint(strip_z)}",
            key="walk-strip",
        )
    with film_place:
        live.picture(
            _encode_film(film.tobytes(), film.shape),
            size=(film.shape[2], film.shape[1]),
            scale=4,
            alt=f"Interpolation animation {way}",
            key="walk-film",
        )


@lru_cache(maxsize=16)
def _encode_film(pixels: bytes, shape: tuple[int, ...]) -> bytes:
    """Encode a film for the page; once for all tabs that show it, and not anew while paused."""
    frames = _there_and_back(np.frombuffer(pixels, np.uint8).reshape(shape), 1)
    return encode_animation(frames, format="webp", milliseconds=_MILLISECONDS)


def _there_and_back(pixels: np.ndarray, scale: int) -> list[np.ndarray]:
    """Return the frames of the way there and back, so that the loop has no jump."""
    there = [tile(image[np.newaxis], 1, 1, scale=scale) for image in pixels]
    return [*there, *there[-2:0:-1]]

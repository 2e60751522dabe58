"""A walk through the latent space, from stop to stop: as a strip, and as an animation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st

from dashboard.components.picture import render_picture
from dashboard.components.plain_text import literal
from dashboard.explore import vector_choice
from dashboard.shared import selection
from dashboard.shared.following import LARGE_SECONDS, follow_generator
from dashboard.state.generator_source import GeneratorSource
from dcgan.errors import RunError
from dcgan.files import slugify
from dcgan.images.animation import encode_animation
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sampling import fingerprint
from dcgan.latent.walks import PathKind, space_evenly, walk

_STRIP_FRAMES = 10
_STRIP = "walk_strip"
_MILLISECONDS = 60
_FILE_SCALE = 8
_FINENESS = 4  # Points a frame by which the picture's change is measured.
_KINDS: dict[PathKind, str] = {
    "slerp": "Along the sphere",
    "lerp": "Straight",
    "spline": "A curve",
}


@dataclass(frozen=True, eq=False)
class _Walk:
    """A walk as it was chosen.

    Attributes:
        names, stops: What it goes through, at least two; latent batch (num_stops, latent_dim).
        kind: How it goes from stop to stop.
        is_closed: Whether it comes back to the first stop, so that the animation loops.
        num_frames: Of the animation, about.
        is_even: Whether its steps are equal to the eye, and not in z.
    """

    names: list[str]
    stops: np.ndarray
    kind: PathKind
    is_closed: bool
    num_frames: int
    is_even: bool

    def path(self, source: GeneratorSource, num_frames: int) -> np.ndarray:
        """Return the walk's latent batch of about so many frames."""
        # Of an open one the last stop is a frame more.
        num_legs = len(self.stops) if self.is_closed else len(self.stops) - 1
        per_leg = max(2, round((num_frames - (not self.is_closed)) / num_legs))
        if not self.is_even:
            return walk(self.stops, per_leg, kind=self.kind, closed=self.is_closed)
        fine = walk(self.stops, per_leg * _FINENESS, kind=self.kind, closed=self.is_closed)
        if self.is_closed:
            fine = np.concatenate([fine, self.stops[:1]])
        pixels, _ = source.generate(fine)
        steps = np.sqrt(((np.diff(pixels.astype(np.float32), axis=0)) ** 2).sum(axis=(1, 2, 3)))
        if self.is_closed:
            return space_evenly(fine, steps, num_legs * per_leg + 1)[:-1]
        return space_evenly(fine, steps, num_legs * per_leg + 1)

    def describe(self) -> str:
        """Return the walk in words."""
        closed = ", closed" if self.is_closed else ""
        even = ", at constant speed" if self.is_even else ""
        return f"{' to '.join(self.names)} by {self.kind}{closed}{even}"


def render(source: GeneratorSource) -> None:
    """Draw the choices and the walk; the pictures alone follow training."""
    with st.container(key="interpolation"):
        chosen = _choose(source)
        if chosen is None:
            st.caption("A walk goes through two digits at least.")
            return
        if chosen.kind == "slerp" and not chosen.stops.any(axis=1).all():
            st.caption(
                "One of the stops is z = 0, the middle of the space, from which no way along the "
                "sphere leads: choose another path."
            )
            return
        st.fragment(_render_walk)(source, chosen)
        _render_download(source, chosen)


def strip_in_sight(latent_dim: int) -> np.ndarray:
    """Return the latent batch of the walk's strip; of its first choice until it is drawn."""
    z: np.ndarray | None = st.session_state.get(_STRIP)
    if z is None or z.shape[1] != latent_dim:
        return walk(np.stack([selection.of_seed(seed, latent_dim) for seed in (1, 2)]), 9)
    return z


def _choose(source: GeneratorSource) -> _Walk | None:
    stops = vector_choice.choose(
        source,
        "Stops",
        key="walk_stops",
        default=[vector_choice.seed_name(1), vector_choice.seed_name(2)],
        explained="What the walk goes through, in this order: pins, the best of each digit, the "
        "chosen z, or any seed that you type.",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Path",
            list(_KINDS),
            default="slerp",
            required=True,
            format_func=_KINDS.__getitem__,
            key="walk_kind",
            persist_state="session",
            help="Along the sphere (slerp) keeps the length of z as in training; the straight "
            "way (lerp) passes nearer the mean, where digits blur into each other; a curve "
            "(spline) goes through the stops without a corner.",
        )
        num_frames = st.slider(
            "Frames of the animation",
            10,
            240,
            40,
            10,
            key="walk_frames",
            persist_state="session",
            width=220,
        )
        is_closed = st.toggle(
            "Closed",
            key="walk_closed",
            persist_state="session",
            help="Comes back to the first stop, so that the animation loops.",
        )
        is_even = st.toggle(
            "Constant speed",
            key="walk_even",
            persist_state="session",
            help="All steps change the picture by the same amount; else they change z by the same.",
        )
    if len(stops) < 2:
        return None
    return _Walk(
        [name for name, _ in stops],
        np.stack([vector for _, vector in stops]),
        kind,
        is_closed,
        num_frames,
        is_even,
    )


def _render_download(source: GeneratorSource, chosen: _Walk) -> None:
    # Not part of what is drawn again and again: see `sample_panel.render_downloads`.
    def gif() -> bytes:
        z = chosen.path(source, chosen.num_frames)
        pixels, step = source.generate(z)
        recipe = {
            "kind": "interpolation",
            "run": source.run.name,
            "step": step,
            "walk": chosen.describe(),
            "stops": [[round(float(value), 6) for value in stop] for stop in chosen.stops],
            "frames": len(z),
        }
        return encode_animation(
            _frames(pixels, _FILE_SCALE, chosen.is_closed),
            format="gif",
            milliseconds=_MILLISECONDS,
            recipe=recipe,
        )

    st.download_button(
        "Download GIF",
        gif,
        file_name=f"walk-{slugify(chosen.describe())}.gif",
        mime="image/gif",
        icon=":material/movie:",
        on_click="ignore",
        key="walk-gif",
    )


def _render_walk(source: GeneratorSource, chosen: _Walk) -> None:
    follow_generator(source, key="news-walk", seconds=LARGE_SECONDS)
    try:
        film_z = chosen.path(source, chosen.num_frames)
        places = np.linspace(0, len(film_z) - 1, min(_STRIP_FRAMES, len(film_z)))
        strip_z = film_z[np.rint(places).astype(int)]
        # In one go: between two draws a training step could come.
        pixels, step = source.generate(np.concatenate([strip_z, film_z]))
    except RunError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.session_state[_STRIP] = strip_z
    strip = tile(pixels[: len(strip_z)], 1, len(strip_z))
    film = pixels[len(strip_z) :]
    way = f"from {chosen.describe()}, step {step}"
    strip_place, film_place = st.columns([7, 1], gap="small", vertical_alignment="center")
    with strip_place:
        render_picture(
            encode_png(strip),
            size=(strip.shape[1], strip.shape[0]),
            scale=4,
            alt=f"Interpolation strip {way}, z={fingerprint(strip_z)}",
            key="walk-strip",
        )
    with film_place:
        render_picture(
            _encode_film(film.tobytes(), film.shape, chosen.is_closed),
            size=(film.shape[2], film.shape[1]),
            scale=4,
            alt=f"Interpolation animation {way}",
            key="walk-film",
        )


@lru_cache(maxsize=16)
def _encode_film(pixels: bytes, shape: tuple[int, ...], is_closed: bool) -> bytes:
    """Encode a film for the page; once for all tabs that show it, and not anew while paused."""
    frames = _frames(np.frombuffer(pixels, np.uint8).reshape(shape), 1, is_closed)
    return encode_animation(frames, format="webp", milliseconds=_MILLISECONDS)


def _frames(pixels: np.ndarray, scale: int, is_closed: bool) -> list[np.ndarray]:
    """Return the frames of a walk; of an open one there and back, so that no loop has a jump."""
    there = [tile(image[np.newaxis], 1, 1, scale=scale) for image in pixels]
    return there if is_closed else [*there, *there[-2:0:-1]]

"""The walk: an interpolation from stop to stop, as a strip to pick from and as an animation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np
import streamlit as st

from dashboard.components.picture import match_mnist_scale, render_animation
from dashboard.components.plain_text import escape_markdown
from dashboard.components.tiles import render_tiles
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.readability import explain_unreadable_source
from dashboard.recipes import class_choice
from dashboard.tab import selection
from dashboard.tab.explore_request import request_class
from dashboard.tab.following import LARGE_SECONDS, follow_generator
from dashboard.walks import (
    clear_digits,
    vector_choice,
    walk_classes,
    walk_start,
    walk_stops,
)
from dashboard.walks.chosen_walk import Walk
from dcgan.errors import RunError
from dcgan.images.animation import encode_animation
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.handwriting import walk_through_classes
from dcgan.latent.sampling import fingerprint
from dcgan.latent.walks import PathKind, walk

# Keys of the session.
_STRIP = "walk_strip"
_REPLAYED = "walk_replayed"  # Key of the walk that the replay shows.
_RENDERED = "walk_rendered"

_STRIP_FRAMES = 8
_GAP = 2
_MILLISECONDS = 60
_FILE_SCALE = 8
_FILM_SCALE = 8  # On the page.
_KINDS: dict[PathKind, str] = {
    "slerp": "Arc (slerp)",
    "lerp": "Straight line (lerp)",
    "spline": "Smooth curve",
}


class _Options(NamedTuple):
    """The options of a walk; see `Walk`."""

    kind: PathKind
    is_closed: bool
    num_frames: int
    is_even: bool


@dataclass(frozen=True, eq=False)
class _DrawnWalk:
    """The pictures of a walk.

    Attributes:
        z: The latent batch of the strip.
        weights: The weights of the classes of each z; None if the generator knows none.
        strip: The pictures of the strip.
        film: The pictures of all frames.
        step: The step of the generator that drew them all.
    """

    z: np.ndarray
    weights: np.ndarray | None
    strip: np.ndarray
    film: np.ndarray
    step: int

    def find_classes(self) -> list[int] | None:
        """Return the class with the largest weight at each z of the strip; None without classes."""
        return None if self.weights is None else self.weights.argmax(axis=1).tolist()


def render(source: GeneratorSource) -> None:
    """Render the choices, the walk and its download."""
    with st.container(key="interpolation"):
        walk_place = st.container()
        # Below the walk, which they change: they open without covering it or moving it.
        options = _ask_for_options(source.noun)
        with walk_place:
            chosen = _ask_for_walk(source, options)
            if chosen is None:
                return
            if chosen.kind == "slerp" and not chosen.stops.any(axis=1).all():
                st.caption(
                    "One of the stops is z = 0, the centre of the sphere, so there is no arc "
                    "to it: choose another one."
                )
                return
            st.fragment(_render_walk)(source, chosen)
            with st.container(horizontal=True):
                _render_download(source, chosen)
                walk_stops.render_other_start(source)


def get_shown_walk(source: GeneratorSource) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the latent batch of the strip on the page, or of the first walk before that.

    Also marks the strip's walk as the one that the replay shows.

    Returns:
        Shape (num, latent_dim); and the weights of the classes, None if the generator knows none.
    """
    run = source.run
    key, z, weights = st.session_state.get(_STRIP, ((), None, None))
    st.session_state[_REPLAYED] = key
    if key[:2] == (run.path, run.created):
        return z, weights
    start = walk_start.find_start(source)
    stops, classes = [start.z], [start.class_name]
    known = clear_digits.find_clear_digits(source)
    for digit in vector_choice.list_digits(walk_stops.choose_first_stops(source)):
        if digit in known:
            stops.append(known[digit])
            classes.append(str(digit))
    if len(stops) == 1:  # No clear digit is known: two classes, or the z of a seed.
        classes = walk_classes.choose_first(run.config.class_names) if source.class_name else [""]
        stops.append(start.z if source.class_name else selection.sample_z(1, source.latent_dim))
    z = np.tile(start.z, (_STRIP_FRAMES, 1))
    if not np.array_equal(stops[0], stops[1]):
        z = walk(np.stack(stops), _STRIP_FRAMES - 1)
    class_ids = source.find_classes(classes) if source.class_name else None
    if class_ids is None:
        return z, None
    return z, walk_through_classes(class_ids, run.config.num_classes, _STRIP_FRAMES - 1)


def _ask_for_walk(source: GeneratorSource, options: _Options) -> Walk | None:
    stops = walk_stops.ask_for_stops(source)
    are_found = len(stops) == len(st.session_state[walk_stops.STOPS])
    class_ids = None
    if source.class_name:
        classes_by_stop = walk_classes.ask_for_classes(
            source, stops, asks_for_selected=walk_stops.asks_for_selected_class()
        )
        class_names = list(chain.from_iterable(classes_by_stop))
        class_ids = source.find_classes(class_names)
        is_unique = len(set(class_names)) == len(class_names)
        stops = [
            (class_name if is_unique else vector_choice.name_drawn_as(name, class_name), vector)
            for (name, vector), stop_classes in zip(stops, classes_by_stop, strict=True)
            for class_name in stop_classes
        ]
    walk_stops.render_clear_digits(source)
    if len(stops) < 2:
        if are_found:  # Otherwise a reason is shown above.
            or_classes = ", or one stop as two classes" if source.class_name else ""
            st.caption(f"A walk needs at least two stops{or_classes}.")
        return None
    return Walk(
        [name for name, _ in stops],
        np.stack([vector for _, vector in stops]),
        class_ids,
        options.kind,
        options.is_closed,
        options.num_frames,
        options.is_even,
    )


def _ask_for_options(noun: str) -> _Options:
    with st.expander("Walk options", icon=":material/tune:"):
        kind = st.segmented_control(
            "Path",
            list(_KINDS),
            default="slerp",
            required=True,
            format_func=_KINDS.__getitem__,
            key="walk_kind",
            persist_state="session",
        )
        st.caption(
            "Arc: z keeps the length that it had in training, so pictures blur less. Straight "
            f"line: z gets shorter between the stops, where {noun}s blur. Smooth curve: no corners "
            "at the stops."
        )
        num_frames = st.slider(
            "Frames of the film", 10, 240, 40, 10, key="walk_frames", persist_state="session"
        )
        is_closed = st.toggle(
            "Loop",
            key="walk_closed",
            persist_state="session",
            help="Returns to the first stop, so that the film has no end.",
        )
        is_even = st.toggle(
            "Constant speed",
            key="walk_even",
            persist_state="session",
            help="Each frame changes the picture by the same amount. Otherwise each frame changes "
            "z by the same amount.",
        )
    return _Options(kind, is_closed, num_frames, is_even)


def _render_download(source: GeneratorSource, chosen: Walk) -> None:
    # Outside of the fragment that reruns during training: see `sample_panel.render_downloads`.
    def make_gif() -> bytes:
        z, weights = chosen.sample(source)
        pixels, step = source.generate(z, weights)
        return encode_animation(
            _list_frames(pixels, _FILE_SCALE, chosen.is_closed),
            format="gif",
            milliseconds=_MILLISECONDS,
            recipe=chosen.make_recipe(source, step, len(z)),
        )

    st.download_button(
        "Download GIF",
        make_gif,
        file_name=f"{chosen.make_file_stem(source.step)}.gif",
        mime="image/gif",
        icon=":material/movie:",
        on_click="ignore",
        key="walk-gif",
    )


def _render_walk(source: GeneratorSource, chosen: Walk) -> None:
    follow_generator(source, key="news-walk", seconds=LARGE_SECONDS)
    try:
        drawn = _draw(source, chosen)
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    _share_with_replay(source, chosen, drawn)
    description = f"from {chosen.describe()}, step {drawn.step}"
    st.caption(describe_strip(source))
    picked = _render_strip(source, drawn, description)
    film = drawn.film
    render_animation(
        _encode_film(film.tobytes(), film.shape, chosen.is_closed),
        still=encode_png(film[0]),
        size=(film.shape[2], film.shape[1]),
        scale=match_mnist_scale(_FILM_SCALE, film.shape[1]),
        alt=f"Interpolation animation {description}",
        subject="the walk",
        key="walk-film",
    )
    _select_picked(source, drawn, picked)


def _draw(source: GeneratorSource, chosen: Walk) -> _DrawnWalk:
    film_z, film_weights = chosen.sample(source)
    even_frames = np.linspace(0, len(film_z) - 1, min(_STRIP_FRAMES, len(film_z)))
    strip_frames = np.rint(even_frames).astype(int)
    # In one batch, so that the strip and the film are of the same training step.
    frames = np.concatenate([strip_frames, np.arange(len(film_z))])
    pixels, step = source.generate(
        film_z[frames], None if film_weights is None else film_weights[frames]
    )
    num = len(strip_frames)
    weights = None if film_weights is None else film_weights[strip_frames]
    return _DrawnWalk(film_z[strip_frames], weights, pixels[:num], pixels[num:], step)


def _share_with_replay(source: GeneratorSource, chosen: Walk, drawn: _DrawnWalk) -> None:
    """Keep the strip for the replay; rerun the page if the replay shows another walk."""
    run = source.run
    # Not the strip itself: at constant speed it changes with each step of a training.
    key = (run.path, run.created, chosen.describe(), chosen.num_frames, chosen.stops.tobytes())
    st.session_state[_STRIP] = key, drawn.z, drawn.weights
    if st.session_state.get(_REPLAYED, key) != key:
        del st.session_state[_REPLAYED]
        st.rerun()


def _render_strip(source: GeneratorSource, drawn: _DrawnWalk, description: str) -> int | None:
    """Render the strip; return the index of the picked frame, if any."""
    num = len(drawn.z)
    strip = tile(drawn.strip, 1, num, gap=_GAP)
    return render_tiles(
        encode_png(strip),
        size=(strip.shape[1], strip.shape[0]),
        rows=1,
        columns=num,
        labels=[f"{source.noun.capitalize()} {number} of the walk" for number in range(1, num + 1)],
        scale=4,
        gap=_GAP,
        fill=True,
        chosen=class_choice.find_selected(source, drawn.z, drawn.find_classes()),
        alt=f"Interpolation strip {description}, z={fingerprint(drawn.z)}",
        key=f"walk-strip-{num}",
    )


def _select_picked(source: GeneratorSource, drawn: _DrawnWalk, picked: int | None) -> None:
    """Select the z of a picked frame and request its class."""
    # A click refers to the walk of the previous run of the script.
    rendered = (source.identity, drawn.z, drawn.find_classes())
    identity, shown_z, shown_classes = st.session_state.get(_RENDERED, rendered)
    st.session_state[_RENDERED] = rendered
    if picked is not None and picked < len(shown_z) and identity == source.identity:
        class_name = ""
        if shown_classes is not None:
            class_name = source.run.config.class_names[shown_classes[picked]]
            request_class(class_name)
        walk_start.select_picked(source, shown_z[picked], class_name)
        st.rerun()


def describe_strip(source: GeneratorSource) -> str:
    """Describe what to do with the strip, or why there is nothing to see in it."""
    unreadable = explain_unreadable_source(source)
    if not unreadable:
        return f"Pick a {source.noun} of the walk to explore it."
    pictures = "alike" if unreadable == "all pictures alike" else "noise"
    return f"So far this generator's pictures are {pictures}, so the walk shows no {source.noun}s."


@lru_cache(maxsize=16)
def _encode_film(pixels: bytes, shape: tuple[int, ...], is_closed: bool) -> bytes:
    """Encode a film once for all tabs that show it."""
    frames = _list_frames(np.frombuffer(pixels, np.uint8).reshape(shape), 1, is_closed)
    return encode_animation(frames, format="webp", milliseconds=_MILLISECONDS)


def _list_frames(pixels: np.ndarray, scale: int, is_closed: bool) -> list[np.ndarray]:
    """Return the frames of a walk; an open one plays forwards, then backwards, to loop smoothly."""
    frames = [tile(image[np.newaxis], 1, 1, scale=scale) for image in pixels]
    return frames if is_closed else [*frames, *frames[-2:0:-1]]

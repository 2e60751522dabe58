"""The walk: an interpolation from stop to stop, as a strip to pick from and as an animation."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain

import numpy as np
import streamlit as st

from dashboard.components.animation import render_animation
from dashboard.components.plain_text import escape_markdown
from dashboard.components.tiles import render_tiles
from dashboard.generators import class_examples
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import class_choice
from dashboard.shared import selection
from dashboard.shared.explore_request import request_class
from dashboard.shared.following import LARGE_SECONDS, follow_generator
from dashboard.walks import vector_choice, walk_classes
from dashboard.walks.chosen_walk import Walk
from dcgan.config.named_datasets import get_picture_noun
from dcgan.errors import RunError
from dcgan.files.file_names import slugify
from dcgan.images.animation import encode_animation
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.handwriting import walk_through_classes
from dcgan.latent.sampling import fingerprint
from dcgan.latent.walks import PathKind, walk

_STOPS = "walk_stops"
_GIVEN = "walk_given"  # The first stops; None as soon as a person has chosen others.
_FIRST_STOPS = (3, 8)  # Digits whose best pictures the walk begins with.
_SEEDS = [vector_choice.name_seed(seed) for seed in range(1, len(_FIRST_STOPS) + 1)]
_STRIP_FRAMES = 8
_GAP = 2
_STRIP = "walk_strip"
_REPLAYED = "walk_replayed"  # Key of the walk that another panel shows.
_RENDERED = "walk_shown"
_MILLISECONDS = 60
_FILE_SCALE = 8
_KINDS: dict[PathKind, str] = {
    "slerp": "Arc (slerp)",
    "lerp": "Straight line (lerp)",
    "spline": "Smooth curve",
}


def render(source: GeneratorSource) -> None:
    """Render the choices, the walk and its download."""
    with st.container(key="interpolation"):
        chosen = _ask_for_walk(source)
        if chosen is None:
            if source.class_name:
                st.caption("A walk needs at least two stops, or one stop as two classes.")
            elif len(st.session_state[_STOPS]) < 2:  # Others are named above, with the reason.
                st.caption("A walk needs at least two stops.")
            return
        if chosen.kind == "slerp" and not chosen.stops.any(axis=1).all():
            st.caption(
                "One of the stops is z = 0, the centre of the sphere, so there is no arc "
                "to it: choose another one."
            )
            return
        st.fragment(_render_walk)(source, chosen)
        _render_download(source, chosen)


def replace_first_stops(source: GeneratorSource) -> None:
    """Choose other first stops as soon as they suit the generator better.

    A person who has changed the stops keeps them.
    """
    given = st.session_state.get(_GIVEN)
    if given is None or st.session_state.get(_STOPS) != given:
        return
    fitting = _choose_first_stops(source)
    if fitting == _SEEDS and set(given) <= set(map(vector_choice.name_digit, source.digits)):
        return  # The best are known again as soon as the digits are sorted.
    st.session_state[_STOPS] = st.session_state[_GIVEN] = fitting


def _choose_first_stops(source: GeneratorSource) -> list[str]:
    """Choose the best of two digits; if they are not known, two classes of one z, or seeds."""
    if source.class_name:
        first = walk_classes.choose_first(source.run.config.class_names)
        if not set(first) <= set(class_examples.list_digits(source)):
            return [vector_choice.SELECTED]
        return vector_choice.name_best(source, list(map(int, first)))
    learned = source.digits
    is_usual = not learned or set(_FIRST_STOPS) <= set(learned)
    first_stops = _FIRST_STOPS if is_usual else (learned[0], learned[-1])
    return _SEEDS if len(set(first_stops)) == 1 else vector_choice.name_best(source, first_stops)


def get_shown_walk(source: GeneratorSource) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the latent batch of the strip on the page, or of the first walk before that.

    Returns:
        Shape (num, latent_dim); and the weights of the classes, None if the generator knows none.
    """
    run = source.run
    key, z, weights = st.session_state.get(_STRIP, ((), None, None))
    st.session_state[_REPLAYED] = key
    if key[:2] == (run.path, run.created):
        return z, weights
    if source.class_name:
        stops = source.find_classes(walk_classes.choose_first(run.config.class_names)) or []
        weights = walk_through_classes(stops, run.config.num_classes, _STRIP_FRAMES - 1)
        best = vector_choice.list_best_of_classes(source)
        first = _choose_first_stops(source)
        if set(first) <= best.keys():
            return walk(np.stack([best[name] for name in first]), _STRIP_FRAMES - 1), weights
        hand = selection.get_current(source.latent_dim).z.astype(np.float32)
        return np.tile(hand, (len(weights), 1)), weights
    seeds = [selection.sample_z(seed, source.latent_dim) for seed in (1, 2)]
    return walk(np.stack(seeds), _STRIP_FRAMES - 1), None


def _ask_for_walk(source: GeneratorSource) -> Walk | None:
    noun = get_picture_noun(source.run.config.dataset)
    default = _choose_first_stops(source)
    given = st.session_state.setdefault(_GIVEN, default)
    stops = vector_choice.ask_for_vectors(
        source,
        f"{noun.capitalize()}s on the way",
        key=_STOPS,
        default=default,
        help_text="In the order of the walk: the best of each digit, pins, the selected digit, or "
        "any seed that you type."
        + (" A seed can be drawn as several classes in turn." if source.class_name else ""),
        of_all_classes=True,
    )
    if st.session_state[_STOPS] != given:
        st.session_state[_GIVEN] = None
    class_ids = None
    if source.class_name:
        classes = walk_classes.ask_for_classes(source, stops)
        class_ids = source.find_classes(list(chain.from_iterable(classes)))
        in_order = list(chain.from_iterable(classes))
        is_clear = len(set(in_order)) == len(in_order)
        stops = [
            (class_name if is_clear else vector_choice.name_as(name, class_name), vector)
            for (name, vector), in_turn in zip(stops, classes, strict=True)
            for class_name in in_turn
        ]
    with st.popover("Walk options", icon=":material/tune:"):
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
            "Arc: z keeps the length that it had in training, so all pictures are clear. Straight "
            f"line: z gets shorter between the stops, where {noun}s blur. Smooth curve: no corners "
            "at the stops."
        )
        num_frames = st.slider(
            "Frames of the animation", 10, 240, 40, 10, key="walk_frames", persist_state="session"
        )
        is_closed = st.toggle(
            "Loop",
            key="walk_closed",
            persist_state="session",
            help="Returns to the first stop, so that the animation has no end.",
        )
        is_even = st.toggle(
            "Constant speed",
            key="walk_even",
            persist_state="session",
            help="Each frame changes the picture by the same amount, instead of z.",
        )
    if len(stops) < 2:
        return None
    return Walk(
        [name for name, _ in stops],
        np.stack([vector for _, vector in stops]),
        class_ids,
        kind,
        is_closed,
        num_frames,
        is_even,
    )


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
        file_name=f"walk-{slugify(chosen.describe())}.gif",
        mime="image/gif",
        icon=":material/movie:",
        on_click="ignore",
        key="walk-gif",
    )


def _render_walk(source: GeneratorSource, chosen: Walk) -> None:
    follow_generator(source, key="news-walk", seconds=LARGE_SECONDS)
    try:
        film_z, film_classes = chosen.sample(source)
        even_steps = np.linspace(0, len(film_z) - 1, min(_STRIP_FRAMES, len(film_z)))
        strip_frames = np.rint(even_steps).astype(int)
        strip_z = film_z[strip_frames]
        strip_classes = None if film_classes is None else film_classes[strip_frames]
        # In one batch, so that both are of the same training step.
        in_turn = np.concatenate([strip_frames, np.arange(len(film_z))])
        pixels, step = source.generate(
            film_z[in_turn], None if film_classes is None else film_classes[in_turn]
        )
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    run = source.run
    # Not the strip itself: at constant speed it changes with each step of a training.
    key = (run.path, run.created, chosen.describe(), chosen.num_frames, chosen.stops.tobytes())
    st.session_state[_STRIP] = key, strip_z, strip_classes
    if st.session_state.get(_REPLAYED, key) != key:
        del st.session_state[_REPLAYED]
        st.rerun()  # Over time shows the walk before this one.
    nearest = None if strip_classes is None else strip_classes.argmax(axis=1).tolist()
    strip = tile(pixels[: len(strip_z)], 1, len(strip_z), gap=_GAP)
    film = pixels[len(strip_z) :]
    way = f"from {chosen.describe()}, step {step}"
    noun = get_picture_noun(run.config.dataset)
    st.caption(f"Pick a {noun} of the walk to explore it.")
    picked = render_tiles(
        encode_png(strip),
        size=(strip.shape[1], strip.shape[0]),
        rows=1,
        columns=len(strip_z),
        labels=[
            f"{noun.capitalize()} {number} of the walk" for number in range(1, len(strip_z) + 1)
        ],
        scale=4,
        gap=_GAP,
        fill=True,
        chosen=class_choice.find_drawn(source, strip_z, nearest),
        alt=f"Interpolation strip {way}, z={fingerprint(strip_z)}",
        key=f"walk-strip-{len(strip_z)}",
    )
    render_animation(
        _encode_film(film.tobytes(), film.shape, chosen.is_closed),
        still=encode_png(film[0]),
        size=(film.shape[2], film.shape[1]),
        scale=4,
        alt=f"Interpolation animation {way}",
        key="walk-film",
    )
    # A click refers to the walk of the previous run of the script.
    rendered = (source.identity, strip_z, nearest)
    identity, before, classes_before = st.session_state.get(_RENDERED, rendered)
    st.session_state[_RENDERED] = rendered
    if picked is not None and picked < len(before) and identity == source.identity:
        if classes_before is not None:
            request_class(run.config.class_names[classes_before[picked]])
        selection.select_z(before[picked], "the walk")
        st.rerun()


@lru_cache(maxsize=16)
def _encode_film(pixels: bytes, shape: tuple[int, ...], is_closed: bool) -> bytes:
    """Encode a film once for all tabs that show it."""
    frames = _list_frames(np.frombuffer(pixels, np.uint8).reshape(shape), 1, is_closed)
    return encode_animation(frames, format="webp", milliseconds=_MILLISECONDS)


def _list_frames(pixels: np.ndarray, scale: int, is_closed: bool) -> list[np.ndarray]:
    """Return the frames of a walk; an open one plays forwards, then backwards, to loop smoothly."""
    forth = [tile(image[np.newaxis], 1, 1, scale=scale) for image in pixels]
    return forth if is_closed else [*forth, *forth[-2:0:-1]]

"""Write a number: the classes that a person types, all in the handwriting of the selected z."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.components.picture import render_animation, render_pixels
from dashboard.components.plain_text import escape_markdown
from dashboard.explore_tools.written_text import WrittenText, make_film, make_recipe
from dashboard.generators.generator_source import GeneratorSource
from dashboard.state.trainer import get_trainer
from dashboard.tab import selection
from dashboard.tab.explore_request import request_generator
from dashboard.tab.following import follow_generator
from dcgan.errors import DCGANError, RunError
from dcgan.files.file_names import slugify
from dcgan.images.digit_archives import pack_digits
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.class_text import (
    MAX_CHARACTERS,
    can_be_typed,
    parse_class_text,
    suggest_next_text,
)
from dcgan.latent.sampling import fingerprint
from dcgan.runs.library import find_number_writing_run
from dcgan.runs.run_folder import Run

_FIRST_TEXT = "2026"
_WIDTH = 560  # Of the strip, in pixels of the page; narrower windows show it smaller.
_MAX_SCALE = 5
_FILE_SCALE, _FILM_SCALE = 8, 4
_MAX_BUTTON_TEXT = 8  # Characters of a text on a button.

# Keys of the session.
# The fields: the text; the text that it turns into; and the choice of class names, if the classes
# cannot be typed.
_TEXT, _NEXT_TEXT, _CLASS_NAMES = "write_text", "write_next_text", "write_class_names"
_KNOWN_NAMES = "write_known_names"  # Names of the classes for which the text was typed.
_HAS_NEW_RUN = "write_has_new_run"  # Set by a click on another run, until the page shows it.
_VARIATION = "write_variation"


def render(source: GeneratorSource) -> None:
    """Render the text, its strip of pictures and the downloads."""
    if source.class_id is None:
        _offer_class_run(source.run)
        return
    with st.container(key="write-number"):
        entry = _ask_for_text(source)
        # The picture and its downloads are directly below the field, because on a phone the
        # keyboard covers everything further down.
        picture_area = st.container()
        variation = _ask_for_variation()
        if entry is None:
            with picture_area:
                _render_disabled_downloads()
            return
        written = WrittenText(*entry, variation / 100)
        with picture_area:
            st.fragment(_render_strip)(source, written)
            _render_downloads(source, written)
        st.fragment(_render_film)(source, written)


def _offer_class_run(run: Run) -> None:
    """Render why this run cannot write, and a button for a run that can."""
    st.markdown(
        f"**{escape_markdown(run.read_title())}** has not learned which picture is of "
        "which class, so it cannot be asked for one."
    )
    writing_run = find_number_writing_run(get_trainer().root)
    if writing_run is not None:
        st.button(
            "Use the included run that can"
            if writing_run.is_read_only
            else f"Use {escape_markdown(writing_run.read_title())}",
            icon=":material/edit:",
            key="write-use",
            on_click=_show_run,
            args=(writing_run,),
        )
        if st.session_state.pop(_HAS_NEW_RUN, False):
            st.rerun()  # The whole page, because it shows another run.
    st.caption(
        "To train one that can, turn on **Learn the classes** in the settings of a new run, on the "
        "Train page."
    )


def _show_run(run: Run) -> None:
    request_generator(run)
    st.session_state[_HAS_NEW_RUN] = True


def _ask_for_text(source: GeneratorSource) -> tuple[str, list[int]] | None:
    """Render the field; return the text and its classes, or None if nothing can be written."""
    names = source.run.config.class_names
    is_typed = can_be_typed(names)
    _replace_unknown_classes(names)
    if is_typed:
        label = "Number" if all(name.isdecimal() for name in names) else "Text"
        st.caption(
            f"Type a {label.lower()}, and see it in one handwriting. **Another handwriting** "
            "changes it."
        )
        text = st.text_input(
            label,
            key=_TEXT,
            max_chars=MAX_CHARACTERS,
            persist_state="session",
            width=240,
            help=f"Up to {MAX_CHARACTERS} of these: {escape_markdown(', '.join(names))}.",
        ).strip()
        try:
            class_ids = parse_class_text(text, names)
        except DCGANError as error:
            st.error(escape_markdown(str(error)), icon=":material/error:")
            return None
    else:
        st.caption("Choose classes, and see each with the z of the selected picture.")
        chosen = st.multiselect(
            "Pictures of",
            names,
            max_selections=MAX_CHARACTERS,
            key=_CLASS_NAMES,
            persist_state="session",
            help="In this order.",
        )
        text, class_ids = " ".join(chosen), [names.index(name) for name in chosen]
    if not class_ids:
        st.caption("Type something to see it written." if is_typed else "Choose what to draw.")
        return None
    return text, class_ids


def _replace_unknown_classes(names: tuple[str, ...]) -> None:
    """Replace entries that were made for another run, if this run lacks one of their classes."""
    if st.session_state.get(_KNOWN_NAMES) == names:
        return
    st.session_state[_KNOWN_NAMES] = names
    if not _has_only_classes(names, _TEXT):
        first = _FIRST_TEXT if set(_FIRST_TEXT) <= set(names) else "".join(names[:4])
        st.session_state[_TEXT] = first
    if not _has_only_classes(names, _NEXT_TEXT):
        st.session_state[_NEXT_TEXT] = ""
    if not _has_only_classes(names, _CLASS_NAMES):
        st.session_state[_CLASS_NAMES] = list(names[:4])


def _has_only_classes(names: tuple[str, ...], field_key: str) -> bool:
    """Return whether a field has an entry that consists of these classes only."""
    value: str | list[str] | None = st.session_state.get(field_key)
    return value is not None and set(value) <= set(names)


def _ask_for_variation() -> int:
    return st.slider(
        "Variation of the handwriting",
        0,
        100,
        0,
        5,
        key=_VARIATION,
        format="%d%%",
        persist_state="session",
        width=240,
        help="At 0% all characters have the same handwriting: slant, thickness and width. At 100% "
        "each has another one.",
    )


def _render_strip(source: GeneratorSource, written: WrittenText) -> None:
    follow_generator(source, key="news-write")
    z = written.make_z(selection.get_current(source.latent_dim).z)
    try:
        pixels, step = source.generate(z, written.class_ids)
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    picture = tile(pixels, 1, len(pixels), gap=0)
    with st.container(key="written"):
        render_pixels(
            picture,
            scale=max(1, min(_MAX_SCALE, _WIDTH // picture.shape[1])),
            alt=f"{written.text}, written by the generator of step {step}, z={fingerprint(z)}",
            key="write-picture",
            fill=True,
        )


def _render_downloads(source: GeneratorSource, written: WrittenText) -> None:
    # Outside of the fragment that reruns during training: see `sample_panel.render_downloads`.
    selected = selection.get_current(source.latent_dim)  # Its z is read when a file is made.
    file_stem = slugify(written.text, "text")
    button_text = escape_markdown(written.text if len(written.text) <= _MAX_BUTTON_TEXT else "it")

    def make_png() -> bytes:
        pixels, step = source.generate(written.make_z(selected.z), written.class_ids)
        recipe = make_recipe(source, written, selected.z, step)
        return encode_png(tile(pixels, 1, len(pixels), gap=0, scale=_FILE_SCALE), recipe)

    def make_zip() -> bytes:
        z = written.make_z(selected.z)
        pixels, step = source.generate(z, written.class_ids)
        names = source.run.config.class_names
        recipe = make_recipe(source, written, selected.z, step)
        return pack_digits(
            pixels, z, np.array(written.class_ids), names, recipe=recipe, noun=source.noun
        )

    with st.container(horizontal=True):
        st.download_button(
            f"Download {button_text} (PNG)",
            make_png,
            file_name=f"{file_stem}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="write-png",
        )
        selection.render_other_handwriting(source.latent_dim)
        st.download_button(
            f"Download {button_text} (ZIP)",
            make_zip,
            file_name=f"{file_stem}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            key="write-zip",
            help="Each character as a PNG, and the latent vectors with their classes.",
        )


def _render_disabled_downloads() -> None:
    """Render the buttons disabled, as a click just after a change would save an earlier text."""
    with st.container(horizontal=True):
        for label, kind in (("Download (PNG)", "png"), ("Download (ZIP)", "zip")):
            st.download_button(label, bytes, key=f"write-{kind}", disabled=True)


def _render_film(source: GeneratorSource, written: WrittenText) -> None:
    """Render the choice of the text that this one turns into, the film and its download."""
    selected = selection.get_current(source.latent_dim)
    names = source.run.config.class_names
    with st.container(horizontal=True, vertical_alignment="bottom"):
        next_text = _ask_for_next_text(written, names)
        if next_text:
            st.download_button(
                "Download film (GIF)",
                lambda: make_film(source, written, next_text, selected.z, "gif", _FILM_SCALE)[0],
                file_name=f"{slugify(written.text, 'text')}-to-{slugify(next_text, 'text')}.gif",
                mime="image/gif",
                icon=":material/movie:",
                on_click="ignore",
                key="write-gif",
                help=escape_markdown(f"{written.text} turns into {next_text} and back."),
            )
    if not next_text:
        return
    try:
        film, first, step = make_film(source, written, next_text, selected.z, "webp", 1)
    except RunError:  # The strip shows the error.
        return
    st.caption(f"The film: {escape_markdown(f'{written.text} turns into {next_text}')} and back.")
    render_animation(
        film,
        still=encode_png(first),
        size=(first.shape[1], first.shape[0]),
        alt=f"{written.text} turns into {next_text}, step {step}",
        subject="the film",
        key="write-film",
        scale=max(1, min(_FILM_SCALE, _WIDTH // first.shape[1])),
    )


def _ask_for_next_text(written: WrittenText, names: tuple[str, ...]) -> str:
    """Render the choice of the text that this one turns into; return "" if there is none."""
    if not can_be_typed(names):
        return ""
    suggestion = suggest_next_text(written.text, names)
    kind = "number" if written.text.isdecimal() else "text"
    next_text = (
        st.text_input(
            f"Turn it into another {kind}",
            key=_NEXT_TEXT,
            max_chars=MAX_CHARACTERS,
            placeholder=f"such as {suggestion}" if suggestion else None,
            persist_state="session",
            width=240,
            help=f"{len(written.class_ids)} characters, as many as above.",
        ).strip()
        or suggestion
    )
    if not next_text:
        return ""
    try:
        is_as_long = len(parse_class_text(next_text, names)) == len(written.class_ids)
    except DCGANError as error:
        st.caption(f":material/warning: {escape_markdown(str(error))}")
        return ""
    if not is_as_long:
        st.caption(
            f":material/warning: Type as many characters as above: {len(written.class_ids)}."
        )
    return next_text if is_as_long else ""

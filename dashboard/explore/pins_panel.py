"""Pins: latent vectors that are kept with the run, shown as pictures in a menu beside the grid.

In a run that learned the classes a pin keeps its class.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.components.tiles import render_tiles
from dashboard.generators.generator_source import GeneratorSource
from dashboard.process.storage_limits import MAX_SMALL_UPLOAD_MB
from dashboard.recipes import class_choice, run_pins
from dashboard.tab import selection
from dashboard.tab.explore_request import request_class
from dashboard.tab.following import follow_generator
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.runs.manifest import clean_title
from dcgan.runs.pins import (
    Pin,
    add_pins,
    delete_pin,
    pack_pins,
    parse_pins,
)

# Keys of the session.
_PINS_CHANGED = "pins_changed"
_PINS_IMPORTED = "pins_imported"
_PINS_PROBLEM = "pins_problem"
_PINS_SHOWN = "pins_shown"

_COLUMNS = 6  # Few enough that a finger can hit the pictures on a phone.
_GAP = 2
_SCALE = 2


def render_menu(source: GeneratorSource) -> None:
    """Render the popover in which pins are made, picked, deleted, saved and loaded.

    The pinned pictures are inside it so that the first pin moves nothing on the page.
    """
    pins = run_pins.list_pins(source)
    if not permissions.may_operate() and not pins:
        return
    with st.popover("Pins", icon=":material/keep:"):
        if permissions.may_operate():
            name_key = f"pin-name-{len(pins)}"
            st.text_input(
                "Name of the pin", key=name_key, max_chars=80, placeholder=f"Pin {len(pins) + 1}"
            )
            st.button(
                f"Pin this {source.noun}",
                icon=":material/keep:",
                key="pin",
                on_click=_add_pin,
                args=(source, name_key, f"Pin {len(pins) + 1}"),
                help=f"Keeps the selected {source.noun} with the run, so that you can come back "
                "to it.",
            )
        if pins:
            st.fragment(_render_pins)(source, pins)
        if permissions.may_operate():
            _render_deletion(source, pins)
        _render_download(source, pins)
        if permissions.may_operate():
            _render_import(source)
    if st.session_state.pop(_PINS_CHANGED, False):
        st.rerun()  # Other panels list the pins too.


def render_problem(source: GeneratorSource) -> None:
    """Render the error of the last action or of the run's file of pins, if there is one."""
    problem = st.session_state.pop(_PINS_PROBLEM, "")
    try:
        run_pins.read(source)
    except RunError as error:
        problem = str(error)
    if problem:
        st.error(escape_markdown(problem), icon=":material/error:")


def _render_pins(source: GeneratorSource, pins: list[Pin]) -> None:
    """Render the pins as rows of pictures; picking one selects its z and its class."""
    follow_generator(source, key="news-pins")
    z = np.stack([pin.vector for pin in pins])
    classes = source.find_classes([pin.class_name for pin in pins])
    try:
        pixels, step = source.generate(z, classes)
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    columns = min(_COLUMNS, len(pins))
    rows = -(-len(pins) // columns)
    picture = tile(pixels, rows, columns, gap=_GAP)
    with st.container(key="pins"):
        picked = render_tiles(
            encode_png(picture),
            size=(picture.shape[1], picture.shape[0]),
            rows=rows,
            columns=columns,
            labels=[pin.name for pin in pins],
            alt=f"{len(pins)} pinned {source.noun}s, step {step}",
            key=f"pins-picture-{columns}",
            scale=_SCALE,
            gap=_GAP,
            chosen=_find_selected(source, pins),
        )
    # A click refers to the pins of the previous run of the script; one may have been deleted since.
    rendered = (source.run.path, pins)
    path, shown_pins = st.session_state.get(_PINS_SHOWN, rendered)
    st.session_state[_PINS_SHOWN] = rendered
    if picked is not None and picked < len(shown_pins) and path == source.run.path:
        pin = shown_pins[picked]
        request_class(pin.class_name)
        selection.select_z(pin.vector, f"the pin {pin.name}")
        st.rerun()


def _find_selected(source: GeneratorSource, pins: list[Pin]) -> int | None:
    """Return the index of the pin whose z and class are selected; None if none is."""
    classes = source.find_classes([pin.class_name for pin in pins])
    return class_choice.find_selected(source, np.stack([pin.vector for pin in pins]), classes)


def _render_deletion(source: GeneratorSource, pins: list[Pin]) -> None:
    """Render the button that deletes the selected pin, disabled if none is selected."""
    if pins:
        index = _find_selected(source, pins)
        name = "" if index is None else pins[index].name
        st.caption(
            f"Selected: {escape_markdown(name)}"
            if name
            else f"Pick a pin to go back to its {source.noun}."
        )
        st.button(
            "Delete this pin",
            icon=":material/delete:",
            key="delete-pin",
            on_click=_delete_pin,
            args=(source, name),
            disabled=not name,
        )


def _render_download(source: GeneratorSource, pins: list[Pin]) -> None:
    if pins:
        st.download_button(
            "Download all pins",
            lambda: pack_pins(pins),
            file_name=f"pins-of-{source.run.name}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
            key="export-pins",
        )


def _render_import(source: GeneratorSource) -> None:
    file = st.file_uploader(
        "Import pins",
        "json",
        key=f"import-pins-{st.session_state.get(_PINS_IMPORTED, 0)}",
        max_upload_size=MAX_SMALL_UPLOAD_MB,
        help="A file that Download all pins has made. Its run must have the same length of z.",
    )
    if file is not None:
        _import_pins(source, file.getvalue(), file.name)
        st.session_state[_PINS_IMPORTED] = st.session_state.get(_PINS_IMPORTED, 0) + 1
        st.rerun()


@permissions.operators_only
def _add_pin(source: GeneratorSource, name_key: str, default_name: str) -> None:
    # Read in the callback: the name that was typed last arrives with the click.
    name = clean_title(st.session_state.get(name_key) or "") or default_name
    z = selection.get_current(source.latent_dim).z
    st.session_state[_PINS_CHANGED] = True
    try:
        pin = Pin(name=name, z=tuple(z.tolist()), class_name=source.class_name)
        add_pins(run_pins.find_path(source), source.latent_dim, [pin])
    except RunError as error:
        st.session_state[_PINS_PROBLEM] = str(error)


@permissions.operators_only
def _delete_pin(source: GeneratorSource, pin_name: str) -> None:
    st.session_state[_PINS_CHANGED] = True
    try:
        delete_pin(run_pins.find_path(source), source.latent_dim, pin_name)
    except RunError as error:
        st.session_state[_PINS_PROBLEM] = str(error)


@permissions.operators_only
def _import_pins(source: GeneratorSource, data: bytes, file_name: str) -> None:
    try:
        pins = parse_pins(data, source.latent_dim, file_name=file_name)
        add_pins(run_pins.find_path(source), source.latent_dim, pins)
    except RunError as error:
        st.session_state[_PINS_PROBLEM] = str(error)

"""Many pictures at once: a preview of a sheet, and the whole sheet to download."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from dashboard.components.picture import render_pixels
from dashboard.components.plain_text import escape_markdown
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes.recipes import MAX_SHEET_PICTURES
from dashboard.tab.explore_request import (
    SHEET_ALL_CLASSES,
    SHEET_COUNT,
    SHEET_PSI,
    SHEET_SEED,
)
from dashboard.tab.following import LARGE_SECONDS, follow_generator
from dashboard.wording.glossary import explain
from dcgan.config.settings import MAX_SEED
from dcgan.errors import RunError
from dcgan.images.digit_archives import pack_npz
from dcgan.images.grids import choose_grid_shape, tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.arithmetic import MAX_PSI, truncate
from dcgan.latent.sampling import sample_latent

_DEFAULTS = {SHEET_COUNT: 500, SHEET_SEED: 0, SHEET_PSI: 1.0, SHEET_ALL_CLASSES: False}
_PREVIEW_ROWS = _PREVIEW_COLUMNS = 8


def render(source: GeneratorSource) -> None:
    """Render the choices, a preview of the first pictures and the downloads of all."""
    # Set here, not as the widgets' defaults, because a restored recipe may have set other values.
    for key, value in _DEFAULTS.items():
        st.session_state.setdefault(key, value)
    st.caption(
        f"See how much the {source.noun}s vary, and save up to {MAX_SHEET_PICTURES:,} of them."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.number_input(
            "How many",
            1,
            MAX_SHEET_PICTURES,
            key=SHEET_COUNT,
            persist_state="session",
            width=160,
            step=1,
            help=f"At most {MAX_SHEET_PICTURES:,}.",
        )
        seed = st.number_input(
            "Sheet number",
            0,
            MAX_SEED,
            key=SHEET_SEED,
            persist_state="session",
            step=1,
            width=160,
            help=f"Each number gives other {source.noun}s, always the same ones.",
        )
        psi = st.slider(
            "Distance from the average",
            0.0,
            MAX_PSI,
            step=0.05,
            key=SHEET_PSI,
            persist_state="session",
            width=220,
            help=explain("truncation"),
        )
        has_all_classes = bool(source.class_name) and st.toggle(
            "All classes",
            key=SHEET_ALL_CLASSES,
            persist_state="session",
            help="Draws each z once for each class. Where it fits, each column has one class and "
            "each row one handwriting.",
        )
    num_classes = source.run.config.num_classes if has_all_classes else 0
    # With all classes, each z is repeated once for each class.
    num_repeats = max(1, num_classes)
    num_z = math.ceil(count / num_repeats)
    z = truncate(sample_latent(seed, num_z, source.latent_dim), psi)
    z = np.repeat(z, num_repeats, axis=0)[:count]
    class_ids = np.arange(count) % num_classes if has_all_classes else source.repeat_class(count)
    st.fragment(_render_preview)(source, z, class_ids, seed, num_classes)

    def make_png() -> bytes:
        pixels, step = source.generate(z, class_ids)
        z_code = f"truncate(sample_latent({seed}, {num_z}, {source.latent_dim}), {psi})"
        if has_all_classes:
            z_code = f"np.repeat({z_code}, {num_classes}, axis=0)[:{count}]"
        recipe = {
            "kind": "sheet",
            "run": source.run.name,
            "created": source.run.created,
            "step": step,
            "seed": seed,
            "count": count,
            "truncation": psi,
            "class_name": "" if has_all_classes else source.class_name,
            "all_classes": has_all_classes,
            "z": z_code,
        }
        picture = tile(pixels, *choose_grid_shape(count, num_classes), scale=2)
        return encode_png(picture, recipe)

    with st.container(horizontal=True):
        st.download_button(
            "Download sheet (PNG)",
            make_png,
            file_name=f"{source.noun}s-{count}-seed-{seed}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="sheet-png",
        )
        st.download_button(
            "Download sheet (NPZ)",
            lambda: pack_sheet(source, z, class_ids),
            file_name=f"{source.noun}s-{count}-seed-{seed}.npz",
            mime="application/octet-stream",
            icon=":material/data_array:",
            on_click="ignore",
            key="sheet-npz",
            help="NumPy arrays: images, uint8 from 0 to 255, and z, float32"
            + ("; class_ids and class_names." if source.class_name else "."),
        )


def pack_sheet(source: GeneratorSource, z: np.ndarray, class_ids: np.ndarray | None) -> bytes:
    """Return the pictures of a latent batch as NPZ, with their classes if the run has classes."""
    return pack_npz(source.generate(z, class_ids)[0], z, class_ids, source.run.config.class_names)


def _render_preview(
    source: GeneratorSource,
    z: np.ndarray,
    class_ids: np.ndarray | None,
    seed: int,
    num_classes: int,
) -> None:
    follow_generator(source, key="news-sheet", seconds=LARGE_SECONDS)
    columns = min(len(z), _PREVIEW_COLUMNS)
    if num_classes:
        columns = choose_grid_shape(min(len(z), _PREVIEW_ROWS * _PREVIEW_COLUMNS), num_classes)[1]
    num_shown = min(len(z), _PREVIEW_ROWS * columns)
    try:
        pixels, step = source.generate(
            z[:num_shown], None if class_ids is None else class_ids[:num_shown]
        )
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    preview = tile(pixels, math.ceil(num_shown / columns), columns)
    render_pixels(
        preview,
        scale=3,
        fill=True,
        alt=f"The first {num_shown} of {len(z)} {source.noun}s of seed {seed}, step {step}",
        key="sheet-picture",
    )
    if num_shown < len(z):
        st.caption(f"The first {num_shown} of {len(z):,}. The files contain all of them.")

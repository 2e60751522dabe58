"""Many pictures at once: a preview of a sheet, and the whole sheet to download."""

from __future__ import annotations

import math
from dataclasses import dataclass

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


@dataclass(frozen=True, eq=False)
class Sheet:
    """The choices that a sheet is drawn from.

    Attributes:
        source: The generator.
        count: Number of pictures.
        seed: Seed of the z.
        psi: Their distance from the average, see `truncate`.
        num_classes: With all classes of the run, their number: each z is drawn once for each class.
            0 if only the class of the generator is drawn.
    """

    source: GeneratorSource
    count: int
    seed: int
    psi: float
    num_classes: int

    @property
    def num_z(self) -> int:
        """Number of different z."""
        return math.ceil(self.count / max(1, self.num_classes))

    def sample(self, count: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the latent batch of the first pictures, and their classes, if any."""
        z = truncate(sample_latent(self.seed, self.num_z, self.source.latent_dim), self.psi)
        if not self.num_classes:
            return z[:count], self.source.repeat_class(count)
        return np.repeat(z, self.num_classes, axis=0)[:count], np.arange(count) % self.num_classes

    def make_png(self) -> bytes:
        """Draw the whole sheet as a PNG with its recipe."""
        pixels, step = self.source.generate(*self.sample(self.count))
        picture = tile(pixels, *choose_grid_shape(self.count, self.num_classes), scale=2)
        return encode_png(picture, self._make_recipe(step))

    def make_npz(self) -> bytes:
        """Draw the whole sheet as NPZ, with its z and with the classes if the run has classes."""
        z, class_ids = self.sample(self.count)
        pixels, _ = self.source.generate(z, class_ids)
        return pack_npz(pixels, z, class_ids, self.source.run.config.class_names)

    def _make_recipe(self, step: int) -> dict[str, object]:
        latent_dim = self.source.latent_dim
        z_code = f"truncate(sample_latent({self.seed}, {self.num_z}, {latent_dim}), {self.psi})"
        if self.num_classes:
            z_code = f"np.repeat({z_code}, {self.num_classes}, axis=0)[:{self.count}]"
        return {
            "kind": "sheet",
            "run": self.source.run.name,
            "created": self.source.run.created,
            "step": step,
            "seed": self.seed,
            "count": self.count,
            "truncation": self.psi,
            "class_name": "" if self.num_classes else self.source.class_name,
            "all_classes": bool(self.num_classes),
            "z": z_code,
        }


def render(source: GeneratorSource) -> None:
    """Render the choices, a preview of the first pictures and the downloads of all."""
    st.caption(
        f"See how much the {source.noun}s vary, and save up to {MAX_SHEET_PICTURES:,} of them."
    )
    sheet = _ask_for_sheet(source)
    st.fragment(_render_preview)(sheet)
    with st.container(horizontal=True):
        st.download_button(
            "Download sheet (PNG)",
            sheet.make_png,
            file_name=f"{source.noun}s-{sheet.count}-seed-{sheet.seed}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="sheet-png",
        )
        st.download_button(
            "Download sheet (NPZ)",
            sheet.make_npz,
            file_name=f"{source.noun}s-{sheet.count}-seed-{sheet.seed}.npz",
            mime="application/octet-stream",
            icon=":material/data_array:",
            on_click="ignore",
            key="sheet-npz",
            help="NumPy arrays: images, uint8 from 0 to 255, and z, float32"
            + ("; class_ids and class_names." if source.class_name else "."),
        )


def _ask_for_sheet(source: GeneratorSource) -> Sheet:
    # Set here, not as the widgets' defaults, because a restored recipe may have set other values.
    for key, value in _DEFAULTS.items():
        st.session_state.setdefault(key, value)
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
    return Sheet(source, count, seed, psi, num_classes)


def _render_preview(sheet: Sheet) -> None:
    source = sheet.source
    follow_generator(source, key="news-sheet", seconds=LARGE_SECONDS)
    columns = min(sheet.count, _PREVIEW_COLUMNS)
    if sheet.num_classes:
        most = min(sheet.count, _PREVIEW_ROWS * _PREVIEW_COLUMNS)
        columns = choose_grid_shape(most, sheet.num_classes)[1]
    num_shown = min(sheet.count, _PREVIEW_ROWS * columns)
    try:
        pixels, step = source.generate(*sheet.sample(num_shown))
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    render_pixels(
        tile(pixels, math.ceil(num_shown / columns), columns),
        scale=3,
        fill=True,
        alt=f"The first {num_shown} of {sheet.count} {source.noun}s of seed {sheet.seed}, "
        f"step {step}",
        key="sheet-picture",
    )
    if num_shown < sheet.count:
        st.caption(f"The first {num_shown} of {sheet.count:,}. The files contain all of them.")

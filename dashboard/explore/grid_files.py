"""The files of the grid: one picture, all pictures with their z, and the generator's page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from dashboard.explore.grid_plane import GridPlane
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.saved_generators import make_page
from dashboard.recipes import deep_link
from dashboard.recipes.recipes import GridRecipe
from dashboard.run_facts.labels import make_file_stem
from dashboard.tab import selection
from dashboard.tab.selection import Selection
from dcgan.files.file_names import slugify
from dcgan.images.digit_archives import pack_digits
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.arithmetic import truncate

_SCALE = 6


@dataclass(frozen=True, eq=False)
class _GridFiles:
    """The files of the grid, each made from what is selected at that moment.

    Attributes:
        source: The generator.
        plane: The plane of the grid.
        selected: What is selected; a slider may move its z before a file is made.
    """

    source: GeneratorSource
    plane: GridPlane
    selected: Selection

    def make_png(self) -> bytes:
        """Draw the whole grid as a PNG with its recipe."""
        z = self.selected.z
        pixels, recipe = self._draw(z, self.plane.sample(z))
        return encode_png(tile(pixels, self.plane.size, self.plane.size, scale=_SCALE), recipe)

    def make_single_png(self) -> bytes:
        """Draw the picture in the middle of the grid as a PNG with the recipe of the grid."""
        z = self.selected.z
        pixels, recipe = self._draw(z, truncate(z[np.newaxis], self.plane.psi))
        return encode_png(tile(pixels, 1, 1, scale=_SCALE), recipe)

    def make_zip(self) -> bytes:
        """Draw each picture of the grid as a PNG; the ZIP also has their z and classes."""
        z = self.selected.z
        batch = self.plane.sample(z)
        pixels, recipe = self._draw(z, batch)
        classes = self.source.repeat_class(len(batch))
        names = self.source.run.config.class_names
        return pack_digits(pixels, batch, classes, names, recipe=recipe, noun=self.source.noun)

    def _draw(self, z: np.ndarray, batch: np.ndarray) -> tuple[np.ndarray, dict[str, object]]:
        """Return the pictures of a latent batch, and the recipe of the grid around z."""
        pixels, step = self.source.generate(batch)
        recipe = make_recipe(self.source, step, self.plane, z, self.selected.chosen_seed)
        return pixels, recipe.model_dump()


def render_downloads(source: GeneratorSource, plane: GridPlane) -> None:
    """Render the downloads, and the upload of a picture that was saved before.

    Call it outside of fragments that rerun during training or when a slider moves: a click on a
    download button is lost if its fragment is rendered again at that moment.
    """
    files = _GridFiles(source, plane, selection.get_current(source.latent_dim))
    # The name has no seed, because a slider can move z without rendering the buttons again.
    file_stem = f"latent-grid-{source.run.name}"
    kind = f"{source.noun}-{slugify(source.class_name)}" if source.class_name else source.noun
    with st.container(horizontal=True):
        st.download_button(
            "Download PNG",
            files.make_png,
            file_name=f"{file_stem}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="latent-png",
            help="The whole grid as one picture, with its recipe inside.",
        )
        st.download_button(
            f"Download this {source.noun}",
            files.make_single_png,
            file_name=f"{kind}-{source.run.name}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="latent-single-png",
            help=f"Only the selected {source.noun}, as a PNG with its recipe inside.",
        )
        st.download_button(
            "Download ZIP",
            files.make_zip,
            file_name=f"{file_stem}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            key="latent-zip",
            help=f"Each {source.noun} of the grid as a PNG, and all latent vectors"
            f"{' with their class' if source.class_name else ''}.",
        )
        with st.popover("More", icon=":material/more_horiz:"):
            st.caption(
                "This generator with its sliders as one file, to share. A double click opens it, "
                "even without internet."
                + (" It uses the newest checkpoint." if source.trainer is not None else "")
            )
            st.download_button(
                "Download generator page",
                partial(make_page, source.run, source.step),
                file_name=f"{make_file_stem(source.run)}.generator.html",
                mime="text/html",
                icon=":material/web:",
                on_click="ignore",
                key="generator-page",
            )
            deep_link.render_upload()


def make_recipe(
    source: GeneratorSource,
    step: int | None,
    plane: GridPlane,
    z: np.ndarray,
    chosen_seed: int | None,
) -> GridRecipe:
    """Return the recipe of the grid around a z.

    Args:
        source: The generator.
        step: Step of its weights; None for the newest.
        plane: The plane of the grid.
        z: The z in the middle, shape (latent_dim,).
        chosen_seed: Seed with which z was chosen, if any. Sliders may have moved z since; the
            recipe then has no seed.
    """
    return GridRecipe(
        run=source.run.name,
        created=source.run.created,
        step=step,
        seed=selection.confirm_seed(z, chosen_seed),
        z=tuple(z.tolist()),
        class_name=source.class_name,
        truncation=plane.psi,
        rows=plane.size,
        columns=plane.size,
        row_direction=plane.row_name,
        column_direction=plane.column_name,
        row_vector=tuple(plane.row_direction.tolist()),
        column_vector=tuple(plane.column_direction.tolist()),
        plane_step=plane.step,
    )

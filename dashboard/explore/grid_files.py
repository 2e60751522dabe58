"""The files of the grid: one picture, all pictures with their z, and the generator's page."""

from __future__ import annotations

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
from dcgan.images.digit_archives import pack_digits
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.arithmetic import truncate

_SCALE = 6


def render_downloads(source: GeneratorSource, plane: GridPlane) -> None:
    """Render the downloads, and the upload of a picture that was saved before.

    Call it outside of fragments that rerun during training or when a slider moves: a click on a
    download button is lost if its fragment is rendered again at that moment.
    """
    selected = selection.get_current(source.latent_dim)  # Its z is read when a file is made.
    # The name has no seed, because a slider can move z without rendering the buttons again.
    file_stem = f"latent-grid-{source.run.name}"

    def make_png() -> bytes:
        z = selected.z
        pixels, step = source.generate(plane.sample(z))
        recipe = make_recipe(source, step, plane, z, selected.chosen_seed)
        return encode_png(tile(pixels, plane.size, plane.size, scale=_SCALE), recipe.model_dump())

    def make_single_png() -> bytes:
        z = selected.z
        pixels, step = source.generate(truncate(z[np.newaxis], plane.psi))
        recipe = make_recipe(source, step, plane, z, selected.chosen_seed)
        return encode_png(tile(pixels, 1, 1, scale=_SCALE), recipe.model_dump())

    def make_zip() -> bytes:
        z = selected.z
        batch = plane.sample(z)
        pixels, step = source.generate(batch)
        recipe = make_recipe(source, step, plane, z, selected.chosen_seed)
        classes = source.repeat_class(len(batch))
        names = source.run.config.class_names
        return pack_digits(
            pixels, batch, classes, names, recipe=recipe.model_dump(), noun=source.noun
        )

    with st.container(horizontal=True):
        st.download_button(
            "Download PNG",
            make_png,
            file_name=f"{file_stem}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="latent-png",
            help="The whole grid as one picture, with its recipe inside.",
        )
        st.download_button(
            f"Download this {source.noun}",
            make_single_png,
            file_name=f"{source.noun}-{source.run.name}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="latent-single-png",
            help=f"Only the selected {source.noun}, as a PNG with its recipe inside.",
        )
        st.download_button(
            "Download ZIP",
            make_zip,
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

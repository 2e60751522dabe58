"""Links and pictures that restore the Explore page from which they were made."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

import numpy as np
import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import replace_address
from dashboard.components.plain_text import escape_markdown
from dashboard.generators.generator_source import GeneratorSource
from dashboard.process.storage_limits import MAX_SMALL_UPLOAD_MB
from dashboard.recipes import class_choice, plane_axes, recipe_links
from dashboard.recipes.recipes import (
    MAX_SHEET_PICTURES,
    GridRecipe,
    Recipe,
    SheetRecipe,
    read_picture_recipe,
)
from dashboard.state.trainer import Trainer
from dashboard.tab import explore_request, selection
from dashboard.tab.explore_request import request_class, request_generator
from dcgan.config.named_datasets import get_picture_noun
from dcgan.errors import DCGANError
from dcgan.latent.arithmetic import make_plane_grid
from dcgan.runs.run_folder import Run

# Keys of the session.
_OPENED = "recipe_opened"  # A recipe that the next run of the whole script shows.
_ADDRESS_READ = "address_read"
_KEPT_PARAMETERS = "address_kept_parameters"  # The address before the server restarted.
_NUM_UPLOADS = "recipe_num_uploads"


def open_at_next_run(recipe: Recipe) -> None:
    """Show a recipe in the next run of the whole script."""
    st.session_state[_OPENED] = recipe


def write_address(recipe: GridRecipe, *, is_live: bool) -> None:
    """Make the page's address a link to a recipe; without the step while the run trains."""
    parameters = recipe_links.encode(recipe, is_live=is_live)
    earlier_address = replace_address(urlencode(parameters), key="address")
    if earlier_address is not None:
        st.session_state[_KEPT_PARAMETERS] = dict(parse_qsl(earlier_address.removeprefix("?")))
        st.rerun()


def restore(trainer: Trainer) -> None:
    """Set the page's choices to an opened recipe, or to the page's address in a new tab.

    Call it before the choices are rendered. A toast shows what could not be restored.
    """
    recipe: Recipe | None = st.session_state.pop(_OPENED, None)
    parameters: dict[str, str] = st.session_state.pop(_KEPT_PARAMETERS, {})
    if _ADDRESS_READ not in st.session_state:
        parameters = parameters or st.query_params.to_dict()
    st.session_state[_ADDRESS_READ] = True
    if recipe is None and "run" not in parameters:
        return
    runs = {run.name: run for run in permissions.list_runs(trainer.root)[0]}
    messages = []
    if recipe is None:
        run = runs.get(parameters["run"])
        if run is None:
            messages.append(
                f"The run {parameters['run'][:80]} of this link is not here; import it on the "
                "Runs page."
            )
        else:
            recipe, invalid = recipe_links.decode(parameters, run)
            if invalid:
                messages.append(
                    f"This link has invalid values ({', '.join(invalid)}), which were ignored."
                )
    if recipe is not None:
        messages += _apply_recipe(recipe, runs, trainer)
    if messages:
        st.toast(escape_markdown(" ".join(messages)), icon=":material/info:", duration="long")


def _apply_recipe(recipe: Recipe, runs: Mapping[str, Run], trainer: Trainer) -> list[str]:
    """Set the page's choices; return messages, such as what could not be restored."""
    run = _find_run(recipe, runs)
    if run is None:
        return [
            f"The run {recipe.run} is not here; import it on the Runs page, then open this again."
        ]
    latent_dim = run.config.latent_dim
    if isinstance(recipe, GridRecipe) and len(recipe.z) != latent_dim:
        return [
            f"This link or picture has a z of {len(recipe.z)} numbers, but "
            f"{run.read_title()} takes {latent_dim}."
        ]
    messages = []
    step = request_generator(run, recipe.step, "a picture or link")
    if step != recipe.step:
        messages.append(
            f"{run.read_title()} has no checkpoint of step {recipe.step:,}; this is the "
            f"nearest, step {step:,}."
        )
    class_name = recipe.class_name
    if isinstance(recipe, SheetRecipe) and recipe.classes:
        class_name = recipe.classes[0]
        if len(set(recipe.classes)) > 1:
            messages.append(
                f"Its classes take turns; here all {get_picture_noun(run.config.dataset)}s have "
                f"the first class, {class_name}."
            )
    if class_name:
        request_class(class_name)
        if class_name not in run.config.class_names:
            messages.append(f"This run does not know the class {class_name}.")
    if isinstance(recipe, SheetRecipe):
        return messages + _apply_sheet(recipe, run)
    trainer_of_run = trainer if step is None else None
    class_id = class_choice.get_class_id(run)
    return messages + _apply_grid(recipe, GeneratorSource(run, step, trainer_of_run, class_id))


def _find_run(recipe: Recipe, runs: Mapping[str, Run]) -> Run | None:
    """Find a recipe's run, which may have another name here."""
    if not recipe.created:
        return runs.get(recipe.run)
    same_runs = [run for run in runs.values() if run.created == recipe.created]
    return next(
        (run for run in same_runs if run.name == recipe.run), same_runs[0] if same_runs else None
    )


def _apply_sheet(recipe: SheetRecipe, run: Run) -> list[str]:
    noun = get_picture_noun(run.config.dataset)
    tool = explore_request.name_sheet_tool(noun)
    st.session_state[explore_request.TOOL] = tool
    st.session_state[explore_request.SHEET_SEED] = recipe.seed
    st.session_state[explore_request.SHEET_PSI] = recipe.truncation
    is_sample_grid = recipe.kind == "samples"
    st.session_state[explore_request.SHEET_ALL_CLASSES] = run.config.num_classes > 0 and (
        recipe.all_classes or is_sample_grid
    )
    st.session_state[explore_request.SHEET_COUNT] = min(recipe.count, MAX_SHEET_PICTURES)
    messages = [f"Its {noun}s are shown under {tool}."]
    if recipe.count > MAX_SHEET_PICTURES:
        messages.append(f"They are the first {MAX_SHEET_PICTURES:,} of {recipe.count:,}.")
    return messages


def _apply_grid(recipe: GridRecipe, source: GeneratorSource) -> list[str]:
    messages = []
    z = np.array(recipe.z)
    seed = selection.confirm_seed(z, recipe.seed)
    origin = "a picture or link" if seed is None else f"seed {seed}"
    for key, name, vector in (
        (plane_axes.GRID_DOWN, recipe.row_direction, recipe.row_vector),
        (plane_axes.GRID_ACROSS, recipe.column_direction, recipe.column_vector),
    ):
        plane_axes.request_axis(
            source, key, name, None if vector is None else np.array(vector, np.float32)
        )
        if vector is None and not plane_axes.may_become_available(source, name):
            messages.append(f"The direction {name[:80]} is not known here.")
    index, vectors = recipe.picture_index, (recipe.row_vector, recipe.column_vector)
    if index is not None and all(vector and len(vector) == len(z) for vector in vectors):
        row_vector, column_vector = (np.array(vector) for vector in vectors)
        grid = make_plane_grid(
            z, row_vector, column_vector, recipe.rows, recipe.columns, recipe.plane_step
        )
        z, origin, seed = grid[index], "a picture", None
    selection.select_z(z, origin, seed)
    st.session_state[explore_request.PSI] = recipe.truncation
    st.session_state[explore_request.PLANE_SIZE] = recipe.rows
    st.session_state[explore_request.PLANE_STEP] = recipe.plane_step
    return messages


def render_upload() -> None:
    """Render the upload of a picture to open; operators only."""
    if not permissions.may_operate():
        return
    num_uploads = st.session_state.get(_NUM_UPLOADS, 0)
    file = st.file_uploader(
        "Open a picture",
        "png",
        key=f"view-upload-{num_uploads}",
        max_upload_size=MAX_SMALL_UPLOAD_MB,
        help="A PNG that was saved here. The page then shows what the picture shows, on any "
        "computer that has the run. It can be a grid, one picture of it, a sheet, or a sample "
        "grid of the Train page.",
    )
    if file is None:
        return
    try:
        recipe = read_picture_recipe(file.getvalue())
    except DCGANError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    open_at_next_run(recipe)
    st.session_state[_NUM_UPLOADS] = num_uploads + 1
    st.rerun()

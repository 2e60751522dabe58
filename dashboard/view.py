"""What Explore shows, in the forms in which it travels: a picture's recipe and the page's address.

Both come from anybody, so both are checked before anything of them is taken.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlencode

import numpy as np
import streamlit as st
from pydantic import BaseModel, Field, ValidationError

from dashboard import chosen_z, live, plane
from dashboard.plain_text import literal
from dashboard.trainer import Trainer
from dcgan.config import MAX_SEED
from dcgan.errors import DCGANError, RunError
from dcgan.imaging import read_recipe
from dcgan.latent import FURTHEST, MAX_PSI
from dcgan.runs import Run
from dcgan.shelf import list_runs

GRID_SIZES = (3, 5, 7, 9, 11)
STRIDES = (0.1, 4.0)  # The least and the most from one digit of the grid to the next.

_WAITING = "view_waiting"  # To be shown when the page is drawn from its top.
_LINK_READ = "view_link_read"

_Number = Annotated[float, Field(ge=-FURTHEST, le=FURTHEST, allow_inf_nan=False)]
_Vector = Annotated[tuple[_Number, ...], Field(min_length=1, max_length=1024)]
_Text = Annotated[str, Field(max_length=300)]


class View(BaseModel, frozen=True):
    """A latent grid and all that makes it; the fields are the words of a recipe.

    Attributes:
        kind: Tells a recipe of this view from others.
        run, created: Whose generator: the folder's name, and the time at which the run began,
            which it keeps under another name and on another machine. The latter may be missing.
        step: Of the generator; None for the newest.
        seed, z: The seed in sight, and what the sliders have made of its z.
        truncation: psi.
        rows, columns: Digits of the grid.
        row_direction, column_direction: What they step along, by name.
        row_vector, column_vector: Those as they were; a name may mean another vector elsewhere.
        plane_step: From one digit to the next.
    """

    kind: Literal["latent grid"] = "latent grid"
    run: _Text
    created: _Text = ""
    step: Annotated[int, Field(ge=0, le=2**53)] | None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)]
    z: _Vector
    truncation: Annotated[float, Field(ge=0, le=MAX_PSI)] = 1.0
    rows: Literal[3, 5, 7, 9, 11] = 5
    columns: Literal[3, 5, 7, 9, 11] = 5
    row_direction: _Text = plane.RANDOM[0]
    column_direction: _Text = plane.RANDOM[1]
    row_vector: _Vector | None = None
    column_vector: _Vector | None = None
    plane_step: Annotated[float, Field(ge=STRIDES[0], le=STRIDES[1])] = 2.0


def read_picture(png: bytes) -> View:
    """Read a view out of a picture's recipe.

    Raises:
        DCGANError: If it is no picture of this page; says what it is.
    """
    recipe = read_recipe(png)
    if recipe.get("kind") != "latent grid":
        kind = str(recipe.get("kind", "no kind"))[:40]
        raise RunError(
            f"this picture is of the kind {kind!r}; only a latent grid, saved on this page, can be "
            "opened here."
        )
    try:
        return View.model_validate(recipe)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise RunError(f"this picture's recipe is not whole ({where}: {first['msg']}).") from None


def write_address(view: View, *, is_live: bool) -> None:
    """Let the page's address stand for a view; of a run in training without the step."""
    words = {
        "run": view.run,
        "seed": str(view.seed),
        "psi": f"{view.truncation:g}",
        "size": str(view.rows),
        "stride": f"{view.plane_step:g}",
        "rows": view.row_direction,
        "columns": view.column_direction,
    }
    if not is_live:
        words["step"] = str(view.step)
    z = np.array(view.z, "<f4")
    if not np.array_equal(z, chosen_z.of_seed(view.seed, len(z))):
        words["z"] = base64.urlsafe_b64encode(z.tobytes()).decode().rstrip("=")
    live.address(urlencode(words), key="address")


def read_address(words: Mapping[str, str], runs: Mapping[str, Run]) -> View | None:
    """Read a view out of the address's words; None where they are none of ours.

    Args:
        words: By name, from anybody.
        runs: Those on the shelf, by name: without a z, the seed's is as long as the run's.
    """
    run = runs.get(words.get("run", ""))
    if run is None:
        return None
    found: dict[str, object] = {"run": run.name, "created": run.created, "step": None}
    renamed = {
        "step": "step",
        "seed": "seed",
        "psi": "truncation",
        "stride": "plane_step",
        "rows": "row_direction",
        "columns": "column_direction",
    }
    found |= {renamed[name]: word for name, word in words.items() if name in renamed}
    try:
        if "size" in words:
            found["rows"] = found["columns"] = int(words["size"])
        if "z" in words:
            packed = base64.b64decode(words["z"] + "=" * (-len(words["z"]) % 4), "-_", True)
            found["z"] = np.frombuffer(packed, "<f4").tolist()
        else:
            seed = int(words.get("seed", ""))
            found["z"] = chosen_z.of_seed(seed, run.config.latent_dim).tolist()
        return View.model_validate(found)
    except (ValueError, binascii.Error):  # A ValidationError is one, too.
        return None


# On the page.


def wait_with(view: View) -> None:
    """Show a view when the page is drawn from its top the next time."""
    st.session_state[_WAITING] = view


def take_over(trainer: Trainer) -> None:
    """Bring the page's choices to the view that waits, or at first to the address's.

    To be called before any of them is drawn. What is not as it was is told.
    """
    view: View | None = st.session_state.pop(_WAITING, None)
    runs = {run.name: run for run in list_runs(trainer.root)[0]}
    if view is None and _LINK_READ not in st.session_state and "run" in st.query_params:
        view = read_address(st.query_params.to_dict(), runs)
        if view is None:
            st.toast("This link is not whole, or its run is not here.", icon=":material/link_off:")
    st.session_state[_LINK_READ] = True
    if view is None:
        return
    problem = _apply(view, runs)
    if problem:
        st.toast(literal(problem), icon=":material/info:", duration="long")


def _apply(view: View, runs: Mapping[str, Run]) -> str:
    """Set the page's choices; return what is not as it was, in a sentence, or nothing."""
    alike = [run for run in runs.values() if view.created and run.created == view.created]
    run = next((run for run in alike if run.name == view.run), None)
    run = run or (alike[0] if alike else None if view.created else runs.get(view.run))
    if run is None:
        return f"The run {view.run} is not here; import it on the Runs page, then open this again."
    if len(view.z) != run.config.latent_dim:
        return f"Its z has {len(view.z)} numbers, and that of {run.name} {run.config.latent_dim}."
    steps, problem = run.checkpoints(), ""
    step = view.step
    if step is not None and step not in steps and steps:
        step = min(steps, key=lambda kept: abs(kept - (view.step or 0)))
        problem = (
            f"{run.title} keeps no checkpoint of step {view.step:,}; this is its nearest, step "
            f"{step:,}."
        )
    st.session_state["explore_run"] = run.name
    if step is not None:
        for is_live in (False, True):
            st.session_state[f"source_step_{run.name}_{is_live}"] = step
    st.session_state["latent_seed"] = view.seed
    own = chosen_z.of_seed(view.seed, len(view.z))
    is_own = np.array_equal(own, np.array(view.z, np.float32))
    chosen_z.choose(np.array(view.z), f"seed {view.seed}" if is_own else "a picture or link")
    st.session_state["psi"] = view.truncation
    st.session_state["plane_size"] = view.rows
    st.session_state["plane_step"] = view.plane_step
    for key, name, vector in (
        ("row_direction", view.row_direction, view.row_vector),
        ("column_direction", view.column_direction, view.column_vector),
    ):
        if vector is not None and len(vector) == run.config.latent_dim:
            name = plane.keep(name, np.array(vector, np.float32))
        st.session_state[key] = name
    return problem


def draw_opening() -> None:
    """Draw the upload of a picture whose view is to be shown again."""
    number = st.session_state.get("view_uploads", 0)
    with st.popover("Open a picture", icon=":material/image_search:"):
        file = st.file_uploader(
            "A PNG that was saved here",
            "png",
            key=f"view-upload-{number}",
            max_upload_size=16,
            help="Each picture carries its recipe; the page goes back to exactly what it shows, "
            "also on another machine that has the run.",
        )
        if file is None:
            return
        try:
            view = read_picture(file.getvalue())
        except DCGANError as error:
            st.error(literal(str(error)), icon=":material/error:")
            return
    wait_with(view)
    st.session_state["view_uploads"] = number + 1
    st.rerun()

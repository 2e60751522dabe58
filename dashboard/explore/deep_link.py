"""What Explore shows, in the forms in which it travels: a picture's recipe and the page's address.

Both come from anybody, so both are checked before anything of them is taken.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode

import numpy as np
import streamlit as st
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from dashboard.components.address import replace_address
from dashboard.components.plain_text import literal
from dashboard.explore import plane_axes
from dashboard.server import access
from dashboard.shared import selection
from dashboard.state.generator_source import GeneratorSource
from dashboard.state.trainer import Trainer
from dcgan.config import MAX_SEED
from dcgan.errors import DCGANError, RunError
from dcgan.images.png_recipe import read_recipe
from dcgan.latent.arithmetic import MAX_PSI, plane_grid
from dcgan.latent.sampling import HARD_MAX_ENTRY
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run

GRID_SIZES = (3, 5, 7, 9, 11)
STRIDES = (0.1, 4.0)  # The least and the most from one digit of the grid to the next.
MAX_SHEET = 5000  # Digits.

_WAITING = "view_waiting"  # To be shown when the page is drawn from its top.
_LINK_READ = "view_link_read"
_SESSION = "view_session"
_KEPT_WORDS = "view_kept_words"  # Of the address, from before the server was started anew.

_Number = Annotated[float, Field(ge=-HARD_MAX_ENTRY, le=HARD_MAX_ENTRY, allow_inf_nan=False)]
_Vector = Annotated[tuple[_Number, ...], Field(min_length=1, max_length=1024)]
_Text = Annotated[str, Field(max_length=300)]
_Name = Annotated[str, Field(min_length=1, max_length=300)]
_Step = Annotated[int, Field(ge=0, le=2**53)]
_Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
_Psi = Annotated[float, Field(ge=0, le=MAX_PSI)]


class View(BaseModel, frozen=True):
    """A latent grid and all that makes it; the fields are the words of a recipe.

    Attributes:
        kind: Tells a recipe of this view from others.
        run, created: Whose generator: the folder's name, and the time at which the run began,
            which it keeps under another name and on another machine. The latter may be missing.
        step: Of the generator; None for the newest.
        seed, z: The z in the middle, and the seed whose z it is, if any. Recipes and links of
            earlier versions may name a seed whose z was moved.
        truncation: psi.
        rows, columns: Digits of the grid.
        row_direction, column_direction: What they step along, by name.
        row_vector, column_vector: Those as they were; a name may mean another vector elsewhere.
        plane_step: From one digit to the next.
        row: Which of the grid's digits the picture shows, counted row by row; None for all.
    """

    kind: Literal["latent grid"] = "latent grid"
    run: _Text
    created: _Text = ""
    step: _Step | None
    seed: _Seed | None
    z: _Vector
    truncation: _Psi = 1.0
    rows: Literal[3, 5, 7, 9, 11] = 5
    columns: Literal[3, 5, 7, 9, 11] = 5
    row_direction: _Name = plane_axes.RANDOM[0]
    column_direction: _Name = plane_axes.RANDOM[1]
    row_vector: _Vector | None = None
    column_vector: _Vector | None = None
    plane_step: Annotated[float, Field(ge=STRIDES[0], le=STRIDES[1])] = 2.0
    row: Annotated[int, Field(ge=0, lt=GRID_SIZES[-1] ** 2)] | None = None


class Sheet(BaseModel, frozen=True):
    """Many digits of one seed: a sheet, a run's sample grid, or a grid of the command line.

    Attributes:
        kind: Which of them.
        run, created, step: As of `View`.
        seed, count: The digits are `sample_latent(seed, count, latent_dim)`.
        truncation: psi.
    """

    kind: Literal["sheet", "samples", "grid"]
    run: _Text
    created: _Text = ""
    step: _Step | None
    seed: _Seed
    count: Annotated[int, Field(ge=1, le=10**6)] = 64
    truncation: _Psi = 1.0


_ANY_VIEW: TypeAdapter[View | Sheet] = TypeAdapter(
    Annotated[View | Sheet, Field(discriminator="kind")]
)
_NAMES = {"latent grid": "a latent grid", "sheet": "a sheet", "samples": "a sample grid"}


def read_picture(png: bytes) -> View | Sheet:
    """Read a view out of a picture's recipe.

    Raises:
        DCGANError: If it is no picture of this program; says what it is.
    """
    recipe = read_recipe(png)
    try:
        return _ANY_VIEW.validate_python(recipe)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"].startswith("union_tag"):
            kind = str(recipe.get("kind", "no kind"))[:40]
            raise RunError(
                f"This picture is of the kind {kind!r}; {', '.join(_NAMES.values())} and a grid of "
                "the command line can be opened here."
            ) from None
        where = ".".join(map(str, first["loc"][1:]))
        raise RunError(f"This picture's recipe is not whole ({where}: {first['msg']}).") from None


def write_address(view: View, *, is_live: bool) -> None:
    """Let the page's address stand for a view; of a run in training without the step."""
    words = {
        "run": view.run,
        "psi": f"{view.truncation:g}",
        "size": str(view.rows),
        "stride": f"{view.plane_step:g}",
        "rows": view.row_direction,
        "columns": view.column_direction,
    }
    for word, name, vector in (
        ("rows_along", view.row_direction, view.row_vector),
        ("columns_along", view.column_direction, view.column_vector),
    ):
        if vector is not None and not plane_axes.is_everywhere(name):
            words[word] = _pack(vector)
    if not is_live:
        words["step"] = str(view.step)
    if view.seed is None:
        words["z"] = _pack(view.z)
    else:
        words["seed"] = str(view.seed)
    session = st.session_state.setdefault(_SESSION, uuid.uuid4().hex)
    kept = replace_address(urlencode(words), session=session, key="address")
    if kept is not None:
        st.session_state[_KEPT_WORDS] = dict(parse_qsl(kept.removeprefix("?")))
        st.rerun()


# The address's words for the fields of a view that are written as they are, and as vectors.
_WORDS = {
    "step": "step",
    "seed": "seed",
    "psi": "truncation",
    "stride": "plane_step",
    "rows": "row_direction",
    "columns": "column_direction",
}
_VECTORS = {"z": "z", "rows_along": "row_vector", "columns_along": "column_vector"}
_SIZE = "size"


def read_address(words: Mapping[str, str], run: Run) -> tuple[View, list[str]]:
    """Read a view out of the address's words.

    Args:
        words: By name, from anybody.
        run: Which they name; without a z, the seed's is as long as the run's.

    Returns:
        The view, and those of the words that mean nothing and were passed over.
    """
    fields: dict[str, object] = {}
    wrong = []
    for word, text in words.items():
        if word in _WORDS:
            fields[_WORDS[word]] = text
        elif word in _VECTORS or word == _SIZE:
            try:
                if word == _SIZE:
                    fields["rows"] = fields["columns"] = int(text)
                else:
                    fields[_VECTORS[word]] = _unpack(text)
            except ValueError:  # A binascii.Error is one, too.
                wrong.append(word)
    for word, field in _VECTORS.items():  # That of z is told where it is taken over.
        vector = fields.get(field)
        if field != "z" and isinstance(vector, list) and len(vector) != run.config.latent_dim:
            del fields[field]
            wrong.append(word)
    names = {field: word for word, field in (_WORDS | _VECTORS).items()} | {"rows": _SIZE}
    names["columns"] = _SIZE
    while True:
        # What a link need not have: it is of the seed, and of the run as it is now.
        fixed: dict[str, object] = {"run": run.name, "created": run.created}
        fixed |= {"step": None, "seed": None} | fields
        try:
            if "z" not in fields:
                fixed["z"] = (0.0,)
                named = View.model_validate(fixed).seed
                seed = selection.FIRST_SEED if named is None else named
                fixed |= {
                    "seed": seed,
                    "z": selection.of_seed(seed, run.config.latent_dim).tolist(),
                }
            return View.model_validate(fixed), wrong
        except ValidationError as error:
            for field in {str(problem["loc"][0]) for problem in error.errors()}:
                del fields[field]
                wrong.append(names[field])
            wrong = sorted(set(wrong))


def _pack(vector: tuple[float, ...]) -> str:
    return base64.urlsafe_b64encode(np.array(vector, "<f4").tobytes()).decode().rstrip("=")


def _unpack(text: str) -> list[float]:
    packed = base64.b64decode(text + "=" * (-len(text) % 4), "-_", validate=True)
    values: list[float] = np.frombuffer(packed, "<f4").tolist()
    return values


# On the page.


def wait_with(view: View | Sheet) -> None:
    """Show a view when the page is drawn from its top the next time."""
    st.session_state[_WAITING] = view


def take_over(trainer: Trainer) -> None:
    """Bring the page's choices to the view that waits, or at first to the address's.

    To be called before any of them is drawn. What is not as it was is told.
    """
    view: View | Sheet | None = st.session_state.pop(_WAITING, None)
    words: dict[str, str] = st.session_state.pop(_KEPT_WORDS, {})
    if _LINK_READ not in st.session_state:
        words = words or st.query_params.to_dict()
    st.session_state[_LINK_READ] = True
    if view is None and "run" not in words:
        return
    runs = {run.name: run for run in list_runs(trainer.root)[0]}
    problems = []
    if view is None:
        run = runs.get(words["run"])
        if run is None:
            problems.append(f"The run {words['run'][:80]} of this link is not here.")
        else:
            view, wrong = read_address(words, run)
            if wrong:
                problems.append(f"What this link says of {', '.join(wrong)} cannot be read.")
    if view is not None:
        problems += _apply(view, runs, trainer)
    if problems:
        st.toast(literal(" ".join(problems)), icon=":material/info:", duration="long")


def _apply(view: View | Sheet, runs: Mapping[str, Run], trainer: Trainer) -> list[str]:
    """Set the page's choices; return what is not as it was, in sentences."""
    alike = [run for run in runs.values() if view.created and run.created == view.created]
    run = next((run for run in alike if run.name == view.run), None)
    run = run or (alike[0] if alike else None if view.created else runs.get(view.run))
    if run is None:
        return [
            f"The run {view.run} is not here; import it on the Runs page, then open this again."
        ]
    latent_dim = run.config.latent_dim
    if isinstance(view, View) and len(view.z) != latent_dim:
        return [
            f"What you open has a z of {len(view.z)} numbers, and {run.name} takes {latent_dim}."
        ]
    steps, problems = run.checkpoints.list_steps(), []
    step = view.step
    if step is not None and step not in steps and steps:
        step = min(steps, key=lambda kept: abs(kept - (view.step or 0)))
        problems.append(
            f"{run.read_label().title} keeps no checkpoint of step {view.step:,}; this is its "
            f"nearest, step {step:,}."
        )
    st.session_state["explore_run"] = run.name
    if step is not None:
        for is_live in (False, True):
            st.session_state[f"source_step_{run.name}_{is_live}"] = step
    if isinstance(view, Sheet):
        return problems + _apply_sheet(view)
    return problems + _apply_grid(
        view, GeneratorSource(run, step, trainer if step is None else None)
    )


def _apply_sheet(view: Sheet) -> list[str]:
    st.session_state["sheet_seed"] = view.seed
    st.session_state["sheet_psi"] = view.truncation
    st.session_state["sheet_count"] = min(view.count, MAX_SHEET)
    words = ["Its digits are at the end of this page, under Many digits at once."]
    if view.count > MAX_SHEET:
        words.append(f"They are the first {MAX_SHEET:,} of {view.count:,}.")
    return words


def _apply_grid(view: View, source: GeneratorSource) -> list[str]:
    problems = []
    st.session_state["latent_seed"] = view.seed
    z = np.array(view.z)
    seed = selection.seed_of(z, view.seed)
    origin = "a picture or link" if seed is None else f"seed {seed}"
    for key, name, vector in (
        ("row_direction", view.row_direction, view.row_vector),
        ("column_direction", view.column_direction, view.column_vector),
    ):
        plane_axes.want(source, key, name, None if vector is None else np.array(vector, np.float32))
        if vector is None and not plane_axes.may_come(source, name):
            problems.append(f"The direction {name[:80]} is not known here.")
    vectors = (view.row_vector, view.column_vector)
    if view.row is not None and all(vector and len(vector) == len(z) for vector in vectors):
        rows, columns = (np.array(vector) for vector in vectors)
        grid = plane_grid(z, rows, columns, view.rows, view.columns, view.plane_step)
        if view.row < len(grid):
            z, origin, seed = grid[view.row], "a picture", None
    selection.choose(z, origin, seed)
    st.session_state["psi"] = view.truncation
    st.session_state["plane_size"] = view.rows
    st.session_state["plane_step"] = view.plane_step
    return problems


def render_opening() -> None:
    """Draw the upload of a picture whose view is to be shown again; not for watchers."""
    if not access.may_operate():
        return
    number = st.session_state.get("view_uploads", 0)
    with st.popover("Open a picture", icon=":material/image_search:"):
        file = st.file_uploader(
            "A PNG that was saved here",
            "png",
            key=f"view-upload-{number}",
            max_upload_size=16,
            help="Each picture carries its recipe: the page goes back to exactly what it shows, "
            "also on another machine that has the run. Latent grids and single digits of them, "
            "sheets, and sample grids of the Train page.",
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

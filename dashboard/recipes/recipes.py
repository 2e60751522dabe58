"""Recipes: the values from which Explore restores what it showed.

A picture carries its recipe as metadata, and a link carries one in its address. Both may come from
anybody, so every field has bounds.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, model_validator

from dashboard.recipes import plane_axes
from dcgan.config.settings import MAX_SEED
from dcgan.errors import RunError
from dcgan.images.png_recipe import read_recipe
from dcgan.latent.arithmetic import MAX_PSI
from dcgan.latent.sampling import HARD_MAX_ENTRY

_GridSize = Literal[3, 5, 7, 9, 11]
GRID_SIZES: tuple[int, ...] = get_args(_GridSize)
PLANE_STEP_BOUNDS = (0.1, 4.0)  # Of the distance in z from one picture of a grid to the next.
MAX_SHEET_PICTURES = 5000

_Number = Annotated[float, Field(ge=-HARD_MAX_ENTRY, le=HARD_MAX_ENTRY, allow_inf_nan=False)]
_Vector = Annotated[tuple[_Number, ...], Field(min_length=1, max_length=1024)]
_Text = Annotated[str, Field(max_length=300)]
_Name = Annotated[str, Field(min_length=1, max_length=300)]
_ClassName = Annotated[str, Field(max_length=100)]
_Step = Annotated[int, Field(ge=0, le=2**53)]
_Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
_Psi = Annotated[float, Field(ge=0, le=MAX_PSI)]


class GridRecipe(BaseModel, frozen=True, serialize_by_alias=True):
    """A latent grid: pictures on a plane around one z.

    Attributes:
        kind: Identifies the recipe.
        run, created: Folder name of the run, and its start time, which stays the same if the folder
            is renamed or copied to another machine; may be empty.
        step: Step of the generator; None for the newest.
        seed: The seed that gives z; None if no seed does. Earlier versions kept the seed when a
            slider changed z, so the two may not fit.
        z: The z in the middle.
        class_name: The class that is drawn; "" if the run knows no classes.
        truncation: psi.
        rows, columns: Size of the grid in pictures.
        row_direction, column_direction: Names of the directions of the plane.
        row_vector, column_vector: Vectors of these directions, because another generator may have
            other vectors for the same names.
        plane_step: Distance in z from one picture to the next.
        picture_index: If the file shows one picture of the grid, its index, counted row by row;
            None if it shows all. Stored as "row".
    """

    kind: Literal["latent grid"] = "latent grid"
    run: _Text
    created: _Text = ""
    step: _Step | None
    seed: _Seed | None
    z: _Vector
    class_name: _ClassName = ""
    truncation: _Psi = 1.0
    rows: _GridSize = 5
    columns: _GridSize = 5
    row_direction: _Name = plane_axes.RANDOM_DIRECTIONS[0]
    column_direction: _Name = plane_axes.RANDOM_DIRECTIONS[1]
    row_vector: _Vector | None = None
    column_vector: _Vector | None = None
    plane_step: Annotated[float, Field(ge=PLANE_STEP_BOUNDS[0], le=PLANE_STEP_BOUNDS[1])] = 2.0
    picture_index: Annotated[int, Field(ge=0)] | None = Field(default=None, alias="row")

    @model_validator(mode="after")
    def _check_picture_index(self) -> Self:
        num_pictures = self.rows * self.columns
        if self.picture_index is not None and self.picture_index >= num_pictures:
            raise ValueError(f"row: got {self.picture_index}; expected below {num_pictures}")
        return self


class SheetRecipe(BaseModel, frozen=True):
    """Many pictures of one seed: a sheet, a run's sample grid, or a grid from the command line.

    Attributes:
        kind: Identifies the recipe.
        run, created: Folder name of the run, and its start time; may be empty.
        step: Step of the generator; None for the newest.
        seed, count: The latent batch is `sample_latent(seed, count, latent_dim)`.
        truncation: psi.
        class_name: The class that is drawn; "" for several, or if the run knows no classes.
        all_classes: Whether each z comes once for each class, as in a sample grid.
        classes: The classes of a grid from the command line, in turn; empty without classes.
    """

    kind: Literal["sheet", "samples", "grid"]
    run: _Text
    created: _Text = ""
    step: _Step | None
    seed: _Seed
    count: Annotated[int, Field(ge=1, le=10**6)] = 64
    truncation: _Psi = 1.0
    class_name: _ClassName = ""
    all_classes: bool = False
    classes: Annotated[tuple[_ClassName, ...], Field(max_length=100)] = ()


Recipe = GridRecipe | SheetRecipe
_ANY_RECIPE: TypeAdapter[Recipe] = TypeAdapter(Annotated[Recipe, Field(discriminator="kind")])


def read_picture_recipe(png: bytes) -> Recipe:
    """Read the recipe in the metadata of a picture.

    Raises:
        DCGANError: If the file is not a PNG, or has no recipe that Explore can show.
    """
    recipe = read_recipe(png)
    try:
        return _ANY_RECIPE.validate_python(recipe)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"].startswith("union_tag"):
            kind = str(recipe.get("kind", "no kind"))[:40]
            raise RunError(
                f"This picture is of the kind {kind!r}; only a latent grid, a sheet, a sample grid "
                "or a grid from the command line can be opened here."
            ) from None
        field = ".".join(map(str, first["loc"][1:]))  # Empty if fields do not fit each other.
        problem = f"{field}: {first['msg']}" if field else first["msg"]
        raise RunError(f"This picture's recipe is damaged ({problem}).") from None

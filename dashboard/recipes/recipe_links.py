"""The latent grid in the page's address: converts a recipe to query parameters and back."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import numpy as np
from pydantic import ValidationError

from dashboard.recipes import plane_axes
from dashboard.recipes.recipes import GridRecipe
from dashboard.tab import selection
from dcgan.runs.run_folder import Run

# Fields of a recipe by query parameter: plain values, and packed vectors.
_TEXT_FIELDS = {
    "step": "step",
    "seed": "seed",
    "class": "class_name",
    "psi": "truncation",
    "stride": "plane_step",
    "rows": "row_direction",
    "columns": "column_direction",
}
_VECTOR_FIELDS = {"z": "z", "rows_along": "row_vector", "columns_along": "column_vector"}
_SIZE_PARAMETER = "size"  # Parameter for both sides of the grid.
_PARAMETER_OF_FIELD = {
    field: parameter for parameter, field in (_TEXT_FIELDS | _VECTOR_FIELDS).items()
} | {
    "rows": _SIZE_PARAMETER,
    "columns": _SIZE_PARAMETER,
}


def encode(recipe: GridRecipe, *, is_live: bool) -> dict[str, str]:
    """Return the query parameters of a recipe; without the step while the run trains."""
    parameters = {
        "run": recipe.run,
        "psi": f"{recipe.truncation:g}",
        _SIZE_PARAMETER: str(recipe.rows),
        "stride": f"{recipe.plane_step:g}",
        "rows": recipe.row_direction,
        "columns": recipe.column_direction,
    }
    for parameter, name, vector in (
        ("rows_along", recipe.row_direction, recipe.row_vector),
        ("columns_along", recipe.column_direction, recipe.column_vector),
    ):
        if vector is not None and not plane_axes.is_same_for_all_generators(name):
            parameters[parameter] = _pack_vector(vector)
    if recipe.class_name:
        parameters["class"] = recipe.class_name
    if not is_live:
        parameters["step"] = str(recipe.step)
    if recipe.seed is None:
        parameters["z"] = _pack_vector(recipe.z)
    else:
        parameters["seed"] = str(recipe.seed)
    return parameters


def decode(parameters: Mapping[str, str], run: Run) -> tuple[GridRecipe, list[str]]:
    """Read a recipe from query parameters.

    Args:
        parameters: Untrusted values by parameter.
        run: The run in the address. Its latent_dim is the length of a seed's z.

    Returns:
        The recipe, and the parameters with invalid values, which were ignored.
    """
    fields, invalid = _parse(parameters, run.config.latent_dim)
    while True:
        try:
            return _complete_recipe(fields, run), invalid
        except ValidationError as error:
            for field in {str(problem["loc"][0]) for problem in error.errors()}:
                del fields[field]
                invalid.append(_PARAMETER_OF_FIELD[field])
            invalid = sorted(set(invalid))


def _parse(parameters: Mapping[str, str], latent_dim: int) -> tuple[dict[str, object], list[str]]:
    fields: dict[str, object] = {}
    invalid = []
    for parameter, text in parameters.items():
        try:
            if parameter in _TEXT_FIELDS:
                fields[_TEXT_FIELDS[parameter]] = text
            elif parameter == _SIZE_PARAMETER:
                fields["rows"] = fields["columns"] = int(text)
            elif parameter in _VECTOR_FIELDS:
                vector = _unpack_vector(text)
                # A z of another length is reported when the recipe is opened.
                if parameter != "z" and len(vector) != latent_dim:
                    raise ValueError
                fields[_VECTOR_FIELDS[parameter]] = vector
        except ValueError:  # binascii.Error is one too.
            invalid.append(parameter)
    return fields, invalid


def _complete_recipe(fields: dict[str, object], run: Run) -> GridRecipe:
    """Add the values that an address may lack: the run's name and start, and the z of the seed."""
    values: dict[str, object] = {"run": run.name, "created": run.created}
    values |= {"step": None, "seed": None} | fields
    if "z" not in fields:
        chosen_seed = GridRecipe.model_validate(values | {"z": (0.0,)}).seed
        seed = selection.FIRST_SEED if chosen_seed is None else chosen_seed
        values |= {"seed": seed, "z": selection.sample_z(seed, run.config.latent_dim).tolist()}
    return GridRecipe.model_validate(values)


def _pack_vector(vector: tuple[float, ...]) -> str:
    return base64.urlsafe_b64encode(np.array(vector, "<f4").tobytes()).decode().rstrip("=")


def _unpack_vector(text: str) -> list[float]:
    packed = base64.b64decode(text + "=" * (-len(text) % 4), "-_", validate=True)
    values: list[float] = np.frombuffer(packed, "<f4").tolist()
    return values

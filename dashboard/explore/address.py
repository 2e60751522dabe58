"""The latent grid in the page's address: a recipe as the words of a query, and back."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import numpy as np
from pydantic import ValidationError

from dashboard.explore import plane_axes
from dashboard.explore.recipes import GridRecipe
from dashboard.shared import selection
from dcgan.runs.run_folder import Run

# The words of an address for the fields of a recipe: written as they are, and packed vectors.
_TEXTS = {
    "step": "step",
    "seed": "seed",
    "psi": "truncation",
    "stride": "plane_step",
    "rows": "row_direction",
    "columns": "column_direction",
}
_VECTORS = {"z": "z", "rows_along": "row_vector", "columns_along": "column_vector"}
_SIZE = "size"  # Of both sides of the grid.
_WORD_OF_FIELD = {field: word for word, field in (_TEXTS | _VECTORS).items()} | {
    "rows": _SIZE,
    "columns": _SIZE,
}


def encode(recipe: GridRecipe, *, is_live: bool) -> dict[str, str]:
    """Return the words of an address; those of a run in training leave out the step."""
    words = {
        "run": recipe.run,
        "psi": f"{recipe.truncation:g}",
        _SIZE: str(recipe.rows),
        "stride": f"{recipe.plane_step:g}",
        "rows": recipe.row_direction,
        "columns": recipe.column_direction,
    }
    for word, name, vector in (
        ("rows_along", recipe.row_direction, recipe.row_vector),
        ("columns_along", recipe.column_direction, recipe.column_vector),
    ):
        if vector is not None and not plane_axes.is_everywhere(name):
            words[word] = _pack(vector)
    if not is_live:
        words["step"] = str(recipe.step)
    if recipe.seed is None:
        words["z"] = _pack(recipe.z)
    else:
        words["seed"] = str(recipe.seed)
    return words


def decode(words: Mapping[str, str], run: Run) -> tuple[GridRecipe, list[str]]:
    """Read the words of an address.

    Args:
        words: From anybody, by name.
        run: The run that they name; its latent_dim is the length of a seed's z.

    Returns:
        The recipe, and the words with invalid values, which were ignored.
    """
    fields, invalid = _parse(words, run.config.latent_dim)
    while True:
        try:
            return _complete(fields, run), invalid
        except ValidationError as error:
            for field in {str(problem["loc"][0]) for problem in error.errors()}:
                del fields[field]
                invalid.append(_WORD_OF_FIELD[field])
            invalid = sorted(set(invalid))


def _parse(words: Mapping[str, str], latent_dim: int) -> tuple[dict[str, object], list[str]]:
    fields: dict[str, object] = {}
    invalid = []
    for word, text in words.items():
        try:
            if word in _TEXTS:
                fields[_TEXTS[word]] = text
            elif word == _SIZE:
                fields["rows"] = fields["columns"] = int(text)
            elif word in _VECTORS:
                vector = _unpack(text)
                # A z of another length is reported when the recipe is opened.
                if word != "z" and len(vector) != latent_dim:
                    raise ValueError
                fields[_VECTORS[word]] = vector
        except ValueError:  # binascii.Error is one too.
            invalid.append(word)
    return fields, invalid


def _complete(fields: dict[str, object], run: Run) -> GridRecipe:
    """Fill in what an address may leave out: the run's own names, and the z of the seed."""
    given: dict[str, object] = {"run": run.name, "created": run.created}
    given |= {"step": None, "seed": None} | fields
    if "z" not in fields:
        named = GridRecipe.model_validate(given | {"z": (0.0,)}).seed
        seed = selection.FIRST_SEED if named is None else named
        given |= {"seed": seed, "z": selection.sample_z(seed, run.config.latent_dim).tolist()}
    return GridRecipe.model_validate(given)


def _pack(vector: tuple[float, ...]) -> str:
    return base64.urlsafe_b64encode(np.array(vector, "<f4").tobytes()).decode().rstrip("=")


def _unpack(text: str) -> list[float]:
    packed = base64.b64decode(text + "=" * (-len(text) % 4), "-_", validate=True)
    values: list[float] = np.frombuffer(packed, "<f4").tolist()
    return values

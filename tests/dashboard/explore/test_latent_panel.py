"""The recipe and the link of the latent grid."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qsl

import numpy as np
import pytest

from dashboard.explore import grid_files
from dashboard.explore.grid_plane import GridPlane
from dashboard.recipes import deep_link
from dashboard.recipes.recipes import GridRecipe
from dashboard.tab import selection

LATENT_DIM = 6
Z = selection.sample_z(3, LATENT_DIM).astype(np.float64) + 0.5


def make_recipe(z: np.ndarray, chosen_seed: int) -> GridRecipe:
    run = SimpleNamespace(name="first", created="2026-01-01T00:00:00+00:00")
    along = np.eye(LATENT_DIM)
    plane = GridPlane(5, 1.0, 1.0, "z 1", "z 2", along[0], along[1])
    source = SimpleNamespace(run=run, class_name="")
    return grid_files.make_recipe(source, 10, plane, z, chosen_seed)  # type: ignore[arg-type]


def test_a_recipe_and_a_link_name_the_seed_or_hold_a_moved_z(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    links: list[dict[str, str]] = []
    monkeypatch.setattr(
        deep_link, "replace_address", lambda search, **_: links.append(dict(parse_qsl(search)))
    )
    of_seed = make_recipe(selection.sample_z(7, LATENT_DIM).astype(np.float64), 7)
    assert of_seed.seed == 7
    moved = make_recipe(Z, 7)
    assert moved.seed is None
    for recipe in (of_seed, moved):
        deep_link.write_address(recipe, is_live=False)
    assert (links[0].get("seed"), "z" in links[0]) == ("7", False)
    assert (links[1].get("seed"), "z" in links[1]) == (None, True)

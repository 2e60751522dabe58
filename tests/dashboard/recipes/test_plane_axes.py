"""The axes of a plane: named as a link asks, and unchanged while they are shown."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import streamlit as st

from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.saved_generators import GeneratorIdentity
from dashboard.recipes.plane_axes import (
    GRID_ACROSS,
    GRID_DOWN,
    RANDOM_DIRECTIONS,
    has_just_been_named,
    list_directions,
    may_become_available,
    request_axis,
    settle_axis,
)
from dashboard.tab import selection

LATENT_DIM = 3
E1, E2, E3 = np.eye(LATENT_DIM, dtype=np.float32)

_RUN = SimpleNamespace(is_read_only=False)


def make_source(identity: str = "a run", latent_dim: int = LATENT_DIM) -> GeneratorSource:
    stub = SimpleNamespace(identity=identity, latent_dim=latent_dim, run=_RUN, class_id=None)
    return cast(GeneratorSource, stub)


SOURCE = make_source()


class Survey:
    """The surveys of the generators: what is known of their directions."""

    def __init__(self) -> None:
        self._findings: SimpleNamespace | None = None

    def find(self, **named: np.ndarray) -> None:
        directions = [SimpleNamespace(name=name, vector=vector) for name, vector in named.items()]
        self._findings = SimpleNamespace(named=directions, ganspace=(), sefa=())

    def forget(self) -> None:
        self._findings = None

    def get(self, source: GeneratorSource) -> SimpleNamespace | None:
        return self._findings


@pytest.fixture
def survey(monkeypatch: pytest.MonkeyPatch) -> Survey:
    """Return the survey of all generators, in a session that has shown nothing yet."""
    known = Survey()
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(findings_cache, "get_findings", known.get)
    return known


def check_axis(key: str, name: str, vector: np.ndarray, source: GeneratorSource = SOURCE) -> None:
    found, direction = settle_axis(source, key)
    assert found == name
    np.testing.assert_array_equal(direction, vector)


def test_before_a_survey_there_are_random_directions_and_the_axes_of_z(survey: Survey) -> None:
    directions = list_directions(SOURCE)
    assert list(directions) == [*RANDOM_DIRECTIONS, "z 1", "z 2", "z 3"]
    np.testing.assert_array_equal(directions["z 2"], E2)
    assert may_become_available(SOURCE, "Slant")
    survey.find(Thickness=E1)
    assert not may_become_available(SOURCE, "Slant")


def test_a_shown_axis_keeps_its_vector_through_later_surveys(survey: Survey) -> None:
    survey.find(Slant=E1)
    check_axis(GRID_ACROSS, "Slant", E1)
    survey.find(Slant=E2)
    check_axis(GRID_ACROSS, "Slant", E1)
    check_axis(GRID_ACROSS, "Slant", E2, make_source("another run"))


def test_a_direction_of_a_link_is_chosen_as_soon_as_it_is_known(survey: Survey) -> None:
    request_axis(SOURCE, GRID_DOWN, "Size", None)
    assert settle_axis(SOURCE, GRID_DOWN)[0] == RANDOM_DIRECTIONS[0]
    survey.find(Thickness=E1)
    check_axis(GRID_DOWN, "Thickness", E1)
    survey.find(Thickness=E1, Size=E2)
    check_axis(GRID_DOWN, "Size", E2)


def test_a_link_keeps_its_own_vector_beside_another_of_that_name(survey: Survey) -> None:
    survey.find(Slant=E1)
    request_axis(SOURCE, GRID_ACROSS, "Slant", E2)
    check_axis(GRID_ACROSS, "Slant, as shown", E2)
    np.testing.assert_array_equal(list_directions(SOURCE)["Slant"], E1)
    request_axis(SOURCE, GRID_DOWN, "Slant", E3)
    check_axis(GRID_DOWN, "Slant, as shown 2", E3)
    # Opened again, neither is kept twice.
    request_axis(SOURCE, GRID_ACROSS, "Slant, as shown", E2)
    assert [name for name in list_directions(SOURCE) if name.startswith("Slant")] == [
        "Slant",
        "Slant, as shown",
        "Slant, as shown 2",
    ]


def test_a_kept_vector_becomes_the_named_one_when_the_survey_finds_the_same(
    survey: Survey,
) -> None:
    request_axis(SOURCE, GRID_ACROSS, "Slant", E1)
    check_axis(GRID_ACROSS, "Slant, as shown", E1)
    survey.find(Slant=E1)
    check_axis(GRID_ACROSS, "Slant", E1)
    assert "Slant, as shown" not in list_directions(SOURCE)


def test_a_vector_of_another_length_is_not_offered(survey: Survey) -> None:
    survey.find(Slant=E1)
    request_axis(SOURCE, GRID_ACROSS, "Slant", np.ones(4, np.float32))
    check_axis(GRID_ACROSS, "Slant", E1)
    request_axis(SOURCE, GRID_ACROSS, "Slant", E2)
    assert "Slant, as shown" in list_directions(SOURCE)
    assert "Slant, as shown" not in list_directions(make_source("a larger run", 4))


def test_a_random_axis_stays_while_a_person_steers_and_gets_its_name_with_the_next_z(
    survey: Survey,
) -> None:
    check = [settle_axis(SOURCE, GRID_ACROSS)[0]]
    chosen = selection.get_current(LATENT_DIM)
    selection.move_z(chosen.z + 0.1, chosen.version)
    survey.find(Slant=E1)
    check.append(settle_axis(SOURCE, GRID_ACROSS)[0])
    selection.select_z(chosen.z, selection.FROM_PAD)
    check.append(settle_axis(SOURCE, GRID_ACROSS)[0])
    selection.select_seed(5, LATENT_DIM)
    check.append(settle_axis(SOURCE, GRID_ACROSS)[0])
    assert check == [RANDOM_DIRECTIONS[1]] * 3 + ["Slant"]


def test_names_that_replace_random_directions_are_new_until_another_z_is_chosen(
    survey: Survey,
) -> None:
    settle_axis(SOURCE, GRID_ACROSS)
    assert not has_just_been_named(SOURCE, GRID_ACROSS)
    survey.find(Slant=E1)
    settle_axis(SOURCE, GRID_ACROSS)
    assert has_just_been_named(SOURCE, GRID_ACROSS)
    selection.select_seed(5, LATENT_DIM)
    settle_axis(SOURCE, GRID_ACROSS)
    assert not has_just_been_named(SOURCE, GRID_ACROSS)


def test_another_class_keeps_the_directions_until_its_own_are_found(survey: Survey) -> None:
    def choose_class(class_id: int) -> GeneratorSource:
        identity = GeneratorIdentity(Path("a run"), "today", None, 0, class_id)
        stub = SimpleNamespace(
            identity=identity, latent_dim=LATENT_DIM, run=_RUN, class_id=class_id
        )
        return cast(GeneratorSource, stub)

    survey.find(Slant=E1)
    check_axis(GRID_ACROSS, "Slant", E1, choose_class(3))
    survey.forget()
    check_axis(GRID_ACROSS, "Slant", E1, choose_class(8))
    survey.find(Slant=E2)
    check_axis(GRID_ACROSS, "Slant", E2, choose_class(8))
    assert not has_just_been_named(choose_class(8), GRID_ACROSS)
    survey.find(Slant=E3)
    check_axis(GRID_ACROSS, "Slant", E2, choose_class(8))

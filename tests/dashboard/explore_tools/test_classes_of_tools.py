"""Tools of Explore name the class in a run that learned the classes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.explore_tools.sheet_panel import Sheet
from dashboard.generators.generator_source import GeneratorSource
from dcgan.images.png_recipe import read_recipe
from dcgan.latent.sample_grid import sample_fixed_latent
from dcgan.runs.run_folder import Run
from tests.dashboard.explore.examples import DIGITS


def inside_page() -> None:
    """Render the tool for the source that a test has put there."""
    import streamlit as st

    from dashboard.explore_tools import activations_panel

    activations_panel.render(st.session_state["source"])


def sheet_and_text() -> None:
    """Render the tools with files for the source that a test has put there."""
    import streamlit as st

    from dashboard.explore_tools import sheet_panel, write_panel

    sheet_panel.render(st.session_state["source"])
    write_panel.render(st.session_state["source"])


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """Return the functions that make the files of a page, by the button's key."""
    offered: dict[str, Callable[[], bytes]] = {}

    def offer(label: str, make: Callable[[], bytes], *, key: str, **_: object) -> None:
        offered[key] = make

    monkeypatch.setattr(st, "download_button", offer)
    return offered


def test_a_sheet_of_all_classes_is_the_sample_grid_and_names_them_in_its_files(
    class_run: Run, files: dict[str, Callable[[], bytes]]
) -> None:
    config = class_run.config
    page = AppTest.from_function(sheet_and_text, default_timeout=60)
    page.session_state["source"] = GeneratorSource(class_run, 0, class_id=7)
    page.session_state["sheet_count"] = config.num_samples
    page.session_state["sheet_seed"] = config.seed
    page.run()
    assert set(np.load(io.BytesIO(files["sheet-npz"]()))["class_ids"]) == {7}
    page.toggle(key="sheet_all_classes").set_value(True).run()
    assert not page.exception
    arrays = np.load(io.BytesIO(files["sheet-npz"]()))
    np.testing.assert_array_equal(arrays["z"], sample_fixed_latent(config))
    assert arrays["class_ids"].tolist() == [index % 10 for index in range(config.num_samples)]
    recipe = read_recipe(files["sheet-png"]())
    assert (recipe["all_classes"], recipe["class_name"]) == (True, "")


def read_vectors(packed: bytes) -> Mapping[str, np.ndarray]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        arrays: Mapping[str, np.ndarray] = np.load(io.BytesIO(archive.read("vectors.npz")))
    return arrays


def grid_downloads() -> None:
    """Render the files of a grid for the source that a test has put there."""
    import numpy as np
    import streamlit as st

    from dashboard.explore import grid_files
    from dashboard.explore.grid_plane import GridPlane

    axes = np.eye(4, dtype=np.float32)
    plane = GridPlane(3, 1.0, 1.0, "z 1", "z 2", axes[0], axes[1])
    grid_files.render_downloads(st.session_state["source"], plane)


def test_the_vectors_of_a_grid_have_the_class_that_is_drawn(
    class_run: Run, files: dict[str, Callable[[], bytes]]
) -> None:
    page = AppTest.from_function(grid_downloads, default_timeout=60)
    page.session_state["source"] = GeneratorSource(class_run, 0, class_id=7)
    page.run()
    assert not page.exception
    assert read_vectors(files["latent-zip"]())["class_ids"].tolist() == [7] * 9
    # The file of the selected digit is its picture alone, not the grid of nine.
    grid, digit = (
        Image.open(io.BytesIO(files[key]())) for key in ("latent-png", "latent-single-png")
    )
    assert digit.size == (28 * 6, 28 * 6)
    assert grid.width > 2 * digit.width


def test_the_generator_page_is_made_from_the_shown_checkpoint(
    class_run: Run, files: dict[str, Callable[[], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "dcgan.documents.generator_page.make_generator_page",
        lambda run, step: f"the generator of {run.name}, step {step}",
    )
    page = AppTest.from_function(grid_downloads, default_timeout=60)
    page.session_state["source"] = GeneratorSource(class_run, 0, class_id=7)
    page.run()
    assert files["generator-page"]() == f"the generator of {class_run.name}, step 0"


def test_the_vectors_of_a_written_number_have_their_classes(
    class_run: Run, files: dict[str, Callable[[], bytes]]
) -> None:
    page = AppTest.from_function(sheet_and_text, default_timeout=60)
    page.session_state["source"] = GeneratorSource(class_run, 0, class_id=7)
    page.run()
    arrays = read_vectors(files["write-zip"]())
    assert arrays["class_ids"].tolist() == [2, 0, 2, 6]
    assert tuple(arrays["class_names"]) == DIGITS


def test_the_arrays_of_a_sheet_name_the_class(class_run: Run, run: Run) -> None:
    source = GeneratorSource(class_run, 0, class_id=7)
    arrays = np.load(io.BytesIO(Sheet(source, 3, seed=0, psi=1.0, num_classes=0).make_npz()))
    assert arrays["class_ids"].tolist() == [7, 7, 7]
    assert tuple(arrays["class_names"]) == DIGITS
    sheet = Sheet(GeneratorSource(run, 10), 3, seed=0, psi=1.0, num_classes=0)
    assert set(np.load(io.BytesIO(sheet.make_npz()))) == {"images", "z"}


def test_inside_says_which_class_the_discriminator_judges(class_run: Run) -> None:
    page = AppTest.from_function(inside_page, default_timeout=60)
    page.session_state["source"] = GeneratorSource(class_run, 0, class_id=7)
    page.run()
    assert not page.exception
    assert any("which class the picture is most like" in caption.value for caption in page.caption)


def drawing_page() -> None:
    """Render the tool that draws for the source that a test has put there."""
    import streamlit as st

    from dashboard.explore_tools import own_digit_panel

    own_digit_panel.render(st.session_state["source"])


@pytest.mark.parametrize(
    ("class_id", "instruction"),
    [(7, "Draw any digit, not only the one chosen above"), (None, "Draw a digit")],
)
def test_a_person_may_draw_any_digit_whichever_is_chosen(
    class_run: Run, class_id: int | None, instruction: str
) -> None:
    page = AppTest.from_function(drawing_page, default_timeout=60)
    page.session_state["source"] = GeneratorSource(class_run, 0, class_id=class_id)
    page.run()
    assert not page.exception
    ending = ", and see the closest one that the generator can draw."
    assert page.caption[0].value == instruction + ending

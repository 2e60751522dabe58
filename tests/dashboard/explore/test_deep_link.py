"""What Explore shows, in a picture and in an address: it comes back, and nothing else comes in."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.explore.deep_link import MAX_SHEET, Sheet, View, read_address, read_picture
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DCGANError
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.runs import run_folder
from dcgan.runs.run_folder import Run

pytestmark = pytest.mark.usefixtures("no_shipped_run")


PICTURE = np.zeros((28, 28), np.uint8)
VIEW = View(run="first", created="2026-01-01T00:00:00+00:00", step=10, seed=3, z=(0.1, -2.5, 0, 1))

SHEET = Sheet(kind="samples", run="first", created=VIEW.created, step=10, seed=3, count=64)


@pytest.fixture
def run(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Return a run with checkpoints of steps 0 and 10."""
    monkeypatch.setattr(run_folder, "_now", lambda: VIEW.created)
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "shelf" / "first")
    state = DCGAN(tiny_config).get_state()
    for step in (0, 10):
        run.save_checkpoint(state | {"step": np.array(step)})
    run.lock.release()
    return run


# A picture


def test_a_view_comes_back_out_of_its_picture() -> None:
    for view in (VIEW, SHEET):
        assert read_picture(encode_png(PICTURE, view.model_dump())) == view


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no picture", "not a PNG"),
        (encode_png(PICTURE), "holds no recipe"),
        (encode_png(PICTURE, {"kind": "walk"}), "of the kind 'walk'; a latent grid, a sheet"),
        (encode_png(PICTURE, {"kind": "sheet"}), "recipe is not whole"),
        (encode_png(PICTURE, SHEET.model_dump() | {"count": 0}), "recipe is not whole"),
        (encode_png(PICTURE, {"kind": "latent grid"}), "recipe is not whole"),
        (encode_png(PICTURE, VIEW.model_dump() | {"z": []}), "recipe is not whole"),
        (encode_png(PICTURE, VIEW.model_dump() | {"seed": -1}), "recipe is not whole"),
        (encode_png(PICTURE, VIEW.model_dump() | {"rows": 4}), "recipe is not whole"),
        (encode_png(PICTURE, VIEW.model_dump() | {"truncation": 99}), "recipe is not whole"),
    ],
)
def test_a_foreign_picture_is_a_sentence(data: bytes, why: str) -> None:
    with pytest.raises(DCGANError, match=why):
        read_picture(data)


# An address


def test_an_address_without_z_means_the_seeds(run: Run) -> None:
    view, wrong = read_address({"run": "first", "seed": "5", "step": "10", "psi": "0.5"}, run)
    np.testing.assert_array_equal(view.z, sample_latent(5, 1, 4)[0].tolist())
    assert (view.step, view.truncation, view.rows, view.created) == (
        10,
        0.5,
        5,
        run.created,
    )
    assert not wrong


def packed(*values: float) -> str:
    return base64.urlsafe_b64encode(np.array(values, "<f4").tobytes()).decode().rstrip("=")


def test_an_address_holds_vectors_to_the_last_bit(run: Run) -> None:
    z = np.array([0.1, -3.2, 2e-3, 1.0], "<f4")
    words = {"run": "first", "seed": "5", "z": packed(*z), "size": "7", "rows": "Slant"}
    view, wrong = read_address(words | {"rows_along": packed(0, 0.6, 0.8, 0)}, run)
    np.testing.assert_array_equal(np.array(view.z, "<f4"), z)
    assert (view.rows, view.columns, view.step, view.row_direction) == (
        7,
        7,
        None,
        "Slant",
    )
    np.testing.assert_allclose(view.row_vector or (), [0, 0.6, 0.8, 0], rtol=1e-6)
    assert not wrong


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ({"seed": "-1"}, "seed"),
        ({"seed": "1e3"}, "seed"),
        ({"size": "4"}, "size"),
        ({"z": "####"}, "z"),
        ({"z": "AAA"}, "z"),
        ({"z": packed(np.nan)}, "z"),
        ({"z": packed(1e9)}, "z"),
        ({"rows_along": "A"}, "rows_along"),
        ({"rows_along": packed(1, 0, 0)}, "rows_along"),
        ({"psi": "nan"}, "psi"),
        ({"step": "-4"}, "step"),
        ({"rows": "x" * 301}, "rows"),
    ],
)
def test_a_word_that_cannot_be_read_is_told_and_the_others_count(
    run: Run, words: dict[str, str], what: str
) -> None:
    whole = {"run": "first", "seed": "5", "stride": "1.5", "psi": "0.5"}
    view, wrong = read_address(whole | words, run)
    assert wrong == [what]
    assert view.plane_step == 1.5
    if what != "seed":
        assert view.seed == 5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["step", "seed", "z", "psi", "size", "stride", "rows", "rows_along"]),
        st.text(max_size=40) | st.just("first") | st.integers().map(str),
    )
)
def test_any_address_is_a_view(run: Run, words: dict[str, str]) -> None:
    view, wrong = read_address(words, run)
    assert len(view.z) >= 1
    assert set(wrong) <= words.keys()


# On the page


def script() -> None:
    """Take a view over and show what the page's choices are then."""
    import streamlit as st

    from dashboard.explore import deep_link
    from dashboard.state.trainer import process_trainer

    deep_link.take_over(process_trainer())
    st.session_state["taken"] = {
        key: st.session_state.get(key)
        for key in (
            *("explore_run", "source_step_first_False", "latent_seed", "latent", "psi"),
            *("sheet_seed", "sheet_count", "sheet_psi"),
        )
    }


def take_over(
    monkeypatch: pytest.MonkeyPatch, shelf: Path, waiting: View | Sheet | None, **words: str
) -> AppTest:
    monkeypatch.setenv("DCGAN_STUDIO_ROOT", str(shelf))
    monkeypatch.delitem(__import__("sys").modules, "_dcgan_studio_trainer", raising=False)
    page = AppTest.from_function(script, default_timeout=60)
    if waiting is not None:
        page.session_state["view_waiting"] = waiting
    for name, word in words.items():
        page.query_params[name] = word
    page.run()
    assert not page.exception
    return page


def test_the_page_goes_back_to_a_pictures_view(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    page = take_over(monkeypatch, run.path.parent, VIEW)
    taken = page.session_state["taken"]
    assert (taken["explore_run"], taken["source_step_first_False"]) == ("first", 10)
    assert (taken["latent_seed"], taken["psi"]) == (3, 1.0)
    assert taken["latent"].tolist() == list(VIEW.z)
    assert not page.toast


def test_a_run_is_found_under_another_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    renamed = VIEW.model_copy(update={"run": "as-it-was-called-there"})
    page = take_over(monkeypatch, run.path.parent, renamed)
    assert page.session_state["taken"]["explore_run"] == "first"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"created": "2020-01-01T00:00:00+00:00"}, "The run first is not here"),
        ({"z": (1.0, 2.0)}, "has a z of 2 numbers, and first takes 4"),
        ({"step": 8}, "keeps no checkpoint of step 8; this is its nearest, step 10"),
    ],
)
def test_what_is_not_as_it_was_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], why: str
) -> None:
    page = take_over(monkeypatch, run.path.parent, VIEW.model_copy(update=change))
    assert why in page.toast[0].value.replace("\\", "")


def test_an_address_is_read_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    page = take_over(monkeypatch, run.path.parent, None, run="first", seed="9", step="0")
    assert page.session_state["taken"]["latent_seed"] == 9
    assert page.session_state["taken"]["source_step_first_False"] == 0
    page.session_state["latent_seed"] = 4  # A person goes on from there.
    page.run()
    assert page.session_state["taken"]["latent_seed"] == 4


def test_a_link_to_a_run_that_is_not_here_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = take_over(monkeypatch, run.path.parent, None, run="gone", seed="1")
    assert "The run gone of this link is not here" in page.toast[0].value


def test_a_links_direction_is_the_one_that_it_was_made_with(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"rows": "Slant", "rows_along": packed(0, 0.6, 0.8, 0), "columns": "z 2"}
    page = take_over(monkeypatch, run.path.parent, None, run="first", seed="1", **words)
    # Nobody has measured anything here yet.
    assert page.session_state["row_direction_wanted"] == "Slant, as shown"
    kept = page.session_state["kept_directions"]["Slant, as shown"]
    np.testing.assert_allclose(kept, [0, 0.6, 0.8, 0], rtol=1e-6)
    assert page.session_state["column_direction_wanted"] == "z 2"


def test_directions_of_one_name_stay_apart_and_long_names_are_cut(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    along = {"row_vector": (1.0, 0, 0, 0), "column_vector": (0, 1.0, 0, 0)}
    names = {"row_direction": "Slant", "column_direction": "Slant, as shown"}
    page = take_over(monkeypatch, run.path.parent, VIEW.model_copy(update=along | names))
    kept = page.session_state["kept_directions"]
    rows, columns = (page.session_state[f"{key}_wanted"] for key in names)
    assert (kept[rows].tolist(), kept[columns].tolist()) == ([1, 0, 0, 0], [0, 1, 0, 0])
    long = VIEW.model_copy(update=along | {"row_direction": "x" * 300})
    page = take_over(monkeypatch, run.path.parent, long)
    assert len(page.session_state["row_direction_wanted"]) < 100


def test_a_sheet_comes_back_as_its_seed_and_number(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = take_over(monkeypatch, run.path.parent, SHEET)
    taken = page.session_state["taken"]
    assert (taken["explore_run"], taken["source_step_first_False"]) == ("first", 10)
    assert (taken["sheet_seed"], taken["sheet_count"], taken["sheet_psi"]) == (3, 64, 1.0)
    assert "Many digits at once" in page.toast[0].value
    many = SHEET.model_copy(update={"count": 9000})
    page = take_over(monkeypatch, run.path.parent, many)
    assert page.session_state["taken"]["sheet_count"] == MAX_SHEET
    assert "the first 5,000 of 9,000" in page.toast[0].value.replace("\\", "")


def test_a_digit_of_a_grid_comes_back_in_the_middle(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    along = {"row_vector": (1.0, 0, 0, 0), "column_vector": (0, 1.0, 0, 0), "plane_step": 0.5}
    # Row 0 and column 4 of five each: two steps up, two to the right.
    page = take_over(monkeypatch, run.path.parent, VIEW.model_copy(update=along | {"row": 4}))
    z = np.add(VIEW.z, (-1.0, 1.0, 0, 0))
    np.testing.assert_allclose(page.session_state["taken"]["latent"], z, rtol=1e-6)

"""What Explore shows, in a picture and in an address: it comes back, and nothing else comes in."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.view import View, read_address, read_picture
from dcgan import runs
from dcgan.config import TrainingConfig
from dcgan.datasets import ImageDataset
from dcgan.errors import DCGANError
from dcgan.gan import DCGAN
from dcgan.imaging import encode_png
from dcgan.latent import sample_latent
from dcgan.runs import Run

PICTURE = np.zeros((28, 28), np.uint8)
VIEW = View(run="first", created="2026-01-01T00:00:00+00:00", step=10, seed=3, z=(0.1, -2.5, 0, 1))


@pytest.fixture
def run(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Return a run with checkpoints of steps 0 and 10."""
    monkeypatch.setattr(os, "fsync", lambda file: None)  # These files need not outlive a power cut.
    monkeypatch.setattr(runs, "SHIPPED", tmp_path / "elsewhere" / "pretrained")
    monkeypatch.setattr(runs, "_now", lambda: VIEW.created)
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "shelf" / "first")
    state = DCGAN(tiny_config).get_state()
    for step in (0, 10):
        run.save_checkpoint(state | {"step": np.array(step)})
    run.release()
    return run


# A picture


def test_a_view_comes_back_out_of_its_picture() -> None:
    assert read_picture(encode_png(PICTURE, VIEW.model_dump())) == VIEW


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no picture", "not a PNG"),
        (encode_png(PICTURE), "holds no recipe"),
        (encode_png(PICTURE, {"kind": "samples"}), "of the kind 'samples'; only a latent grid"),
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
    view = read_address({"run": "first", "seed": "5", "step": "10", "psi": "0.5"}, {"first": run})
    assert view is not None
    np.testing.assert_array_equal(view.z, sample_latent(5, 1, 4)[0].tolist())
    assert (view.step, view.truncation, view.rows, view.created) == (10, 0.5, 5, run.created)


def test_an_address_holds_z_to_the_last_bit(run: Run) -> None:
    z = np.array([0.1, -3.2, 2e-3, 1.0], "<f4")
    packed = base64.urlsafe_b64encode(z.tobytes()).decode().rstrip("=")
    view = read_address({"run": "first", "seed": "5", "z": packed, "size": "7"}, {"first": run})
    assert view is not None
    np.testing.assert_array_equal(np.array(view.z, "<f4"), z)
    assert (view.rows, view.columns, view.step) == (7, 7, None)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"run": "another", "seed": "1"},
        {"run": "first"},
        {"run": "first", "seed": "-1"},
        {"run": "first", "seed": "1e3"},
        {"run": "first", "seed": "1", "size": "4"},
        {"run": "first", "seed": "1", "z": "####"},
        {"run": "first", "seed": "1", "z": "AAA"},
        {"run": "first", "seed": "1", "z": base64.urlsafe_b64encode(b"\x00\x00\xc0\x7f").decode()},
        {"run": "first", "seed": "1", "psi": "nan"},
        {"run": "first", "seed": "1", "step": "-4"},
        {"run": "first", "seed": "1", "rows": "x" * 301},
    ],
)
def test_an_address_that_is_not_whole_is_none(run: Run, words: dict[str, str]) -> None:
    assert read_address(words, {"first": run}) is None


@given(
    st.dictionaries(
        st.sampled_from(["run", "step", "seed", "z", "psi", "size", "stride", "rows", "columns"]),
        st.text(max_size=40) | st.just("first") | st.integers().map(str),
    )
)
def test_any_address_is_a_view_or_none(words: dict[str, str]) -> None:
    read_address(words, {})  # Raises nothing.


# On the page


def script() -> None:
    """Take a view over and show what the page's choices are then."""
    import streamlit as st

    from dashboard import view
    from dashboard.trainer import process_trainer

    view.take_over(process_trainer())
    st.session_state["taken"] = {
        key: st.session_state.get(key)
        for key in ("explore_run", "source_step_first_False", "latent_seed", "latent", "psi")
    }


def take_over(
    monkeypatch: pytest.MonkeyPatch, shelf: Path, waiting: View | None, **words: str
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
        ({"z": (1.0, 2.0)}, "Its z has 2 numbers, and that of first 4"),
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
    assert "This link is not whole, or its run is not here" in page.toast[0].value

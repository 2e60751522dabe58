"""The panel of the Train page that shows a run's images."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.plain_text import escape_markdown
from dashboard.state.trainer import Trainer
from dashboard.welcome import data_panel
from dashboard.welcome.data_panel import choose_pictures
from dcgan.data.datasets import ImageDataset
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import prepare_panel, read_texts, run_page

pytestmark = pytest.mark.usefixtures("no_included_run")


def render_panel() -> None:
    """Render the panel, as the script of a page."""
    import streamlit as st

    from dashboard.state import trainer as trainer_module
    from dashboard.welcome import data_panel

    data_panel.render(trainer_module.get_trainer(), st.session_state["run"])


@pytest.fixture
def labelled(tiny_dataset: ImageDataset) -> ImageDataset:
    """Return the tiny pictures with two classes."""
    labels = np.repeat(np.array([3, 8], np.uint8), 100)
    return replace(tiny_dataset, labels=labels, class_names=tuple(map(str, range(10))))


def make_page(run: Run, dataset: ImageDataset, patch: pytest.MonkeyPatch) -> AppTest:
    """Return a page with the panel of a run that has this data set; the page has not run yet."""
    patch.setattr(data_panel, "load_all_pictures", lambda run: dataset)
    return prepare_panel(render_panel, run=run)


def run_and_read(page: AppTest) -> str:
    return read_texts(run_page(page))


def test_pictures_with_labels_can_be_chosen_by_class(
    new_run: NewRun, labelled: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make_page(new_run(), labelled, monkeypatch)
    assert "200 pictures of 28 × 28 pixels, grey" in run_and_read(page)
    (classes,) = page.button_group
    assert classes.label == "Class"
    assert list(classes.options) == ["All", "3", "8"]


def test_many_classes_are_chosen_from_a_list(
    new_run: NewRun, tiny_dataset: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tuple(f"*{number}* {'ŝ猫' * 18}" for number in range(100))
    labels = np.arange(200, dtype=np.uint8) % 100
    many = replace(tiny_dataset, labels=labels, class_names=names)
    page = make_page(new_run(), many, monkeypatch)
    run_page(page)
    assert not page.button_group
    (classes,) = page.selectbox
    assert (classes.label, list(classes.options)) == ("Class", ["All", *names])
    shown: list[list[int]] = []
    monkeypatch.setattr(
        data_panel, "_render_real", lambda dataset, chosen, run: shown.append(chosen.tolist())
    )
    classes.set_value(7)
    run_page(page)
    assert sorted(shown[-1]) == [7, 107]


def test_names_of_classes_are_shown_as_they_are(
    new_run: NewRun, tiny_dataset: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.arange(200, dtype=np.uint8) % 2
    named = replace(tiny_dataset, labels=labels, class_names=("*a*", ":material/home:"))
    page = make_page(new_run(), named, monkeypatch)
    run_page(page)
    (classes,) = page.button_group
    assert list(classes.options)[1:] == [escape_markdown(name) for name in named.class_names]


def test_the_page_says_whether_the_networks_know_the_classes(
    new_run: NewRun, labelled: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = run_and_read(make_page(new_run(), labelled, monkeypatch))
    assert "The networks see only pixels, never the labels." in text
    knowing = new_run("knowing", class_names=labelled.class_names)
    text = run_and_read(make_page(knowing, labelled, monkeypatch))
    assert "The networks get the class of each picture." in text
    assert "never the labels" not in text


def test_pictures_without_labels_have_no_choice_of_a_class(
    new_run: NewRun, tiny_dataset: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make_page(new_run(), tiny_dataset, monkeypatch)
    assert "They have no labels" in run_and_read(page)
    assert not page.button_group


def test_a_picked_picture_is_not_shown_for_another_run(
    new_run: NewRun, labelled: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(data_panel, "render_strip", lambda groups, key, **_: shown.append(key))
    page = make_page(new_run(), labelled, monkeypatch)
    page.session_state["data_picked"] = ("another", 5)
    run_page(page)
    assert shown == ["data-means"]
    page.session_state["data_picked"] = ("first", 5)
    run_page(page)
    assert shown[1:] == ["data-means", "data-similar"]


def test_chosen_pictures_have_the_chosen_class(labelled: ImageDataset) -> None:
    assert labelled.labels is not None
    chosen = choose_pictures(labelled, 8, seed=0)
    assert (labelled.labels[chosen] == 8).all()
    assert len(set(chosen.tolist())) == 40
    assert set(choose_pictures(labelled, 8, seed=1)) != set(chosen)
    assert {3, 8} == set(labelled.labels[choose_pictures(labelled, -1, seed=0)].tolist())


def test_fakes_of_a_class_are_selected_by_the_classifier(
    new_run: NewRun, trainer: Trainer, labelled: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(labelled, class_names=("3", "4"))  # As in a run with `only_classes`.
    drawn = np.arange(500, dtype=np.uint16).reshape(-1, 1, 1, 1)
    source = SimpleNamespace(generate=lambda z, classes: (drawn[: len(z)], 7))
    monkeypatch.setattr(data_panel, "GeneratorSource", lambda *_: source)
    monkeypatch.setattr(data_panel, "_classify", lambda pixels: pixels[:, 0, 0, 0] % 10)
    pixels, step = data_panel._draw_fakes(trainer, new_run(), few, 1, 0)
    assert step == 7
    assert pixels.ravel().tolist() == list(range(4, 404, 10))
    everything, _ = data_panel._draw_fakes(trainer, new_run("other"), few, -1, 0)
    assert everything.ravel().tolist() == list(range(40))

"""A walk from class to class, in a run that learned the classes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image, ImageSequence
from streamlit.testing.v1 import AppTest

from dashboard.generators import class_examples, findings_cache
from dashboard.generators.generator_source import FrozenGenerator, GeneratorSource
from dashboard.recipes import run_pins
from dashboard.tab import selection
from dashboard.walks import interpolation_panel, replay_panel
from dcgan.digit_classifier import classifier
from dcgan.networks.class_inputs import ClassChoice
from dcgan.runs.pins import Pin
from dcgan.runs.run_folder import Run
from tests.dashboard.explore.examples import DIGITS
from tests.dashboard.walks.class_walks import SELECTED, find_ends, find_examples


def is_same_hand(walk: AppTest) -> bool:
    z = walk.session_state["z"]
    return bool(np.allclose(z, z[0]))


def expect_first_shown(walk: AppTest) -> None:
    """Check that the panel shows the same walk as `get_shown_walk` returned before it."""
    for first, shown in zip(
        walk.session_state["first"],
        (walk.session_state[key] for key in ("z", "shown")),
        strict=True,
    ):
        np.testing.assert_allclose(first, shown, atol=0.12)  # Of 8 frames, and of 8 among 40.


def test_a_walk_begins_from_the_selected_digit_to_the_best_8(
    walk: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert walk.multiselect[0].value == [SELECTED, "A clear 8"]
    captions = [caption.value for caption in walk.caption]
    assert "The digits are being sorted to find: A clear 8." in captions
    assert not any("at least two stops" in caption for caption in captions)
    examples = find_examples(monkeypatch)
    del walk.session_state["first"]
    walk.run()
    assert len(walk.multiselect) == 1  # Each clear digit is drawn as its own class.
    assert find_ends(walk) == ["3", "8"]
    assert walk.session_state["shown"][4].max() < 1  # Between the stops.
    expect_first_shown(walk)
    selected_z = selection.sample_z(selection.FIRST_SEED, 4)
    z = walk.session_state["z"]
    np.testing.assert_allclose(z[[0, -1]], [selected_z, examples["8"]], atol=1e-5)
    walk.button(key="walk-start").click().run()
    assert walk.multiselect[0].value == ["A clear 3", "A clear 8"]
    np.testing.assert_allclose(walk.session_state["z"][0], examples["3"], atol=1e-5)
    walk.multiselect[0].set_value(["A clear 9", "A clear 0"]).run()
    assert find_ends(walk) == ["9", "0"]
    assert not walk.exception


def test_the_selected_digit_is_two_classes_in_the_same_hand(walk: AppTest) -> None:
    walk.multiselect[0].set_value([SELECTED]).run()
    assert find_ends(walk) == ["3", "8"]
    assert is_same_hand(walk)


def test_the_best_of_a_class_is_the_clearest_one_of_it(
    class_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class is drawn the more clearly, the larger the first number of z is."""

    def generate(z: np.ndarray, classes: ClassChoice = None) -> np.ndarray:
        assert classes is not None
        return np.stack([z[:, 0], classes], axis=1)

    def predict(drawn: np.ndarray) -> SimpleNamespace:
        return SimpleNamespace(logits=np.eye(10)[drawn[:, 1].astype(int)] * drawn[:, :1])

    source = GeneratorSource(class_run, 0, class_id=4)
    monkeypatch.setattr(
        classifier, "load_digit_classifier", lambda: SimpleNamespace(predict=predict)
    )
    z = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    z[7, 0] = 9
    class_examples.find_examples(source, FrozenGenerator(generate, [], 0), z)
    examples = class_examples.get_examples(GeneratorSource(class_run, 0, class_id=5))
    assert list(examples) == list(DIGITS)
    for best in examples.values():
        np.testing.assert_array_equal(best, z[7])


def test_the_same_seed_can_be_several_classes_in_turn(walk: AppTest) -> None:
    walk.multiselect[0].set_value(["Random 2"]).run()
    walk.multiselect(key="walk_classes_Random 2").set_value(["9", "1", "5"]).run()
    assert not walk.exception
    assert is_same_hand(walk)
    assert find_ends(walk) == ["9", "5"]
    walk.multiselect(key="walk_classes_Random 2").set_value(["9"]).run()
    assert any("one stop as two classes" in caption.value for caption in walk.caption)
    walk.multiselect[0].set_value(["Random 2", "Random 1"]).run()
    assert find_ends(walk) == ["9", "8"]
    assert not is_same_hand(walk)


def test_a_walk_leads_from_seed_to_seed_and_from_class_to_class(walk: AppTest) -> None:
    walk.multiselect[0].set_value(["Random 1", "Random 2"]).run()
    assert find_ends(walk) == ["3", "8"]
    walk.multiselect(key="walk_classes_Random 2").set_value(["5"]).run()
    assert find_ends(walk) == ["3", "5"]
    walk.toggle(key="walk_even").set_value(True).run()
    assert find_ends(walk) == ["3", "5"]
    assert not walk.exception


def test_a_pin_comes_in_its_class_and_the_selected_digit_in_the_chosen_one(walk: AppTest) -> None:
    walk.multiselect[0].set_value([SELECTED, "Pin: mine"]).run()
    assert find_ends(walk) == ["3", "7"]
    walk.session_state["explore_class"] = "4"
    walk.run()
    assert find_ends(walk) == ["4", "7"]
    walk.multiselect(key=f"walk_classes_{SELECTED}").set_value(["4", "0"]).run()
    walk.session_state["explore_class"] = "9"
    walk.run()
    assert find_ends(walk) == ["4", "7"]


def test_a_new_pin_of_an_old_name_comes_in_its_own_class(
    walk: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk.multiselect[0].set_value(["Random 1", "Pin: mine"]).run()
    assert find_ends(walk) == ["3", "7"]
    other = Pin(name="mine", z=(0.0, 1.0, 0.0, 0.0), class_name="5")
    monkeypatch.setattr(run_pins, "list_pins", lambda source: [other])
    walk.run()
    assert find_ends(walk) == ["3", "5"]


def test_a_run_of_other_classes_has_a_walk_between_those(walk: AppTest, class_run: Run) -> None:
    class_run.config = class_run.config.replace(class_names=tuple("abcdefghij"))
    walk.session_state["source"] = GeneratorSource(class_run, 0)
    walk.run()
    assert not walk.exception
    assert walk.multiselect[0].value == [SELECTED]
    assert walk.multiselect[1].value == ["a", "j"]


def test_the_first_stops_suit_the_run_that_is_shown(
    walk: AppTest, class_run: Run, run: Run
) -> None:
    walk.session_state["source"] = GeneratorSource(run, 10)
    walk.run()
    # The end waits until the digits are sorted.
    assert walk.multiselect[0].value == [SELECTED, "A clear 8"]
    run.config = run.config.replace(only_classes=(1,))
    walk.run()
    assert walk.multiselect[0].value == [SELECTED, "Random 1"]
    assert walk.session_state["shown"] is None
    walk.session_state["source"] = GeneratorSource(class_run, 0)
    walk.run()
    assert walk.multiselect[0].value == [SELECTED, "A clear 8"]
    assert not walk.exception


def test_a_digit_of_the_walk_is_drawn_in_its_class(
    walk: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_examples(monkeypatch)
    monkeypatch.setattr(interpolation_panel, "render_tiles", lambda *_, **__: 7)
    walk.run()
    assert not walk.exception
    assert walk.session_state["explore_class"] == "8"


def test_each_frame_of_the_gif_has_the_weights_of_its_classes(
    walk: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[np.ndarray] = []

    def offer(label: str, make: Callable[[], bytes], **_: object) -> None:
        def generate(
            source: GeneratorSource, z: np.ndarray, classes: np.ndarray
        ) -> tuple[np.ndarray, int]:
            drawn.append(classes)
            # The brightness of a picture is the weight of a class.
            grey = np.rint(255 * classes[:, 9])[:, None, None, None]
            return np.tile(grey, (1, 8, 8, 1)).astype(np.uint8), 10

        with monkeypatch.context() as patch:
            patch.setattr(GeneratorSource, "generate", generate)
            walk.session_state["gif"] = make()

    walk.multiselect[0].set_value([SELECTED]).run()
    monkeypatch.setattr(st, "download_button", offer)
    walk.multiselect(key=f"walk_classes_{SELECTED}").set_value(["2", "9"]).run()
    assert not walk.exception
    (weights,) = drawn
    assert len(weights) == 40
    np.testing.assert_allclose(weights[:, [2, 9]].sum(axis=1), 1, atol=1e-5)
    there = [round(255 * float(weight)) for weight in weights[:, 9]]
    with Image.open(io.BytesIO(walk.session_state["gif"])) as gif:
        shown = [int(np.array(frame.convert("L")).max()) for frame in ImageSequence.Iterator(gif)]
    assert shown == [*there, *there[-2:0:-1]]
    assert (shown[0], shown[39]) == (0, 255)
    recipe = read_gif_recipe(walk.session_state["gif"])
    assert recipe["created"]
    assert (recipe["path"], recipe["is_closed"], recipe["is_even"]) == ("slerp", False, False)
    assert recipe["classes"] == ["2", "9"]


def read_gif_recipe(gif: bytes) -> dict[str, Any]:
    with Image.open(io.BytesIO(gif)) as opened:
        recipe: dict[str, Any] = json.loads(opened.info["comment"])["dcgan-studio"]
    return recipe


def render_replay_and_walk() -> None:
    """Render the replay of the walk, then the walk, as the page does."""
    import streamlit as st

    from dashboard.recipes import class_choice
    from dashboard.walks import interpolation_panel, replay_panel

    source = class_choice.ask_for_class(st.session_state["source"])
    replay_panel.render(source)
    interpolation_panel.render(source)


def test_the_walk_over_time_has_the_classes_of_the_walk(
    class_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn_classes: list[np.ndarray | None] = []

    def replay(run: Run, z: np.ndarray, classes: np.ndarray | None) -> list[tuple[int, np.ndarray]]:
        drawn_classes.append(classes)
        return [(step, np.zeros((len(z), 8, 8, 1), np.uint8)) for step in (0, 10)]

    monkeypatch.setattr(findings_cache, "get_findings", lambda source: None)
    monkeypatch.setattr(run_pins, "list_pins", lambda source: [])
    monkeypatch.setattr(replay_panel, "replay_training", replay)
    page = AppTest.from_function(render_replay_and_walk, default_timeout=60)
    page.session_state["source"] = GeneratorSource(class_run, 0)
    page.session_state["moments_of"] = "walk"
    page.run()
    page.multiselect(key="walk_stops").set_value([SELECTED]).run()
    page.multiselect(key=f"walk_classes_{SELECTED}").set_value(["6", "0"]).run()
    assert not page.exception
    weights = drawn_classes[-1]
    assert weights is not None
    assert weights.shape == (8, 10)
    np.testing.assert_allclose(weights[[0, -1]], np.eye(10)[[6, 0]], atol=1e-6)
    assert 0 < weights[3, 0] < weights[4, 0] < 1
    recipe = page.session_state[replay_panel._CACHE_KEY].recipe
    assert (recipe["created"], recipe["steps"]) == (class_run.created, [0, 10])
    assert recipe["classes"] is weights
    page.session_state["explore_class"] = "4"
    page.session_state["moments_of"] = "selected"
    page.run()
    classes = drawn_classes[-1]
    assert classes is not None
    assert classes.tolist() == [4]


def test_a_walk_through_own_pictures_does_not_call_them_digits(
    walk: AppTest, class_run: Run
) -> None:
    assert "Digits on the way" in [box.label for box in walk.multiselect]
    class_run.config = class_run.config.replace(dataset="fashion_mnist")
    walk.run()
    assert not walk.exception
    assert "Pictures on the way" in [box.label for box in walk.multiselect]
    assert any("where pictures blur" in caption.value for caption in walk.caption)


def test_the_replay_names_its_subject_with_the_noun_of_the_pictures(class_run: Run) -> None:
    source = GeneratorSource(class_run, 0)
    assert replay_panel.name_subject(source, "selected") == "The selected digit"
    class_run.config = class_run.config.replace(dataset="fashion_mnist")
    assert replay_panel.name_subject(source, "selected") == "The selected picture"
    assert replay_panel.name_subject(source, "grid") == "The grid"


def test_the_selected_stop_has_the_noun_of_the_pictures_that_are_shown(
    walk: AppTest, class_run: Run
) -> None:
    walk.multiselect[0].set_value([SELECTED, "Random 1"]).run()
    class_run.config = class_run.config.replace(dataset="fashion_mnist")
    walk.run()
    assert not walk.exception
    assert walk.multiselect[0].value == ["The selected picture", "Random 1"]
    assert not any("is not a seed" in caption.value for caption in walk.caption)

"""The map: all classes on it, and held while a run trains."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.explore_tools import map_panel, shown_findings
from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.state.trainer import Trainer
from dcgan.runs.run_folder import Run
from tests.dashboard.rendering import read_texts, run_page


def show_map() -> None:
    """Render the map of the source that a test has put into the session."""
    import streamlit as st

    from dashboard.explore_tools import map_panel

    map_panel.render(st.session_state["source"])


class Clicks:
    """A map in a browser: what it shows, and the index of the digit that is clicked next."""

    def __init__(self) -> None:
        self.next: int | None = None
        self.chosen: int | None = None
        self.alt = ""

    def render(self, *_: object, chosen: int | None, alt: str, **__: object) -> int | None:
        self.chosen, self.alt = chosen, alt
        picked, self.next = self.next, None
        return picked


@pytest.fixture
def clicks(monkeypatch: pytest.MonkeyPatch) -> Clicks:
    """Return the clicks on the map, whose chart is not built."""
    clicks = Clicks()
    monkeypatch.setattr(map_panel, "render_digit_map", clicks.render)
    monkeypatch.setattr(map_panel, "_build_map", lambda findings: ("", b"", 1, 28))
    return clicks


def make_findings(latent_dim: int, step: int) -> SimpleNamespace:
    z = np.arange(20 * latent_dim, dtype=np.float32).reshape(20, latent_dim) / 1000
    pixels = np.arange(20, dtype=np.uint8)[:, None, None, None] * np.ones((28, 28, 1), np.uint8)
    return SimpleNamespace(
        survey=SimpleNamespace(
            z=z, prediction=object(), pixels=pixels, digits=np.arange(20) % 10, is_diverse=True
        ),
        step=step,
    )


def make_trainer(shade: int, step: int) -> Trainer:
    """Return a trainer whose generator draws pictures of one shade."""

    def generate(run: Run, z: np.ndarray, classes: object) -> tuple[np.ndarray, int]:
        return np.full((len(z), 28, 28, 1), shade, np.uint8), step

    networks = SimpleNamespace(generate=generate)
    found: Trainer = SimpleNamespace(networks=networks)  # type: ignore[assignment]
    return found


def test_the_map_has_all_classes_and_a_pick_chooses_its_own(
    class_run: Run, clicks: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = GeneratorSource(class_run, 0, class_id=7)
    findings = make_findings(source.latent_dim, 0)
    all_classes = replace(source, class_id=None).identity
    monkeypatch.setattr(
        findings_cache,
        "get_findings",
        lambda shown: findings if shown.identity == all_classes else None,
    )
    page = AppTest.from_function(show_map, default_timeout=60)
    page.session_state["source"] = source
    clicks.next = 13
    page.run()
    assert not page.exception
    np.testing.assert_array_equal(page.session_state["selection"].z, findings.survey.z[13])
    assert page.session_state["explore_class_request"] == "3"
    # The ring is around the picked dot where its class is the chosen one.
    assert clicks.chosen in (7, 17)  # The most similar one of the class that is drawn.
    assert "is not one of these" in read_texts(page)
    page.session_state["source"] = replace(source, class_id=3)
    page.run()
    assert clicks.chosen == 13
    assert "The ring marks the selected digit." in read_texts(page)


def test_the_map_of_a_run_in_training_stays_until_a_person_asks_for_newer_digits(
    run: Run, clicks: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = GeneratorSource(run, None, make_trainer(9, 3000))
    findings = make_findings(source.latent_dim, 2160)
    surveyed: list[object] = []
    monkeypatch.setattr(findings_cache, "get_findings", lambda shown: findings)
    monkeypatch.setattr(findings_cache, "repeat_survey", surveyed.append)
    page = AppTest.from_function(show_map, default_timeout=60)
    page.session_state["source"] = source
    page.run()
    assert any(caption.value.startswith("This map is of step 2,160.") for caption in page.caption)
    older, findings = findings, make_findings(source.latent_dim, 3000)
    page.run()
    assert clicks.alt.endswith("step 2160")
    page.button(key="map_findings-refresh").click().run()
    assert not surveyed  # There are newer ones already.
    assert clicks.alt.endswith("step 3000")
    page.button(key="map_findings-refresh").click().run()
    assert len(surveyed) == 1
    assert page.button(key="map_findings-refresh").disabled
    findings = older  # Whatever comes next.
    page.run()
    assert clicks.alt.endswith("step 2160")
    assert not page.button(key="map_findings-refresh").disabled


def test_the_ring_marks_the_most_similar_digit_if_the_selected_one_is_not_on_the_map(
    run: Run, clicks: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = GeneratorSource(run, None, make_trainer(14, 2160))
    findings = make_findings(source.latent_dim, 2160)
    monkeypatch.setattr(findings_cache, "get_findings", lambda shown: findings)
    page = AppTest.from_function(show_map, default_timeout=60)
    page.session_state["source"] = source
    run_page(page)
    assert clicks.chosen == 14
    assert "The ring marks the one that looks most like it." in read_texts(page)


def test_a_digit_of_an_older_map_is_shown_as_it_was_and_as_it_is_now(
    run: Run, clicks: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = GeneratorSource(run, None, make_trainer(200, 3000))
    findings = make_findings(source.latent_dim, 2160)
    pictures: list[str] = []
    monkeypatch.setattr(findings_cache, "get_findings", lambda shown: findings)
    monkeypatch.setattr(shown_findings, "render_pixels", lambda *_, alt, **__: pictures.append(alt))
    page = AppTest.from_function(show_map, default_timeout=60)
    page.session_state["source"] = source
    clicks.next = 5
    run_page(page)
    assert clicks.chosen == 5
    assert pictures == ["The selected digit at step 2160 and at step 3000"]
    assert "as in this map, and the same z now, at step 3,000" in read_texts(page)
    findings.step = 3000
    run_page(page)
    assert len(pictures) == 1


def test_a_map_of_digits_that_are_all_alike_is_not_shown_and_the_next_one_comes_by_itself(
    run: Run, clicks: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = GeneratorSource(run, None, make_trainer(9, 33))
    findings = make_findings(source.latent_dim, 33)
    findings.survey.digits = np.full(20, 8)
    monkeypatch.setattr(findings_cache, "get_findings", lambda shown: findings)
    page = AppTest.from_function(show_map, default_timeout=60)
    page.session_state["source"] = source
    run_page(page)
    assert "At step 33 the digits are too alike for a map. It comes when they differ." in (
        read_texts(page)
    )
    assert not clicks.alt
    page.session_state["source"] = replace(source, trainer=None)
    run_page(page)
    assert "too alike for a map." in read_texts(page)
    assert "It comes" not in read_texts(page)
    page.session_state["source"] = source
    run_page(page)
    findings = make_findings(source.latent_dim, 900)
    run_page(page)
    assert clicks.alt.endswith("step 900")
    assert not page.button(key="map_findings-refresh").disabled


def test_an_old_map_is_replaced_by_itself_only_where_it_is_new_to_the_tab(
    run: Run, clicks: Clicks, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = GeneratorSource(run, None, make_trainer(9, 3000))
    findings = make_findings(source.latent_dim, 60)
    monkeypatch.setattr(findings_cache, "get_findings", lambda shown: findings)
    monkeypatch.setattr(findings_cache, "repeat_survey_if_changed", lambda shown: True)
    page = AppTest.from_function(show_map, default_timeout=60)
    page.session_state["source"] = source
    run_page(page)
    assert clicks.alt.endswith("step 60")  # Until the newer one is there.
    assert page.button(key="map_findings-refresh").disabled
    for step in (3000, 4000):
        findings = make_findings(source.latent_dim, step)
        run_page(page)
        assert clicks.alt.endswith("step 3000")
        assert not page.button(key="map_findings-refresh").disabled

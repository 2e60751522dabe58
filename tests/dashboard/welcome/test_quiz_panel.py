"""The dialog in which a person sorts real pictures and fakes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.generators.discriminator_answers import JudgedPictures
from dashboard.welcome import quiz_panel


def send_round(fake_classes: list[str], monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Render a round of 10 real pictures and 10 fakes; return what the component got.

    The value of a picture's only pixel is its index before the pictures are mixed: real ones first.
    """
    sent = SimpleNamespace()

    def render(
        pixels: np.ndarray,
        is_real: np.ndarray,
        answers: np.ndarray,
        classes: list[str],
        **_: object,
    ) -> bool:
        sent.pixels, sent.is_real, sent.classes = pixels, is_real, classes
        return False

    monkeypatch.setattr(quiz_panel, "render_quiz", render)
    pixels = np.arange(20, dtype=np.uint8)[:, None, None, None]
    judged = JudgedPictures(pixels, np.zeros(20, np.float32), 5, fake_classes)
    order = np.random.default_rng(1).permutation(20)
    quiz_panel._render(quiz_panel._Round("a run", 1, judged, order))
    return sent


def test_each_fake_has_the_class_that_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    names = list("abcdefghij")
    sent = send_round(names, monkeypatch)
    assert len(sent.pixels) == 20
    for picture, is_real, name in zip(sent.pixels, sent.is_real, sent.classes, strict=True):
        index = int(picture.item())
        assert (is_real, name) == ((True, "") if index < 10 else (False, names[index - 10]))


def test_fakes_without_classes_have_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = send_round([], monkeypatch)
    assert len(sent.pixels) == 20
    assert sent.classes == []

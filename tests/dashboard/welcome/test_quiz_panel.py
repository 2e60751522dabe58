"""The dialog in which a person sorts real pictures and fakes, and what is said of the classes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.generators.discriminator_answers import CLASS_NOTE, JudgedPictures
from dashboard.train import discriminator_panel
from dashboard.welcome import quiz_panel
from dcgan.config.training_config import TrainingConfig


@pytest.mark.parametrize("asked", [[], list("abcdefghij")])
def test_each_fake_has_the_class_that_it_was_asked_for(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
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
    judged = JudgedPictures(pixels, np.zeros(20, np.float32), 5, asked)
    order = np.random.default_rng(1).permutation(20)
    quiz_panel._render(quiz_panel._Round("a run", 1, judged, order))
    if not asked:
        assert sent.classes == []
        return
    for picture, is_real, name in zip(sent.pixels, sent.is_real, sent.classes, strict=True):
        place = int(picture.item())
        assert (is_real, name) == ((True, "") if place < 10 else (False, asked[place - 10]))


def test_the_answers_are_explained_as_those_of_the_class_that_fits_best() -> None:
    config = TrainingConfig()
    assert CLASS_NOTE not in discriminator_panel._explain(config)
    assert "give real images high numbers" in discriminator_panel._explain(config)
    config = config.replace(class_conditional=True, class_names=("a", "b"))
    assert discriminator_panel._explain(config).endswith(CLASS_NOTE)

"""Pictures that a person sorts into real ones and fakes; the browser keeps the score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.components.picture import match_mnist_scale
from dashboard.components.registration import do_nothing, register_component
from dashboard.components.strip import encode_picture

_quiz = register_component("quiz")


def render_quiz(
    pixels: np.ndarray,
    is_real: np.ndarray,
    answers: np.ndarray,
    classes: Sequence[str],
    *,
    round_name: str,
    introduction: str,
    scale: int,
    fake_color: str,
    key: str,
) -> bool:
    """Show a round of pictures, which are sorted by clicks; a check shows both scores.

    Everything until the check happens in the browser, without a rerun.

    Args:
        pixels: uint8 [0, 255], shape (num, side, side, channels), in the order to show.
        is_real: Whether each picture is real, shape (num,); half of them are.
        answers: The discriminator's probabilities that each is real, shape (num,).
        classes: The class that the generator was asked to draw in each fake, "" for real pictures;
            empty without classes.
        round_name: A text that changes with each round.
        introduction: Text above the pictures; the component adds the instructions.
        scale: Largest enlargement of a digit of MNIST's size.
        fake_color: CSS colour of the frame of a picture that is marked as fake.
        key: Streamlit's key.

    Returns:
        Whether a person has asked for a new round after this one.
    """
    result = _quiz(
        key=key,
        data={
            "round": round_name,
            "introduction": introduction,
            "pictures": [encode_picture(picture) for picture in pixels],
            "isReal": is_real.tolist(),
            "answers": answers.tolist(),
            "classes": list(classes),
            "side": pixels.shape[1],
            "scale": match_mnist_scale(scale, pixels.shape[1]),
            "fakeColor": fake_color,
            "isDark": st.context.theme.type == "dark",
        },
        on_again_change=do_nothing,
    )
    return bool(result.again == round_name)

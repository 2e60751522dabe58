"""Data URLs name the format of the bytes that they hold."""

from __future__ import annotations

import base64

import pytest

from dcgan.images.animation import encode_animation
from dcgan.images.data_urls import encode_data_url
from dcgan.images.png_recipe import encode_png
from tests.dcgan.images.examples import draw_noise


def test_a_data_url_names_the_format_of_its_bytes() -> None:
    files = {
        "png": encode_png(draw_noise()[0]),
        "gif": encode_animation(draw_noise(), format="gif"),
        "webp": encode_animation(draw_noise(), format="webp"),
    }
    for kind, file in files.items():
        head, _, body = encode_data_url(file).partition(",")
        assert head == f"data:image/{kind};base64"
        assert base64.b64decode(body, validate=True) == file
    with pytest.raises(ValueError, match="PNG, GIF or WebP"):
        encode_data_url(b"<svg>")

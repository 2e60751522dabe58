"""Animations keep every frame, its position and its duration."""

from __future__ import annotations

import io
import json
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image

from dcgan.images.animation import encode_animation

RECIPE = {"run": "Größe 数字 ✓", "step": 1200, "z": [0.1, -2.5], "psi": 0.7, "config": {"seed": 7}}


def digits(num: int = 3, *channels: int, size: tuple[int, int] = (28, 28)) -> np.ndarray:
    shape = (num, *size, *channels)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def opened(file: bytes) -> Image.Image:
    return Image.open(io.BytesIO(file))


def frames_of(file: bytes) -> tuple[list[np.ndarray], list[int]]:
    """Pixels as RGB, and milliseconds, of each frame as Pillow reads them."""
    image = opened(file)
    pixels, durations = [], []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        pixels.append(np.asarray(image.convert("RGB")))
        durations.append(image.info["duration"])
    return pixels, durations


@pytest.mark.parametrize("format_", ["gif", "webp"])
def test_grey_frames_are_kept_exactly_with_their_durations(
    format_: Literal["gif", "webp"],
) -> None:
    frames = list(digits(4, size=(31, 45)))  # Odd sides, and all 256 greys in each frame.
    file = encode_animation(frames, format=format_, milliseconds=80)
    pixels, durations = frames_of(file)
    np.testing.assert_array_equal(pixels, np.stack(frames)[..., None].repeat(3, -1))
    assert durations == [80] * 4
    assert opened(file).format == format_.upper()


@pytest.mark.parametrize("format_", ["gif", "webp"])
def test_equal_frames_keep_their_place_and_their_time(format_: Literal["gif", "webp"]) -> None:
    one, other = digits(2)
    frames = [one, one, other, other, other, one]
    pixels, durations = frames_of(encode_animation(frames, format=format_))
    np.testing.assert_array_equal(pixels, np.stack(frames)[..., None].repeat(3, -1))
    assert durations == [80] * 6
    assert frames_of(encode_animation([one, one], format=format_))[1] == [80, 80]


@pytest.mark.parametrize("format_", ["gif", "webp"])
def test_a_single_frame_is_an_animation(format_: Literal["gif", "webp"]) -> None:
    pixels, durations = frames_of(encode_animation(digits(1), format=format_))
    np.testing.assert_array_equal(pixels[0][..., 0], digits(1)[0])
    assert durations == [80]


def test_a_gif_keeps_its_total_time_if_frames_are_not_whole_hundredths() -> None:
    _, durations = frames_of(encode_animation(digits(8), format="gif", milliseconds=25))
    assert sum(durations) == 200
    assert set(durations) == {20, 30}


def test_colour_frames_are_exact_in_webp() -> None:
    frames = list(digits(3, 3))
    pixels, _ = frames_of(encode_animation(frames, format="webp"))
    np.testing.assert_array_equal(pixels, frames)


def test_colour_frames_in_a_gif_share_one_palette_and_are_similar() -> None:
    ramp = np.linspace(0, 255, 32).astype(np.uint8)
    first = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None], np.uint8(90)), -1)
    frames = [first, first[::-1], first]
    file = encode_animation(frames, format="gif")
    pixels, durations = frames_of(file)
    assert durations == [80] * 3
    assert np.abs(np.subtract(pixels, frames, dtype=np.int64)).max() <= 16
    np.testing.assert_array_equal(pixels[1], pixels[0][::-1])


@pytest.mark.parametrize("format_", ["gif", "webp"])
def test_an_animation_loops_for_ever_or_plays_once(format_: Literal["gif", "webp"]) -> None:
    for_ever = opened(encode_animation(digits(), format=format_)).info
    once = opened(encode_animation(digits(), format=format_, loop=False)).info
    assert for_ever["loop"] == 0
    assert once.get("loop") == {"gif": None, "webp": 1}[format_]


def test_an_animation_carries_its_recipe() -> None:
    expected = {"dcgan-studio": RECIPE}
    gif = opened(encode_animation(digits(), format="gif", recipe=RECIPE))
    assert json.loads(gif.info["comment"]) == expected
    webp = opened(encode_animation(digits(), format="webp", recipe=RECIPE))
    assert json.loads(webp.getexif()[0x010E]) == expected


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"frames": []}, "at least one picture, got none"),
        ({"frames": [digits()[0], digits()[0][1:]]}, "must all have one shape, got"),
        ({"frames": [np.zeros((2, 2))]}, "A picture must be uint8 .* got float64"),
        ({"frames": [np.zeros((1, 70_000), np.uint8)]}, "gif is at most 65535 pixels"),
        ({"format": "mp4"}, "format must be .* got 'mp4'"),
        ({"milliseconds": 10}, "milliseconds must be at least 20, got 10"),
        ({"milliseconds": 60_001}, r"milliseconds must be in \[20, 60000\], got 60001"),
    ],
)
def test_an_impossible_animation_is_refused_with_the_reason(
    changed: dict[str, Any], message: str
) -> None:
    arguments: dict[str, Any] = {"frames": list(digits()), "format": "gif", **changed}
    with pytest.raises(ValueError, match=message):
        encode_animation(arguments.pop("frames"), **arguments)

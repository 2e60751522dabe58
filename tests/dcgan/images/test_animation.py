"""Animations keep every frame, its position and its duration."""

from __future__ import annotations

import json
from typing import Any, Literal

import numpy as np
import pytest

from dcgan.images.animation import encode_animation
from tests.dcgan.images.examples import RECIPE, draw_noise, open_picture


def read_frames(file: bytes) -> tuple[list[np.ndarray], list[int]]:
    """Return the RGB pixels of each frame, and their durations in milliseconds."""
    image = open_picture(file)
    pixels, durations = [], []
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        pixels.append(np.asarray(image.convert("RGB")))
        durations.append(image.info["duration"])
    return pixels, durations


@pytest.mark.parametrize("format_", ["gif", "webp"])
def test_grey_frames_are_kept_exactly_with_their_durations(
    format_: Literal["gif", "webp"],
) -> None:
    frames = list(draw_noise(4, size=(31, 45)))  # Odd sides, and all 256 greys in each frame.
    file = encode_animation(frames, format=format_, milliseconds=80)
    pixels, durations = read_frames(file)
    np.testing.assert_array_equal(pixels, np.stack(frames)[..., None].repeat(3, -1))
    assert durations == [80] * 4
    assert open_picture(file).format == format_.upper()


@pytest.mark.parametrize("format_", ["gif", "webp"])
def test_equal_frames_keep_their_place_and_their_time(format_: Literal["gif", "webp"]) -> None:
    one, other = draw_noise(2)
    frames = [one, one, other, other, other, one]
    pixels, durations = read_frames(encode_animation(frames, format=format_))
    np.testing.assert_array_equal(pixels, np.stack(frames)[..., None].repeat(3, -1))
    assert durations == [80] * 6
    assert read_frames(encode_animation([one, one], format=format_))[1] == [80, 80]


@pytest.mark.parametrize("format_", ["gif", "webp"])
def test_a_single_frame_is_an_animation(format_: Literal["gif", "webp"]) -> None:
    pixels, durations = read_frames(encode_animation(draw_noise(1), format=format_))
    np.testing.assert_array_equal(pixels[0][..., 0], draw_noise(1)[0])
    assert durations == [80]


def test_a_gif_keeps_its_total_time_if_frames_are_not_whole_hundredths() -> None:
    _, durations = read_frames(encode_animation(draw_noise(8), format="gif", milliseconds=25))
    assert sum(durations) == 200
    assert set(durations) == {20, 30}


def test_colour_frames_are_exact_in_webp() -> None:
    frames = list(draw_noise(3, 3))
    pixels, _ = read_frames(encode_animation(frames, format="webp"))
    np.testing.assert_array_equal(pixels, frames)


def test_colour_frames_in_a_gif_share_one_palette_and_are_similar() -> None:
    ramp = np.linspace(0, 255, 32).astype(np.uint8)
    first = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None], np.uint8(90)), -1)
    frames = [first, first[::-1], first]
    file = encode_animation(frames, format="gif")
    pixels, durations = read_frames(file)
    assert durations == [80] * 3
    assert np.abs(np.subtract(pixels, frames, dtype=np.int64)).max() <= 16
    np.testing.assert_array_equal(pixels[1], pixels[0][::-1])


@pytest.mark.parametrize("format_", ["gif", "webp"])
def test_an_animation_loops_for_ever_or_plays_once(format_: Literal["gif", "webp"]) -> None:
    for_ever = open_picture(encode_animation(draw_noise(), format=format_)).info
    once = open_picture(encode_animation(draw_noise(), format=format_, loop=False)).info
    assert for_ever["loop"] == 0
    assert once.get("loop") == {"gif": None, "webp": 1}[format_]


def test_an_animation_carries_its_recipe() -> None:
    expected = {"dcgan-studio": RECIPE}
    gif = open_picture(encode_animation(draw_noise(), format="gif", recipe=RECIPE))
    assert json.loads(gif.info["comment"]) == expected
    webp = open_picture(encode_animation(draw_noise(), format="webp", recipe=RECIPE))
    assert json.loads(webp.getexif()[0x010E]) == expected


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"frames": []}, "at least one picture, got none"),
        ({"frames": [draw_noise()[0], draw_noise()[0][1:]]}, "must all have one shape, got"),
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
    arguments: dict[str, Any] = {"frames": list(draw_noise()), "format": "gif", **changed}
    with pytest.raises(ValueError, match=message):
        encode_animation(arguments.pop("frames"), **arguments)

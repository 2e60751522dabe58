"""Decoding of one picture or array: colours, orientation, proportions, and refusals."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from dcgan.arrays.array_decoding import decode_array
from dcgan.errors import DatasetError
from dcgan.pictures.decoding import Unusable, decode_picture
from dcgan.pictures.picture_fitting import find_light_borders
from tests.encoding import encode_picture, make_png_that_claims
from tests.picture_files import draw_square

# Modes, sizes, shapes


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("1", 1, 255),
        ("L", 200, 200),
        ("LA", (200, 255), 200),
        ("RGB", (255, 0, 0), 76),  # ITU-R 601: 0.299 R + 0.587 G + 0.114 B.
        ("RGBA", (0, 255, 0, 255), 150),
        ("RGBA", (0, 0, 0, 128), 127),  # Half-transparent black on white paper.
        ("RGBA", (0, 0, 0, 0), 255),
        ("I;16", 200 * 257, 200),
        ("I;16", 65535, 255),
    ],
)
def test_every_mode_becomes_the_right_grey(mode: str, colour: Any, expected: int) -> None:
    pixels = decode_picture(encode_picture(Image.new(mode, (28, 28), colour)))
    assert abs(int(pixels[5, 5]) - expected) <= 1
    assert np.ptp(pixels) == 0


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGB", (250, 40, 10), (250, 40, 10)),
        ("RGBA", (250, 40, 10, 255), (250, 40, 10)),
        ("RGBA", (250, 0, 0, 128), (252, 127, 127)),  # Half-transparent on white paper.
        ("RGBA", (0, 0, 0, 0), (255, 255, 255)),
        ("RGBA", (255, 255, 255, 128), (128, 128, 128)),  # White ink, on black.
        ("L", 90, (90, 90, 90)),
        ("CMYK", (0, 255, 255, 0), (255, 0, 0)),
        ("I;16", 200 * 257, (200, 200, 200)),
    ],
)
def test_every_mode_keeps_its_colours_in_a_shape_with_three_channels(
    mode: str, colour: Any, expected: tuple[int, ...]
) -> None:
    buffer = io.BytesIO()
    Image.new(mode, (64, 64), colour).save(buffer, "TIFF")
    pixels = decode_picture(buffer.getvalue(), (32, 32, 3))
    assert pixels.shape == (32, 32, 3)
    np.testing.assert_allclose(pixels[5, 5].astype(int), expected, atol=1)


def test_a_wide_picture_in_colour_is_padded_with_its_borders_colour() -> None:
    wide = np.full((10, 40, 3), (10, 200, 30), np.uint8)
    wide[4:6, 15:25] = (255, 0, 0)
    pixels = decode_picture(encode_picture(wide), (64, 64, 3))
    np.testing.assert_array_equal(pixels[0, 0], [10, 200, 30])
    np.testing.assert_array_equal(pixels[63, 63], [10, 200, 30])
    assert pixels[32, 32, 0] > 200 > 60 > pixels[32, 32, 1]


@pytest.mark.parametrize(("num_channels", "shade"), [(1, 60), (3, 60), (4, 60)])
def test_arrays_with_any_channels_become_the_wanted_shape(num_channels: int, shade: int) -> None:
    images = np.full((3, 16, 16, num_channels), shade, np.uint8)
    images[..., 3:] = 255  # Nothing is transparent.
    assert decode_array(images, "a.npz", (32, 32, 1)).shape == (3, 32, 32)
    in_colour = decode_array(images, "a.npz", (64, 64, 3))
    assert in_colour.shape == (3, 64, 64, 3)
    assert (in_colour == shade).all()


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [("I", 200, 200), ("I", 200 * 257, 200), ("F", 0.5, 128), ("F", 200.0, 200), ("CMYK", 0, 255)],
)
def test_deep_and_print_modes_of_tiff_are_read(mode: str, value: float, expected: int) -> None:
    buffer = io.BytesIO()
    Image.new(mode, (28, 28), (0, 0, 0, 0) if mode == "CMYK" else value).save(buffer, "TIFF")
    assert decode_picture(buffer.getvalue())[3, 3] == expected


@pytest.mark.parametrize("values", [[-5.0, 1.0], [0.0, 1e9], [0.0, np.nan]])
def test_a_float_picture_of_an_unknown_range_cannot_be_used(values: list[float]) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.tile(np.array(values, np.float32), (8, 4))).save(buffer, "TIFF")
    with pytest.raises(Unusable, match="of an unknown value range"):
        decode_picture(buffer.getvalue())


def test_a_palette_is_looked_up() -> None:
    picture = Image.fromarray(draw_square(1, 0)).convert("P")
    picture.putpalette([0, 0, 255, 255, 255, 0])  # Blue, yellow.
    np.testing.assert_array_equal(decode_picture(encode_picture(picture)), draw_square(226, 29))


def test_white_ink_on_a_transparent_background_gets_black_paper() -> None:
    image = np.full((28, 28, 4), 255, np.uint8)
    image[..., 3] = draw_square()
    np.testing.assert_array_equal(decode_picture(encode_picture(image)), draw_square())


def test_black_ink_on_a_transparent_background_gets_white_paper() -> None:
    image = np.zeros((28, 28, 4), np.uint8)
    image[..., 3] = draw_square()
    np.testing.assert_array_equal(decode_picture(encode_picture(image)), draw_square(0, 255))


def test_a_transparent_palette_colour_becomes_paper() -> None:
    picture = Image.fromarray(draw_square(1, 0), "L").convert("P")
    picture.putpalette([9, 9, 9, 0, 0, 0])
    buffer = io.BytesIO()
    picture.save(buffer, "GIF", transparency=0)
    np.testing.assert_array_equal(decode_picture(buffer.getvalue()), draw_square(0, 255))


def test_a_picture_is_rotated_by_its_exif_orientation() -> None:
    upright = np.zeros((28, 28), np.uint8)
    upright[:4] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # To be turned a quarter clockwise to be seen upright.
    buffer = io.BytesIO()
    Image.fromarray(np.rot90(upright)).save(buffer, "PNG", exif=exif)
    np.testing.assert_array_equal(decode_picture(buffer.getvalue()), upright)


def test_a_large_jpeg_keeps_its_shape() -> None:
    buffer = io.BytesIO()
    Image.fromarray(draw_square(255, 0, size=896)).convert("RGB").save(buffer, "JPEG", quality=95)
    pixels = decode_picture(buffer.getvalue())
    inner = draw_square() == 255
    assert pixels[10:18, 10:18].min() > 245
    assert pixels[~inner].mean() < 5  # LANCZOS leaves a faint echo beside an edge.


def test_shrinking_averages_instead_of_picking() -> None:
    checkers = (np.indices((280, 280)).sum(axis=0) % 2 * 255).astype(np.uint8)
    pixels = decode_picture(encode_picture(checkers))
    assert np.abs(pixels.astype(int) - 127).max() <= 2


@pytest.mark.parametrize("background", [0, 255])
def test_proportions_are_kept_and_the_rest_is_background(background: int) -> None:
    wide = np.full((56, 112), background, np.uint8)
    wide[20:36, 40:72] = 255 - background
    pixels = decode_picture(encode_picture(wide))
    assert (pixels[:7] == background).all()
    assert (pixels[21:] == background).all()
    ink = np.abs(pixels.astype(int) - background) > 127
    assert ink.sum() == (36 - 20) * (72 - 40) / 4**2


def test_a_narrow_strip_becomes_a_line_in_the_middle() -> None:
    pixels = decode_picture(encode_picture(np.full((4, 2000), 200, np.uint8)))
    assert (pixels == 200).all()


def test_small_pictures_are_enlarged_without_rings() -> None:
    pixels = decode_picture(encode_picture(np.full((7, 7), 128, np.uint8)))
    assert (pixels == 128).all()


# Unusable pictures


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a picture"),
        (b"no picture", "not a picture"),
        (encode_picture(draw_square())[:-30], "damaged"),
        (encode_picture(draw_square(size=3)), "smaller than 4 pixels"),
        (make_png_that_claims(10_000, 10_000), "too large"),
        (make_png_that_claims(2_147_483_647, 2_147_483_647), "too large"),
    ],
    ids=["nothing", "text", "cut", "dot", "large", "huge"],
)
def test_a_picture_that_cannot_be_used_has_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Unusable, match=f"^{reason}$"):
        decode_picture(data)


@given(st.binary(max_size=300))
@example(b"\x89PNG\r\n\x1a\n")
@example(b"GIF89a\x01\0\x01\0")
@example(b"II*\0\x08\0\0\0")
def test_random_bytes_cannot_be_used_and_do_no_harm(data: bytes) -> None:
    with pytest.raises(Unusable):
        decode_picture(data)


# Arrays


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
@pytest.mark.parametrize("low", [0.0, -1.0])
def test_both_ranges_of_floats_are_recognized(dtype: str, low: float) -> None:
    pixels = np.tile(np.arange(256, dtype=np.uint8)[: 4 * 4].reshape(4, 4) * 17, (5, 7, 7))
    floats = (low + pixels / 255 * (1 - low)).astype(dtype)
    loaded = decode_array(floats, "a.npz")
    assert np.abs(loaded.astype(int) - pixels).max() <= (dtype == "float16")


@pytest.mark.parametrize(
    ("channels", "expected"), [((255, 0, 0), 76), ((255, 0, 0, 255), 76), ((90,), 90)]
)
@pytest.mark.parametrize("size", [28, 40])
def test_channels_of_an_array_become_grey(
    channels: tuple[int, ...], expected: int, size: int
) -> None:
    images = np.tile(np.array(channels, np.uint8), (5, size, size, 1))
    assert (decode_array(np.asfortranarray(images), "a.npz") == expected).all()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, r"^dataset: the pictures in a\.npz contain NaN or infinite values; expected"),
        (np.inf, "contain NaN or infinite values"),
        (70_000.0, r"float64 from 70000 to 70000; .* np\.interp\(images"),
        (-3.0, "float64 from -3 to -3"),
    ],
)
def test_an_array_of_an_unknown_range_is_refused(value: float, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        decode_array(np.full((5, 28, 28), value), "a.npz")


# Borders


def test_light_borders_are_detected_picture_by_picture() -> None:
    half = np.zeros((28, 28), np.uint8)
    half[:, 14:] = 255  # Half of its border is light, which is no majority.
    pictures = np.stack(
        [draw_square(0, 255), draw_square(255, 0), draw_square(0, 128), draw_square(0, 127), half]
    )
    assert find_light_borders(pictures).tolist() == [True, False, True, False, False]

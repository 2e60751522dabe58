"""PNGs with recipes: the recipe is read again, and an untrusted file does no harm."""

from __future__ import annotations

import json
import struct
import zlib

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dcgan.errors import DCGANError, RecipeError
from dcgan.images.png_recipe import encode_png, read_recipe
from tests.dcgan.images.examples import RECIPE, draw_noise, open_picture

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def make_chunk(kind: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(kind + payload)
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", checksum)


def make_png(*chunks: bytes) -> bytes:
    """Make a PNG of one grey pixel with these chunks after its header."""
    header = make_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    data = make_chunk(b"IDAT", zlib.compress(b"\0\0"))
    return SIGNATURE + header + b"".join(chunks) + data + make_chunk(b"IEND", b"")


def make_recipe_chunk(text: bytes) -> bytes:
    return make_chunk(b"iTXt", b"dcgan-studio\0\0\0\0\0" + text)


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_a_png_keeps_every_pixel(channels: tuple[int, ...]) -> None:
    picture = draw_noise(1, *channels, size=(20, 30))[0]
    image = open_picture(encode_png(picture))
    np.testing.assert_array_equal(np.asarray(image).reshape(picture.shape), picture)
    assert image.mode == ("RGB" if channels == (3,) else "L")


def test_a_png_restores_its_recipe() -> None:
    png = encode_png(draw_noise()[0], RECIPE)
    assert read_recipe(png) == RECIPE


def test_another_reader_finds_recipe_and_software_as_text() -> None:
    text = open_picture(encode_png(draw_noise()[0], RECIPE)).info
    assert text["Software"] == "DCGAN Studio"
    assert json.loads(text["dcgan-studio"]) == RECIPE


def test_numpy_values_in_a_recipe_are_read_as_plain_ones() -> None:
    recipe = {"step": np.int64(3), "z": np.array([0.5, 2], np.float32), "psi": np.float32(0.5)}
    png = encode_png(draw_noise()[0], recipe)
    assert read_recipe(png) == {"step": 3, "z": [0.5, 2.0], "psi": 0.5}


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(2**63), 2**63)
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(st.characters(exclude_categories=["Cs"])),
            lambda values: st.lists(values) | st.dictionaries(st.just("key"), values),
            max_leaves=5,
        ),
    )
)
@example({"a\0b": "\0\n\u2028😀"})
def test_any_json_is_restored_from_a_png(recipe: dict[str, object]) -> None:
    assert read_recipe(encode_png(np.zeros((1, 1), np.uint8), recipe)) == recipe


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, object(), "\ud800"])
def test_a_recipe_that_json_cannot_encode_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="recipe must hold JSON values only"):
        encode_png(draw_noise()[0], {"value": value})


def test_a_recipe_too_large_to_be_read_again_is_not_written() -> None:
    with pytest.raises(ValueError, match="recipe must be at most 1,048,576 bytes"):
        encode_png(draw_noise()[0], {"text": "x" * (1 << 20)})


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (b"", "not a PNG"),
        (b"garbage", "not a PNG"),
        (b"GIF89a" + bytes(100), "not a PNG"),
        (SIGNATURE, "damaged"),
        (SIGNATURE + b"\xff" * 100, "damaged"),
        (make_png(), "holds no recipe"),
        (make_png(make_chunk(b"tEXt", b"Software\0Other")), "holds no recipe"),
        (make_png(make_chunk(b"iTXt", b"dcgan-studio-2\0\0\0\0\0{}")), "holds no recipe"),
        (make_png(make_chunk(b"iTXt", b"dcgan-studio")), "holds no recipe"),
        (make_png(make_recipe_chunk(b"")), "cannot be read"),
        (make_png(make_recipe_chunk(b"{")), "cannot be read"),
        (make_png(make_recipe_chunk(b"[1]")), "cannot be read"),
        (make_png(make_recipe_chunk(b'{"a": "\xff"}')), "cannot be read"),
        (make_png(make_recipe_chunk(b'{"a":' * 100_000)), "cannot be read"),
        (make_png(make_recipe_chunk(b'{"a":' + b"9" * 5000 + b"}")), "cannot be read"),
        (make_png(make_recipe_chunk(b'{"a": "' + b"x" * (16 << 20) + b'"}')), "too large"),
        (SIGNATURE + bytes(64 << 20), "too large"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)}-bytes",
)
def test_a_file_without_a_recipe_is_refused_with_one_sentence(file: bytes, message: str) -> None:
    with pytest.raises(RecipeError, match=message) as caught:
        read_recipe(file)
    assert isinstance(caught.value, DCGANError)
    assert len(str(caught.value)) < 200
    assert str(caught.value).count(". ") == 0


def test_a_compressed_bomb_in_the_recipe_is_not_unpacked() -> None:
    bomb = zlib.compress(b" " * (16 << 20))
    file = make_png(make_chunk(b"iTXt", b"dcgan-studio\0\1\0\0\0" + bomb))
    with pytest.raises(RecipeError, match="holds no recipe"):
        read_recipe(file)


def test_a_truncated_png_is_reported_as_damaged() -> None:
    png = encode_png(draw_noise()[0], RECIPE)
    for end in range(len(png)):
        with pytest.raises(RecipeError):
            read_recipe(png[:end])


@given(st.data())
def test_a_changed_byte_gives_an_error_and_never_another_recipe(data: st.DataObject) -> None:
    png = bytearray(encode_png(draw_noise()[0], RECIPE))
    position = data.draw(st.integers(0, len(png) - 1))
    png[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(RecipeError):
        read_recipe(bytes(png))


@given(st.binary())
def test_random_bytes_are_refused_with_an_error(garbage: bytes) -> None:
    for file in (garbage, SIGNATURE + garbage, make_png(make_recipe_chunk(garbage))):
        with pytest.raises(RecipeError):
            read_recipe(file)

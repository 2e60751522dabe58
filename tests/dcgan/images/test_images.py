"""Pictures: every pixel arrives as it was made, and a file from anybody does no harm."""

import base64
import io
import json
import struct
import zipfile
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from dcgan.errors import DCGANError, RecipeError
from dcgan.images import images
from dcgan.images.animation import encode_animation

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RECIPE = {"run": "Größe 数字 ✓", "step": 1200, "z": [0.1, -2.5], "psi": 0.7, "config": {"seed": 7}}


def digits(num: int = 3, *channels: int, size: tuple[int, int] = (28, 28)) -> np.ndarray:
    shape = (num, *size, *channels)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def opened(file: bytes) -> Image.Image:
    return Image.open(io.BytesIO(file))


def chunk(kind: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(kind + payload)
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", checksum)


def png_with(*chunks: bytes) -> bytes:
    """A PNG of one grey pixel with these chunks between header and end."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return SIGNATURE + header + b"".join(chunks) + data + chunk(b"IEND", b"")


def recipe_chunk(text: bytes) -> bytes:
    return chunk(b"iTXt", b"dcgan-studio\0\0\0\0\0" + text)


# Grids


def test_tiles_stand_row_by_row_with_gaps_between_them_only() -> None:
    pixels = np.array([1, 2, 3], np.uint8).reshape(3, 1, 1)
    picture = images.tile(pixels, 2, 2, gap=1)
    np.testing.assert_array_equal(picture, [[1, 0, 2], [0, 0, 0], [3, 0, 0]])
    assert picture.dtype == np.uint8


def test_scaling_repeats_pixels_and_gaps() -> None:
    pixels = np.array([1, 2], np.uint8).reshape(2, 1, 1)
    picture = images.tile(pixels, 1, 2, scale=2, gap=1)
    np.testing.assert_array_equal(picture, [[1, 1, 0, 0, 2, 2]] * 2)


def test_images_beyond_the_grid_are_left_out() -> None:
    pixels = digits(5)
    np.testing.assert_array_equal(images.tile(pixels, 1, 1), pixels[0])


def test_colour_stays_colour_and_one_channel_becomes_grey() -> None:
    assert images.tile(digits(4, 3), 2, 2, gap=2).shape == (58, 58, 3)
    np.testing.assert_array_equal(
        images.tile(digits(4, 1), 2, 2), images.tile(digits(4, 1)[..., 0], 2, 2)
    )


@given(
    pixels=hnp.arrays(
        np.uint8,
        st.one_of(
            st.tuples(st.integers(1, 7), st.integers(1, 5), st.integers(1, 5)),
            st.tuples(st.integers(1, 7), st.integers(1, 5), st.integers(1, 5), st.just(3)),
        ),
    ),
    columns=st.integers(1, 4),
    gap=st.integers(0, 3),
)
def test_untile_takes_apart_what_tile_put_together(
    pixels: np.ndarray, columns: int, gap: int
) -> None:
    num, height, width = pixels.shape[:3]
    rows = -(-num // columns)
    picture = images.tile(pixels, rows, columns, gap=gap)
    cells = images.untile(picture, rows, columns, gap=gap, tile_size=(height, width))
    np.testing.assert_array_equal(cells[:num], pixels)
    assert cells.shape == (rows * columns, *pixels.shape[1:])
    assert not cells[num:].any()


def test_untile_takes_one_number_for_square_tiles() -> None:
    pixels = digits(6)
    picture = images.tile(pixels, 2, 3)
    np.testing.assert_array_equal(images.untile(picture, 2, 3, tile_size=28), pixels)


def test_untile_refuses_a_picture_of_another_size() -> None:
    with pytest.raises(ValueError, match="make a picture of 58 × 88 pixels, got 58 × 89"):
        images.untile(np.zeros((58, 89), np.uint8), 2, 3, tile_size=28)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rows": 0}, "rows must be at least 1, got 0"),
        ({"columns": -1}, "columns must be at least 1, got -1"),
        ({"scale": 0}, "scale must be at least 1, got 0"),
        ({"scale": 1.5}, "scale must be a whole number, got 1.5"),
        ({"gap": -1}, "gap must be at least 0, got -1"),
        ({"pixels": np.zeros((1, 2, 2))}, "pixels must be uint8 .* got float64"),
        ({"pixels": np.zeros((2, 2), np.uint8)}, r"got uint8 of the shape \(2, 2\)"),
        ({"pixels": np.zeros((1, 2, 2, 4), np.uint8)}, r"of the shape \(1, 2, 2, 4\)"),
        ({"pixels": np.zeros((1, 0, 2), np.uint8)}, r"of the shape \(1, 0, 2\)"),
    ],
)
def test_a_grid_that_cannot_be_made_says_why(changed: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"pixels": digits(), "rows": 1, "columns": 3, **changed}
    with pytest.raises(ValueError, match=message):
        images.tile(**arguments)


# PNG and its recipe


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_a_png_keeps_every_pixel(channels: tuple[int, ...]) -> None:
    picture = digits(1, *channels, size=(20, 30))[0]
    image = opened(images.encode_png(picture))
    np.testing.assert_array_equal(np.asarray(image).reshape(picture.shape), picture)
    assert image.mode == ("RGB" if channels == (3,) else "L")


def test_a_png_brings_its_recipe_home() -> None:
    png = images.encode_png(digits()[0], RECIPE)
    assert images.read_recipe(png) == RECIPE


def test_another_reader_finds_recipe_and_software_as_text() -> None:
    text = opened(images.encode_png(digits()[0], RECIPE)).info
    assert text["Software"] == "DCGAN Studio"
    assert json.loads(text["dcgan-studio"]) == RECIPE


def test_numpy_numbers_and_arrays_in_a_recipe_come_back_as_plain_ones() -> None:
    recipe = {"step": np.int64(3), "z": np.array([0.5, 2], np.float32), "psi": np.float32(0.5)}
    png = images.encode_png(digits()[0], recipe)
    assert images.read_recipe(png) == {"step": 3, "z": [0.5, 2.0], "psi": 0.5}


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
def test_any_json_survives_the_way_through_a_png(recipe: dict[str, object]) -> None:
    assert images.read_recipe(images.encode_png(np.zeros((1, 1), np.uint8), recipe)) == recipe


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, object(), "\ud800"])
def test_a_recipe_that_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="recipe must hold what JSON can say"):
        images.encode_png(digits()[0], {"value": value})


def test_a_recipe_too_large_to_be_read_again_is_not_written() -> None:
    with pytest.raises(ValueError, match="recipe must be at most 1,048,576 bytes"):
        images.encode_png(digits()[0], {"text": "x" * (1 << 20)})


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (b"", "not a PNG"),
        (b"garbage", "not a PNG"),
        (b"GIF89a" + bytes(100), "not a PNG"),
        (SIGNATURE, "damaged"),
        (SIGNATURE + b"\xff" * 100, "damaged"),
        (png_with(), "holds no recipe"),
        (png_with(chunk(b"tEXt", b"Software\0Other")), "holds no recipe"),
        (png_with(chunk(b"iTXt", b"dcgan-studio-2\0\0\0\0\0{}")), "holds no recipe"),
        (png_with(chunk(b"iTXt", b"dcgan-studio")), "holds no recipe"),
        (png_with(recipe_chunk(b"")), "cannot be read"),
        (png_with(recipe_chunk(b"{")), "cannot be read"),
        (png_with(recipe_chunk(b"[1]")), "cannot be read"),
        (png_with(recipe_chunk(b'{"a": "\xff"}')), "cannot be read"),
        (png_with(recipe_chunk(b'{"a":' * 100_000)), "cannot be read"),
        (png_with(recipe_chunk(b'{"a":' + b"9" * 5000 + b"}")), "cannot be read"),
        (png_with(recipe_chunk(b'{"a": "' + b"x" * (16 << 20) + b'"}')), "too large"),
        (SIGNATURE + bytes(64 << 20), "too large"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)}-bytes",
)
def test_a_file_without_a_recipe_says_so_in_one_sentence(file: bytes, message: str) -> None:
    with pytest.raises(RecipeError, match=message) as raised:
        images.read_recipe(file)
    assert isinstance(raised.value, DCGANError)
    assert len(str(raised.value)) < 200
    assert str(raised.value).count(". ") == 0


def test_a_compressed_bomb_under_our_keyword_is_not_unpacked() -> None:
    bomb = zlib.compress(b" " * (16 << 20))
    file = png_with(chunk(b"iTXt", b"dcgan-studio\0\1\0\0\0" + bomb))
    with pytest.raises(RecipeError, match="holds no recipe"):
        images.read_recipe(file)


def test_a_png_cut_short_anywhere_is_damaged() -> None:
    png = images.encode_png(digits()[0], RECIPE)
    for end in range(len(png)):
        with pytest.raises(RecipeError):
            images.read_recipe(png[:end])


@given(st.data())
def test_a_changed_byte_gives_an_error_and_never_another_recipe(data: st.DataObject) -> None:
    png = bytearray(images.encode_png(digits()[0], RECIPE))
    position = data.draw(st.integers(0, len(png) - 1))
    png[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(RecipeError):
        images.read_recipe(bytes(png))


@given(st.binary())
def test_garbage_is_an_error_and_never_a_crash(garbage: bytes) -> None:
    for file in (garbage, SIGNATURE + garbage, png_with(recipe_chunk(garbage))):
        with pytest.raises(RecipeError):
            images.read_recipe(file)


# Pictures for notebooks


def test_plotted_images_stand_in_a_nearly_square_grid() -> None:
    sizes = {num: images.plot_images(digits(num), scale=1, gap=0).size for num in (1, 2, 5, 9, 12)}
    cells = {num: (width // 28, height // 28) for num, (width, height) in sizes.items()}
    assert cells == {1: (1, 1), 2: (2, 1), 5: (3, 2), 9: (3, 3), 12: (4, 3)}


def test_plotted_images_take_given_rows_or_columns() -> None:
    assert images.plot_images(digits(5), rows=1, scale=1, gap=0).size == (5 * 28, 28)
    assert images.plot_images(digits(5), columns=2, scale=1, gap=0).size == (2 * 28, 3 * 28)
    assert images.plot_images(digits(5), 1, 2, scale=2, gap=1).size == (2 * 57, 56)


def test_the_generators_range_becomes_black_to_white() -> None:
    pictures = np.array([-1, 0, 1], np.float32).reshape(3, 1, 1, 1)
    picture = images.plot_images(pictures, rows=1, scale=1, gap=0)
    assert picture.mode == "L"
    assert np.asarray(picture)[0, [0, 2]].tolist() == [0, 255]
    assert 127 <= np.asarray(picture)[0, 1] <= 128


def test_what_a_diverged_generator_gives_is_plotted_black() -> None:
    pictures = np.array([np.nan, 1], np.float32).reshape(2, 1, 1)
    assert np.asarray(images.plot_images(pictures, scale=1, gap=0)).tolist() == [[0, 255]]


def test_plotted_uint8_stays_as_it_is_in_colour_too() -> None:
    pixels = digits(1, 3)
    picture = images.plot_images(pixels, scale=1)
    assert picture.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(picture), pixels[0])


def test_images_of_an_unknown_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must be in \[-1, 1\], got \[0, 255\]"):
        images.plot_images(np.array([0, 255], np.float32).reshape(2, 1, 1))
    with pytest.raises(ValueError, match="at least one image"):
        images.plot_images(np.zeros((0, 28, 28), np.uint8))
    with pytest.raises(ValueError, match="got int64"):
        images.plot_images(np.zeros((1, 28, 28), np.int64))


# Ways out


def test_a_data_url_names_the_kind_that_the_bytes_are() -> None:
    files = {
        "png": images.encode_png(digits()[0]),
        "gif": encode_animation(digits(), format="gif"),
        "webp": encode_animation(digits(), format="webp"),
    }
    for kind, file in files.items():
        head, _, body = images.encode_data_url(file).partition(",")
        assert head == f"data:image/{kind};base64"
        assert base64.b64decode(body, validate=True) == file
    with pytest.raises(ValueError, match="PNG, GIF or WebP"):
        images.encode_data_url(b"<svg>")


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_an_npz_holds_images_and_z(channels: tuple[int, ...]) -> None:
    pixels, z = digits(3, *channels), np.arange(6, dtype=np.float64).reshape(3, 2)
    file = images.pack_npz(pixels, z)
    with np.load(io.BytesIO(file), allow_pickle=False) as arrays:
        assert set(arrays) == {"images", "z"}
        kept = arrays["images"]
        np.testing.assert_array_equal(arrays["z"], z)
        assert arrays["z"].dtype == np.float32
    assert kept.shape == ((3, 28, 28, 3) if channels == (3,) else (3, 28, 28))
    np.testing.assert_array_equal(kept.reshape(pixels.shape), pixels)
    assert kept.dtype == np.uint8
    assert images.pack_npz(pixels, z) == file


def test_an_npz_wants_a_row_of_z_for_each_image() -> None:
    with pytest.raises(ValueError, match=r"each of the 3 images, got the shape \(2, 4\)"):
        images.pack_npz(digits(3), np.zeros((2, 4)))


def test_a_zip_holds_a_png_a_digit_the_vectors_and_the_recipe() -> None:
    pixels, z = digits(2), np.ones((2, 4), np.float32)
    with zipfile.ZipFile(io.BytesIO(images.pack_digits(pixels, z, recipe=RECIPE))) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    assert list(files) == ["digit-0001.png", "digit-0002.png", "vectors.npz", "recipe.json"]
    np.testing.assert_array_equal(np.asarray(opened(files["digit-0002.png"])), pixels[1])
    assert images.read_recipe(files["digit-0002.png"]) == {**RECIPE, "row": 1}
    assert json.loads(files["recipe.json"]) == RECIPE
    assert files["vectors.npz"] == images.pack_npz(pixels, z)


def test_a_zip_is_the_same_bytes_each_time() -> None:
    pixels, z = digits(2), np.ones((2, 4), np.float32)
    file = images.pack_digits(pixels, z, recipe=RECIPE)
    assert images.pack_digits(pixels, z, recipe=RECIPE) == file
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_zip_leaves_out_a_recipe_that_is_not_there() -> None:
    file = images.pack_digits(digits(2), np.ones((2, 4)))
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert archive.namelist() == ["digit-0001.png", "digit-0002.png", "vectors.npz"]
        assert "dcgan-studio" not in opened(archive.read("digit-0001.png")).info

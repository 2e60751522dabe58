"""Archives of digits restore images, vectors and recipe."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest

from dcgan.images.digit_archives import pack_digits, pack_npz
from dcgan.images.png_recipe import read_recipe
from tests.dcgan.images.examples import RECIPE, draw_noise, open_picture


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_an_npz_holds_images_and_z(channels: tuple[int, ...]) -> None:
    pixels, z = draw_noise(3, *channels), np.arange(6, dtype=np.float64).reshape(3, 2)
    file = pack_npz(pixels, z)
    with np.load(io.BytesIO(file), allow_pickle=False) as arrays:
        assert set(arrays) == {"images", "z"}
        kept = arrays["images"]
        np.testing.assert_array_equal(arrays["z"], z)
        assert arrays["z"].dtype == np.float32
    assert kept.shape == ((3, 28, 28, 3) if channels == (3,) else (3, 28, 28))
    np.testing.assert_array_equal(kept.reshape(pixels.shape), pixels)
    assert kept.dtype == np.uint8
    assert pack_npz(pixels, z) == file


def test_an_npz_needs_a_row_of_z_for_each_image() -> None:
    with pytest.raises(ValueError, match=r"each of the 3 images, got the shape \(2, 4\)"):
        pack_npz(draw_noise(3), np.zeros((2, 4)))


def test_a_zip_holds_a_png_for_each_digit_the_vectors_and_the_recipe() -> None:
    pixels, z = draw_noise(2), np.ones((2, 4), np.float32)
    with zipfile.ZipFile(io.BytesIO(pack_digits(pixels, z, recipe=RECIPE))) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    assert list(files) == ["digit-0001.png", "digit-0002.png", "vectors.npz", "recipe.json"]
    np.testing.assert_array_equal(np.asarray(open_picture(files["digit-0002.png"])), pixels[1])
    assert read_recipe(files["digit-0002.png"]) == {**RECIPE, "row": 1}
    assert json.loads(files["recipe.json"]) == RECIPE
    assert files["vectors.npz"] == pack_npz(pixels, z)


def test_a_zip_is_the_same_bytes_each_time() -> None:
    pixels, z = draw_noise(2), np.ones((2, 4), np.float32)
    file = pack_digits(pixels, z, recipe=RECIPE)
    assert pack_digits(pixels, z, recipe=RECIPE) == file
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_zip_without_a_recipe_omits_its_file() -> None:
    file = pack_digits(draw_noise(2), np.ones((2, 4)), noun="picture")
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert archive.namelist() == ["picture-0001.png", "picture-0002.png", "vectors.npz"]
        assert "dcgan-studio" not in open_picture(archive.read("picture-0001.png")).info

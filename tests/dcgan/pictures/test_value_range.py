"""The value range of a whole set: a narrow one is stretched with a note, a full one is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dcgan.data.datasets import ImageDataset, load_dataset
from dcgan.errors import DatasetError
from dcgan.pictures.value_range import Scale, choose_value_scale

Array = np.ndarray[Any, Any]

# Shades 0, 1, 2 and so on, through all pictures; each picture has them in another order.
RAMP = (np.arange(256 * 64).reshape(64, 16, 16) * 5 % 256).astype(np.uint8)
MASK = (RAMP > 100).astype(np.uint8)


def scale_to_255(values: Array, highest: float) -> Array:
    """Return values from 0 to `highest` scaled to 0 to 255 and rounded."""
    return np.rint(values.astype(np.float64) * 255 / highest)


def load_as_array(folder: Path, images: Array) -> ImageDataset:
    """Write pictures of 16 × 16 as a .npy, doubled; load them uninverted at 32 × 32."""
    np.save(folder / "own.npy", np.kron(images, np.ones((1, 2, 2), images.dtype)))
    return load_dataset(str(folder / "own.npy"), "as_is", shape=(32, 32, 1))


def load_as_files(folder: Path, pictures: list[Image.Image], suffix: str = "png") -> ImageDataset:
    """Write pictures of 16 × 16 as files, doubled; load them uninverted at 32 × 32."""
    inner = folder / "own"
    inner.mkdir()
    for index, picture in enumerate(pictures):
        picture.resize((32, 32), Image.Resampling.NEAREST).save(inner / f"{index:03}.{suffix}")
    return load_dataset(str(inner), "as_is", shape=(32, 32, 1))


def halve_pixels(dataset: ImageDataset) -> Array:
    """Return every second pixel of doubled pictures, uint8 (num, 16, 16)."""
    return dataset.pixels[:, ::2, ::2, 0]


def make_palette_picture(image: Array) -> Image.Image:
    """Make a picture of palette indices; their colours differ by one shade of 255."""
    picture = Image.frombytes("P", image.shape[::-1], image.tobytes())
    picture.putpalette([0, 0, 0, 1, 1, 1])
    return picture


def make_colour_picture(image: Array) -> Image.Image:
    """Repeat a grey image in three channels."""
    return Image.fromarray(np.repeat(image[..., None], 3, axis=2))


def make_opaque_picture(image: Array) -> Image.Image:
    """Repeat a grey image in three channels and add a full opacity."""
    picture = make_colour_picture(image)
    picture.putalpha(255)
    return picture


@pytest.mark.parametrize(
    ("images", "expected", "note"),
    [
        (RAMP, RAMP, ""),
        (MASK * 255, MASK * 255, ""),
        (MASK.astype(bool), MASK * 255, ""),
        (MASK, MASK * 255, "values 0 to 1 stretched to 0 to 255"),
        (1 - MASK, (1 - MASK) * 255, "values 0 to 1 stretched to 0 to 255"),
        (255 - MASK, (1 - MASK) * 255, "values 254 to 255 stretched to 0 to 255"),
        (MASK.astype(np.int64), MASK * 255, "values 0 to 1 stretched to 0 to 255"),
        (MASK.astype(np.int8) * 2 - 1, MASK * 255, "values -1 to 1 scaled to 0 to 255"),
        (RAMP % 10, scale_to_255(RAMP % 10, 9), "values 0 to 9 stretched to 0 to 255"),
        (RAMP % 3 + 1, scale_to_255(RAMP % 3, 2), "values 1 to 3 stretched to 0 to 255"),
        (RAMP % 61, RAMP % 61, "little contrast: values from 0 to 60 of 255"),
        (RAMP.astype(np.uint16) * 257, RAMP, ""),
        (RAMP.astype(np.int64), RAMP, ""),
        (RAMP.astype(">u2"), RAMP, ""),
        (RAMP.astype(np.uint16) * 16, scale_to_255(RAMP, 4095 / 16), "values of 12 bits"),
        (RAMP.astype(np.int32) * 4, scale_to_255(RAMP, 1023 / 4), "values of 10 bits"),
        (RAMP.astype(np.uint16) % 17 + 9, scale_to_255(RAMP % 17, 16), "values 9 to 25 str"),
        (RAMP / 255, RAMP, ""),
        (RAMP / np.float32(127.5) - 1, RAMP, ""),
        (RAMP.astype(np.float32), RAMP, ""),
        (RAMP * 257.0, RAMP, "values 0 to 65535 scaled to 0 to 255"),
        (MASK / 255, MASK * 255, "values 0 to 0.00392157 stretched"),
        (RAMP % 17 * 1.0, scale_to_255(RAMP % 17, 16), "values 0 to 16 stretched to 0 to 255"),
    ],
)
def test_an_array_is_scaled_by_the_range_that_its_values_use(
    tmp_path: Path, images: Array, expected: Array, note: str
) -> None:
    dataset = load_as_array(tmp_path, images)
    np.testing.assert_array_equal(halve_pixels(dataset), expected)
    assert dataset.summary.startswith(f"64 pictures read{', ' if note else '.'}{note}")


@pytest.mark.parametrize(
    ("draw", "suffix", "expected", "note"),
    [
        (lambda row: Image.fromarray(RAMP[row]), "png", RAMP, ""),
        (lambda row: Image.fromarray(MASK[row] * 255), "bmp", MASK * 255, ""),
        (lambda row: Image.fromarray(MASK[row].astype(bool)), "png", MASK * 255, ""),
        (lambda row: Image.fromarray(MASK[row]), "png", MASK * 255, "values 0 to 1 stretched"),
        (lambda row: make_palette_picture(MASK[row]), "png", MASK * 255, "values 0 to 1 stretched"),
        (lambda row: make_palette_picture(MASK[row]), "gif", MASK * 255, "values 0 to 1 stretched"),
        (lambda row: make_colour_picture(MASK[row]), "png", MASK * 255, "values 0 to 1 stretched"),
        (lambda row: make_opaque_picture(MASK[row]), "png", MASK * 255, "values 0 to 1 stretched"),
        (lambda row: Image.fromarray(RAMP[row] % 61), "png", RAMP % 61, "little contrast"),
        (
            lambda row: Image.fromarray(RAMP[row].astype(np.uint16) * 16),
            "png",
            scale_to_255(RAMP, 4095 / 16),
            "values of 12 bits scaled to 0 to 255",
        ),
        (
            lambda row: Image.fromarray(RAMP[row].astype(np.uint16) * 4),
            "tif",
            scale_to_255(RAMP, 1023 / 4),
            "values of 10 bits scaled to 0 to 255",
        ),
        (lambda row: Image.fromarray(RAMP[row].astype(np.uint16)), "png", RAMP, ""),
        (lambda row: Image.fromarray(RAMP[row].astype(np.int32) * 257), "tif", RAMP, ""),
        (lambda row: Image.fromarray(RAMP[row] / np.float32(127.5) - 1), "tif", RAMP, ""),
        (lambda row: Image.fromarray(RAMP[row].astype(np.float32)), "tif", RAMP, ""),
    ],
)
def test_files_are_scaled_by_the_range_of_all_of_them(
    tmp_path: Path, draw: Callable[[int], Image.Image], suffix: str, expected: Array, note: str
) -> None:
    dataset = load_as_files(tmp_path, [draw(row) for row in range(64)], suffix)
    np.testing.assert_array_equal(halve_pixels(dataset), expected)
    assert dataset.summary.startswith(f"64 pictures read{', ' if note else '.'}{note}")


def test_dark_pictures_of_a_set_are_not_stretched_alone(tmp_path: Path) -> None:
    floats = RAMP.astype(np.float32)
    floats[0] = MASK[0]  # Alone it would be taken for the range from 0 to 1.
    dataset = load_as_files(tmp_path, [Image.fromarray(image) for image in floats], "tif")
    np.testing.assert_array_equal(halve_pixels(dataset), floats)


def test_masks_are_stretched_before_they_are_resized(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.kron(MASK, np.ones((1, 9, 9), np.uint8)))
    np.save(tmp_path / "b.npy", np.kron(MASK * 255, np.ones((1, 9, 9), np.uint8)))
    first, second = (load_dataset(str(tmp_path / name)) for name in ("a.npy", "b.npy"))
    np.testing.assert_array_equal(first.pixels, second.pixels)


@pytest.mark.parametrize("is_array", [True, False])
@pytest.mark.parametrize(
    ("images", "outlier", "expected"),
    [
        (MASK, np.uint8(255), MASK * 255),
        (RAMP.astype(np.uint16) * 16, np.uint16(65535), scale_to_255(RAMP, 4095 / 16)),
    ],
)
def test_one_bright_picture_does_not_keep_all_others_black(
    tmp_path: Path, images: Array, outlier: np.generic, expected: Array, is_array: bool
) -> None:
    images, expected = images.copy(), expected.copy()
    images[7, 3, 3], expected[7, 3, 3] = outlier, 255
    if is_array:
        dataset = load_as_array(tmp_path, images)
    else:
        dataset = load_as_files(tmp_path, list(map(Image.fromarray, images)))
    np.testing.assert_array_equal(halve_pixels(dataset), expected)
    assert "1 picture far brighter (clipped)" in dataset.summary


def test_a_few_bright_pictures_among_blank_ones_are_not_clipped(tmp_path: Path) -> None:
    images = np.zeros_like(RAMP)
    images[10:14] = RAMP[10:14]
    np.testing.assert_array_equal(halve_pixels(load_as_array(tmp_path, images)), images)


def test_the_opacity_of_an_array_is_not_stretched_with_its_colours(tmp_path: Path) -> None:
    images = np.repeat(MASK[..., None], 4, axis=3)
    images[..., 3] = 255
    np.save(tmp_path / "a.npy", np.kron(images, np.ones((1, 2, 2, 1), np.uint8)))
    dataset = load_dataset(str(tmp_path / "a.npy"), "as_is", shape=(32, 32, 1))
    np.testing.assert_array_equal(halve_pixels(dataset), MASK * 255)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (RAMP * 0, "all pixels of the 64 pictures in .* have the same value"),
        (np.full((64, 16, 16), 0.5), "have the same value, so there is nothing to learn"),
        (RAMP.astype(np.int16) - 100, r"int16 from -100 to 155; .* with np\.interp\(images, \("),
        (
            RAMP.view(np.int8),
            r"int8 from -128 to 127; .*images\.view\('uint8'\) if they were bytes",
        ),
        (RAMP.astype(np.int64) * 10**6, "int64 from 0 to 2.55e"),
        (RAMP / 60.0 - 2, r"float64 from -2 to 2.25; expected .*np\.interp"),
        (np.where(RAMP == 3, np.nan, 0.5), "NaN or infinite values; .* leave those 64 of 64"),
        (np.where(np.arange(64)[:, None, None] == 3, np.inf, RAMP), "leave those 1 of 64"),
        (RAMP.astype(complex), "is complex128 of shape"),
    ],
)
def test_an_unknown_range_is_refused_with_advice(
    tmp_path: Path, images: Array, message: str
) -> None:
    with pytest.raises(DatasetError, match=message) as caught:
        load_as_array(tmp_path, images)
    # A cast alone would wrap values around, so it is advised only after `np.interp`.
    assert "astype('uint8')" not in str(caught.value).replace("(0, 255)).astype('uint8')", "")


def test_the_advice_for_an_unknown_range_gives_pictures(tmp_path: Path) -> None:
    images = RAMP.astype(np.int16) - 128
    mended = np.interp(images, (images.min(), images.max()), (0, 255)).astype("uint8")
    np.testing.assert_array_equal(halve_pixels(load_as_array(tmp_path, mended)), RAMP)


def test_files_without_a_known_range_are_left_out_with_advice(tmp_path: Path) -> None:
    negative = [Image.fromarray(RAMP[row].astype(np.int32) - 100) for row in range(64)]
    message = "64 of an unknown value range.*save the pictures with values from 0 to 255"
    with pytest.raises(DatasetError, match=message):
        load_as_files(tmp_path, negative, "tif")


def test_sets_that_older_versions_read_correctly_keep_their_fingerprints(tmp_path: Path) -> None:
    # Runs recognize their data by the fingerprint. This hash is of fingerprints from before one
    # value range was chosen for a whole set.
    image = (np.arange(40 * 30).reshape(40, 30) % 251).astype(np.uint8)
    rolled = np.stack([np.roll(image, shift * 7) for shift in range(66)])
    digest = hashlib.sha256()
    for images in (rolled, (rolled / 250).astype("f2"), rolled / 125 - 1):
        np.savez(tmp_path / "a.npz", images=images)
        digest.update(load_dataset(str(tmp_path / "a.npz")).fingerprint.encode())
    kinds = ("png", "gif", "bmp", "tiff", "webp")  # Those without loss.
    (tmp_path / "files").mkdir()
    for index, each in enumerate(rolled):
        kind = kinds[index % len(kinds)]
        picture = Image.fromarray(each.astype(np.uint16) * 257 if kind == "tiff" else each)
        picture = picture.convert("RGBA") if kind == "webp" else picture
        picture.save(tmp_path / "files" / f"{index:02}.{kind}", lossless=True)
    for shape in ((28, 28, 1), (64, 64, 3)):
        digest.update(load_dataset(str(tmp_path / "files"), shape=shape).fingerprint.encode())
    assert digest.hexdigest()[:16] == "94220dbdcfc2fadf"


@pytest.mark.parametrize(
    ("low", "high", "scale"),
    [(-0.5, 0.5, Scale(-0.5, 0.5)), (-1.0, 0.0, Scale(-1, 0)), (-0.4, 0.3, Scale(-0.5, 0.5))],
)
def test_floats_moved_below_zero_fill_the_range_and_it_is_reported(
    low: float, high: float, scale: Scale
) -> None:
    found_scale, note = choose_value_scale(np.full(64, low), np.full(64, high), "floats")
    assert found_scale == scale
    assert note == f"values {scale.low:g} to {scale.high:g} scaled to 0 to 255"


@pytest.mark.parametrize("wrong", [256.0, 300.0, 1000.0, 65535.0])
def test_one_wrong_pixel_among_bytes_darkens_no_other_picture(wrong: float) -> None:
    highs = np.full(64, 255.0)
    highs[7] = wrong
    found_scale, note = choose_value_scale(np.zeros(64), highs, "integers")
    assert found_scale == Scale(0, 255)
    assert note == "1 picture far brighter (clipped)"

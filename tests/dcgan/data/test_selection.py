"""Pictures that the settings leave out: excluded ones and near-duplicates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dcgan.config.picture_codes import make_picture_code
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_configured_dataset, load_dataset
from dcgan.errors import ConfigError, DatasetError
from dcgan.files.whole_files import write_atomically
from tests.encoding import encode_npz, encode_picture, pack_zip
from tests.picture_files import write_files
from tests.picture_kinds import IMAGES, LABELS, sort_into


def load(path: Path, **settings: object) -> ImageDataset:
    return load_configured_dataset(TrainingConfig.create(dataset=str(path), **settings))


@pytest.mark.parametrize("name", ["set", "set.zip"])
def test_excluding_pictures_gives_the_same_set_as_deleting_their_files(
    tmp_path: Path, name: str
) -> None:
    files = sort_into(("a/", "b/"))
    write_files(tmp_path / name, files)
    excluded = ["a/00.png", "b/33.png"]
    other_files = {path: data for path, data in files.items() if path not in excluded}
    write_files(tmp_path / "others", other_files)
    dataset = load(tmp_path / name, excluded_pictures=",".join(excluded))
    expected = load(tmp_path / "others")
    assert dataset.fingerprint == expected.fingerprint
    assert dataset.label_fingerprint == expected.label_fingerprint
    assert dataset.names == expected.names == tuple(sorted(other_files))
    assert dataset.left_out == {"excluded": 2}
    assert dataset.summary.startswith("68 pictures read, 2 left out (2 excluded). 2 classes: a, b.")


def test_excluded_pictures_do_not_decide_whether_the_others_are_inverted(tmp_path: Path) -> None:
    light = {f"{index}.png": encode_picture(255 - IMAGES[0] // 4) for index in range(66)}
    dark = {f"dark/{index}.png": encode_picture(IMAGES[0] // 4) for index in range(70)}
    write_files(tmp_path, light | dark)
    assert "inverted" not in load(tmp_path).summary
    assert "inverted" in load(tmp_path, excluded_pictures=",".join(dark)).summary


def test_pictures_of_an_array_are_excluded_by_their_number(tmp_path: Path) -> None:
    file = tmp_path / "own.npz"
    file.write_bytes(encode_npz(images=IMAGES, labels=LABELS))
    dataset = load(file, excluded_pictures="picture 1, picture 70", polarity="as_is")
    np.testing.assert_array_equal(dataset.pixels[..., 0], IMAGES[1:-1])
    whole = load(file, polarity="as_is")
    assert whole.labels is not None and dataset.labels is not None  # noqa: PT018
    np.testing.assert_array_equal(dataset.labels, whole.labels[1:-1])
    assert dataset.names[0] == "picture 2"


def test_a_class_whose_pictures_are_all_excluded_is_not_learned(tmp_path: Path) -> None:
    labels = np.zeros(70, np.uint8)
    labels[5] = 1
    labels[40:] = 2
    file = tmp_path / "own.npz"
    file.write_bytes(encode_npz(images=IMAGES, labels=labels))
    assert load(file).class_names == ("0", "1", "2")
    assert load(file, excluded_pictures="picture 6").class_names == ("0", "2")


def test_codes_and_names_are_the_same_setting() -> None:
    by_name = TrainingConfig.create(dataset="own", excluded_pictures="cats/1.png, dogs/2.png")
    codes = sorted(map(make_picture_code, ("cats/1.png", "dogs/2.png")))
    assert by_name.excluded_pictures == tuple(codes)
    assert TrainingConfig.create(dataset="own", excluded_pictures=", ".join(codes)) == by_name
    assert TrainingConfig.create(dataset="own", excluded_pictures=codes[::-1]) == by_name


def test_one_path_has_one_code_on_all_systems() -> None:
    assert make_picture_code("ä\\1.png") == make_picture_code("a\u0308/1.png")
    assert make_picture_code("a/1.png") != make_picture_code("a/2.png")
    assert make_picture_code("\udcff.png")  # A name that is not valid UTF-8.


@pytest.mark.parametrize(
    "settings", [{"excluded_pictures": "1.png"}, {"near_duplicates": "leave_out"}]
)
def test_a_named_set_is_learned_as_it_is(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="are for your own pictures"):
        TrainingConfig.create(**settings)


def test_near_duplicates_are_left_out_and_named(tmp_path: Path) -> None:
    copies = {"b/05b.png": encode_picture(IMAGES[5]), "a/z.png": encode_picture(IMAGES[69])}
    write_files(tmp_path, sort_into(("a/", "b/")) | copies)
    kept = load(tmp_path)
    assert len(kept) == 72
    dataset = load(tmp_path, near_duplicates="leave_out")
    assert len(dataset) == 70
    # The first by name stays: a/z.png is before b/69.png.
    assert set(kept.names) - set(dataset.names) == {"b/05b.png", "b/69.png"}
    assert dataset.left_out == {"nearly the same as another": 2}
    assert "b/69.png (nearly the same as another: a/z.png)" in dataset.describe()


def test_too_few_pictures_after_leaving_some_out_are_refused_with_the_numbers(
    tmp_path: Path,
) -> None:
    write_files(tmp_path, {f"{index}.png": encode_picture(IMAGES[0]) for index in range(70)})
    with pytest.raises(DatasetError, match=r"holds 1 usable picture, 69 left out \(69 nearly the"):
        load(tmp_path, near_duplicates="leave_out")
    names = ",".join(f"{index}.png" for index in range(7))
    with pytest.raises(DatasetError, match=r"63 usable pictures, 7 left out \(7 excluded\)"):
        load(tmp_path, excluded_pictures=names)


def test_excluded_codes_that_belong_to_no_picture_are_reported(tmp_path: Path) -> None:
    write_atomically(tmp_path / "own.zip", pack_zip(sort_into(("",))))
    dataset = load(tmp_path / "own.zip", excluded_pictures="00.png, nothing.png")
    assert dataset.stored is not None
    assert dataset.stored.missing == (make_picture_code("nothing.png"),)


def test_sizes_and_light_borders_are_counted_as_stored(tmp_path: Path) -> None:
    files = {
        f"{index}.png": encode_picture(np.full((40, 30), 255 - index, np.uint8))
        for index in range(64)
    }
    files["wide.png"] = encode_picture(np.zeros((10, 50), np.uint8))
    write_files(tmp_path, files)
    stored = load_dataset(str(tmp_path)).stored
    assert stored is not None
    assert stored.sizes == {(30, 40): 64, (50, 10): 1}
    assert (stored.num_light, stored.is_inverted) == (64, True)

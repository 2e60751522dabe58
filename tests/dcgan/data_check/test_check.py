"""The check of own pictures: colours, near-duplicates, advice and the contact sheet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dcgan.config.picture_codes import make_picture_code
from dcgan.config.training_config import TrainingConfig
from dcgan.data.own_pictures import read_sample
from dcgan.data_check.advice import advise, choose_size
from dcgan.data_check.check import DataCheck, check_pictures
from dcgan.data_check.contact_sheet import choose_shown, draw_contact_sheet
from dcgan.pictures import picture_limits
from dcgan.progress import no_progress
from tests.encoding import encode_npy, encode_npz, encode_picture, encode_table, pack_zip
from tests.picture_files import write_files
from tests.picture_kinds import IMAGES, KAGGLE_COLUMNS, sort_into


def check(path: Path, **settings: object) -> DataCheck:
    return check_pictures(TrainingConfig.create(dataset=str(path), **settings))


def check_copies_as_different(num: int, folder: Path) -> DataCheck:
    """Check a set of one picture, `num` times, as if all were different pictures."""
    (folder / "own.npz").write_bytes(encode_npz(images=IMAGES))
    found = check(folder / "own.npz")
    pixels = np.broadcast_to(found.dataset.pixels[:1], (num, *found.dataset.pixels.shape[1:]))
    names = tuple(map(str, range(num)))
    dataset = replace(found.dataset, pixels=pixels, names=names)
    return replace(found, dataset=dataset, pairs=found.pairs[:0])


def test_grey_pictures_saved_in_colour_have_no_colours(tmp_path: Path) -> None:
    grey = np.repeat(IMAGES[..., np.newaxis], 3, axis=3)
    write_files(
        tmp_path,
        {f"{index}.jpg": encode_picture(image, "jpeg") for index, image in enumerate(grey)},
    )
    found = check(tmp_path)
    assert (found.num_sampled, found.num_colored) == (70, 0)
    assert advise(found).lines["Colour"] == "learn grey pictures: none has colours."


@pytest.mark.parametrize("suffix", [".npz", ".png"])
def test_colours_are_found_also_if_grey_pictures_are_read(tmp_path: Path, suffix: str) -> None:
    color = np.zeros((70, 28, 28, 3), np.uint8)
    color[:, 5:20, 5:20, 0] = 200
    if suffix == ".npz":
        (tmp_path / "own.npz").write_bytes(encode_npz(images=color))
    else:
        write_files(
            tmp_path, {f"{index}.png": encode_picture(image) for index, image in enumerate(color)}
        )
    found = check(tmp_path / "own.npz" if suffix == ".npz" else tmp_path)
    assert not found.config.color
    assert found.num_colored == found.num_sampled == 70
    assert found.has_colors


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({28: 70}, 28),
        ({32: 70}, 32),
        ({64: 70}, 64),
        ({500: 40, 20: 30}, 64),
        ({500: 30, 20: 40}, 28),
    ],
)
def test_the_size_keeps_the_details_of_most_pictures(
    tmp_path: Path, sizes: dict[int, int], expected: int
) -> None:
    draws = np.random.default_rng(0)
    files = {
        f"{side}-{index}.png": encode_picture(
            draws.integers(0, 255, (side, side - 2)).astype(np.uint8)
        )
        for side, count in sizes.items()
        for index in range(count)
    }
    write_files(tmp_path, files)
    assert choose_size(check(tmp_path)) == expected


def test_the_advice_counts_the_pictures_that_are_left(tmp_path: Path) -> None:
    found = check(write_files(tmp_path / "set", sort_into(("a/", "b/"))))
    assert advise(found).lines["Number"].startswith("70 pictures are few")
    excluded = frozenset(found.codes[:3])
    assert advise(found, excluded).lines["Number"].startswith("67 pictures are few")
    excluded = frozenset(found.codes[:10])
    assert advise(found, excluded).lines["Number"].startswith("only 60 pictures")


@pytest.mark.parametrize(
    ("background", "polarity", "line"),
    [
        (255, "auto", "dark on white; the pictures are inverted."),
        (255, "as_is", "dark on white; the pictures are not inverted, as the polarity says."),
        (0, "auto", "light on black; the pictures are not inverted."),
        (0, "inverted", "light on black; the pictures are inverted, as the polarity says."),
    ],
)
def test_the_polarity_is_described_as_found_and_as_learned(
    tmp_path: Path, background: int, polarity: str, line: str
) -> None:
    images = np.full((70, 28, 28), background, np.uint8)
    images[:, 10:20, 10:20] = IMAGES[:, 10:20, 10:20]
    (tmp_path / "own.npz").write_bytes(encode_npz(images=images))
    text = advise(check(tmp_path / "own.npz", polarity=polarity)).lines["Polarity"]
    assert text.endswith(f"so most strokes are {line}")


def test_the_reason_why_there_are_no_classes_is_named(tmp_path: Path) -> None:
    (tmp_path / "own.npz").write_bytes(encode_npz(images=IMAGES))
    line = advise(check(tmp_path / "own.npz")).lines["Classes"]
    assert line == "none, as there are no labels beside the pictures."
    images = np.concatenate([IMAGES, IMAGES[:50] // 2])
    labels = np.arange(len(images))
    (tmp_path / "many.npz").write_bytes(encode_npz(images=images, labels=labels))
    line = advise(check(tmp_path / "many.npz", polarity="inverted")).lines["Classes"]
    assert line == "none, as there are 120, and at most 100 can be learned."


def test_excluded_pictures_do_not_count_as_near_duplicates(tmp_path: Path) -> None:
    copies = {"a/copy.png": encode_picture(IMAGES[0]), "b/copy.png": encode_picture(IMAGES[0])}
    found = check(write_files(tmp_path / "set", sort_into(("a/", "b/")) | copies))
    names = found.dataset.names
    (group,) = found.list_near_duplicates()
    assert [names[index] for index in group] == ["a/00.png", "a/copy.png", "b/copy.png"]
    (rest,) = found.list_near_duplicates(frozenset([make_picture_code("a/00.png")]))
    assert [names[index] for index in rest] == ["a/copy.png", "b/copy.png"]


def test_the_settings_that_leave_pictures_out_do_not_change_the_check(tmp_path: Path) -> None:
    write_files(tmp_path, sort_into(("a/", "b/")))
    found = check(tmp_path, excluded_pictures="a/00.png", near_duplicates="leave_out")
    assert len(found.dataset) == 70


@pytest.mark.parametrize(
    ("num", "epochs"), [(70, 2_500), (999, 313), (1_000, 334), (6_400, 56), (60_000, 10)]
)
def test_the_advised_length_gives_enough_steps(num: int, epochs: int, tmp_path: Path) -> None:
    assert advise(check_copies_as_different(num, tmp_path)).settings["epochs"] == epochs


def test_the_contact_sheet_has_a_row_for_each_class(tmp_path: Path) -> None:
    write_files(tmp_path, sort_into(("a/", "b/", "b/", "b/")))
    dataset = check(tmp_path).dataset
    shown = choose_shown(dataset, columns=20)
    assert shown.shape == (2, 20)
    assert dataset.labels is not None
    assert (dataset.labels[shown[0][shown[0] >= 0]] == 0).all()
    assert (shown[0] >= 0).sum() == 18  # Class a has no more.
    assert (dataset.labels[shown[1]] == 1).all()
    sheet = draw_contact_sheet(dataset, shown, scale=1)
    assert sheet.shape == (2 * 30 - 2, 20 * 30 - 2)
    assert not sheet[:28, -28:].any()  # Empty cells are black.


def test_the_contact_sheet_without_classes_shows_all_parts_of_a_set(tmp_path: Path) -> None:
    write_files(tmp_path, sort_into(("",)))
    dataset = check(tmp_path).dataset
    assert choose_shown(dataset, rows=2, columns=5).tolist() == [
        [0, 7, 15, 23, 30],
        [38, 46, 53, 61, 69],
    ]


@pytest.mark.parametrize(("num", "start"), [(5_555, "used as often"), (5_556, "not used from")])
def test_augmentation_is_announced_as_training_will_use_it(
    num: int, start: str, tmp_path: Path
) -> None:
    # A tenth is held out.
    found = check_copies_as_different(num, tmp_path)
    assert advise(found).lines["Augmentation"].startswith(start)


def test_few_grey_pictures_can_start_from_the_included_run_with_the_same_shapes(
    tmp_path: Path,
) -> None:
    write_files(tmp_path, sort_into(("a/", "b/")))
    found = check(tmp_path)
    advice = advise(found)
    assert advice.start_from == "pretrained-classes"
    assert "start_from" not in advice.settings  # With letters it was worse.
    assert "A start from the included run pretrained-classes is possible" in advice.lines["Start"]
    assert "the generator's first layer" in advice.lines["Start"]  # There are two classes, not ten.
    without_classes = advise(found, networks=TrainingConfig(class_conditional=False))
    assert without_classes.start_from == "pretrained"
    assert "start fresh" not in without_classes.lines["Start"]
    for networks in (TrainingConfig(latent_dim=8), TrainingConfig.preset("classic")):
        assert "Start" not in advise(found, networks=networks).lines


@pytest.mark.parametrize(("num", "side"), [(2_222, 28), (70, 32), (70, 64)])
def test_many_or_larger_pictures_start_fresh(num: int, side: int, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (num, side, side)).astype(np.uint8)
    (tmp_path / "own.npz").write_bytes(encode_npz(images=images))
    advice = advise(check(tmp_path / "own.npz"))
    assert advice.start_from == ""
    assert "Start" not in advice.lines


@pytest.mark.parametrize(
    "files",
    [
        sort_into(("a/", "b/")),
        {"own.zip": pack_zip(sort_into(("a/", "b/")))},
        {"own.npz": encode_npz(images=IMAGES)},
        {"own.npy": encode_npy(IMAGES)},
        {"a.npy": encode_npy(IMAGES[:30]), "b.npy": encode_npy(IMAGES[30:])},
        {"own.csv": encode_table(KAGGLE_COLUMNS)},
    ],
    ids=["folder", "zip", "npz", "npy", "arrays", "csv"],
)
def test_as_many_grey_pictures_as_can_be_trained_on_are_checked(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Seventy grey pictures are just allowed, and as many in colour are not.
    monkeypatch.setattr(picture_limits, "MAX_PIXEL_BYTES", 28 * 28 * len(IMAGES))
    write_files(tmp_path, files)
    found = check(tmp_path / next(iter(files)) if len(files) == 1 else tmp_path)
    assert (len(found.dataset), found.num_sampled) == (70, 70)


def test_only_a_sample_of_arrays_is_decoded_in_colour(tmp_path: Path) -> None:
    color = np.stack([IMAGES, IMAGES // 2, IMAGES // 3], axis=-1)
    parts = {"a.npy": encode_npy(color[:30]), "b.npy": encode_npy(color[30:])}
    files = {"own.npz": encode_npz(images=color), **parts}
    write_files(tmp_path / "parts", parts)
    write_files(tmp_path, files)
    codes = [make_picture_code(f"picture {number}") for number in (41, 7)]
    for path in (tmp_path / "own.npz", tmp_path / "parts"):
        sample = read_sample(str(path), codes, (28, 28, 3), no_progress)
        np.testing.assert_array_equal(sample, color[[6, 40]])

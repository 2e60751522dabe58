"""The pictures that a run holds out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_configured_dataset, load_dataset
from dcgan.data.held_out import (
    MAX_HELD_OUT,
    MIN_TO_HOLD_OUT,
    choose_num_held_out,
    hold_out,
    load_training_part,
)
from dcgan.model.gan import DCGAN
from dcgan.recording.start import continue_run, start_run
from dcgan.runs.manifest import MANIFEST_NAME
from dcgan.runs.run_folder import Run, open_run


def make_data(tmp_path: Path, num: int) -> Path:
    """Write pictures that can be told apart, with classes."""
    random = np.random.default_rng(0)
    path = tmp_path / f"pictures-{num}.npz"
    images = random.integers(0, 256, (num, 28, 28), np.uint8)
    images[:, 0, :2] = [divmod(index, 256) for index in range(num)]
    np.savez(path, images=images, labels=np.arange(num) % 3)
    return path


def get_numbers(pixels: np.ndarray) -> list[int]:
    """Return the number that each picture carries in its corner."""
    return [int(picture[0, 0, 0]) * 256 + int(picture[0, 1, 0]) for picture in pixels]


def load(path: Path) -> ImageDataset:
    return load_dataset(str(path), "as_is")


@pytest.mark.parametrize(("num", "expected"), [(999, 0), (1000, 100), (1204, 120)])
def test_a_tenth_of_enough_own_pictures_is_held_out(
    tmp_path: Path, num: int, expected: int
) -> None:
    assert MIN_TO_HOLD_OUT == 1000
    assert choose_num_held_out(load(make_data(tmp_path, num))) == expected


def test_no_more_than_a_limit_are_held_out_and_none_of_a_named_set() -> None:
    mnist = load_dataset("mnist")
    assert choose_num_held_out(mnist) == 0
    own = ImageDataset("own", mnist.pixels, None, "")
    assert choose_num_held_out(own) == MAX_HELD_OUT


def test_the_parts_are_all_pictures_with_their_labels_and_none_is_in_both(tmp_path: Path) -> None:
    whole = load(make_data(tmp_path, 200))
    part = hold_out(whole, 20)
    assert part.held_out is not None
    assert part.labels is not None
    trained, held_out = get_numbers(part.pixels), get_numbers(part.held_out)
    assert sorted(trained + held_out) == list(range(200))
    assert len(held_out) == 20
    assert [number % 3 for number in trained] == part.labels.tolist()
    assert part.fingerprint != whole.fingerprint
    assert part.summary.endswith("20 pictures are held out to compare with.")
    assert not part.pixels.flags.writeable
    assert not part.held_out.flags.writeable


def test_the_same_pictures_are_held_out_each_time(tmp_path: Path) -> None:
    """Runs are resumed with them, so a change of the rule would break runs."""
    path = make_data(tmp_path, 200)
    config = TrainingConfig(dataset=str(path), polarity="as_is", num_held_out=5)
    part = load_training_part(config)
    assert part.held_out is not None
    assert get_numbers(part.held_out) == [6, 65, 90, 105, 168]
    assert hold_out(load(path), 5).fingerprint == part.fingerprint


def test_a_run_without_held_out_pictures_trains_on_all(tmp_path: Path) -> None:
    config = TrainingConfig(dataset=str(make_data(tmp_path, 70)), polarity="as_is")
    part = load_training_part(config)
    assert part.held_out is None
    assert part.fingerprint == load_configured_dataset(config).fingerprint


@pytest.mark.usefixtures("no_included_run", "reused_networks")
def test_a_run_keeps_its_held_out_pictures_when_it_is_resumed(
    tiny_config: TrainingConfig, tmp_path: Path
) -> None:
    config = tiny_config.replace(dataset=str(make_data(tmp_path, 1000)), polarity="as_is")
    run, gan, dataset = start_run(config, path=tmp_path / "run")
    assert (len(dataset), run.config.num_held_out, run.dataset.num_images) == (900, 100, 900)
    run.save_checkpoint(gan.get_state())
    run.lock.release()
    again, _, resumed = continue_run(open_run(run.path), epochs=1)
    again.lock.release()
    assert resumed.fingerprint == dataset.fingerprint
    assert resumed.held_out is not None
    assert dataset.held_out is not None
    assert get_numbers(resumed.held_out) == get_numbers(dataset.held_out)
    # The settings of a run may start another one, whose pictures are counted again.
    few = run.config.replace(dataset=str(make_data(tmp_path, 100)))
    other, _, dataset = start_run(few, path=tmp_path / "other")
    other.lock.release()
    assert (other.config.num_held_out, dataset.held_out) == (0, None)


@pytest.mark.usefixtures("no_included_run", "reused_networks")
def test_a_run_of_an_older_version_resumes_with_all_its_pictures(
    tiny_config: TrainingConfig, tmp_path: Path
) -> None:
    config = tiny_config.replace(dataset=str(make_data(tmp_path, 1000)), polarity="as_is")
    gan = DCGAN(config)
    run = Run.create(config, load_configured_dataset(config), path=tmp_path / "run")
    run.save_checkpoint(gan.get_state())
    run.lock.release()
    manifest = json.loads((run.path / MANIFEST_NAME).read_text())
    del manifest["config"]["num_held_out"]
    (run.path / MANIFEST_NAME).write_text(json.dumps(manifest))
    again, _, resumed = continue_run(open_run(run.path), epochs=1)
    again.lock.release()
    assert (len(resumed), resumed.held_out, again.config.num_held_out) == (1000, None, 0)

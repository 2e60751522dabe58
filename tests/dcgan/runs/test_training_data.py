"""The data of an existing run, loaded again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import load_configured_dataset, load_dataset
from dcgan.errors import DataUnavailableError
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.training_data import load_training_data
from tests.picture_files import write_files
from tests.picture_kinds import sort_into


def make_run(config: TrainingConfig, folder: Path, *class_names: str) -> Run:
    """Make a run of the cats and dogs in a folder."""
    pictures = write_files(folder / "pets", sort_into(["cats/", "dogs/"]))
    config = config.replace(dataset=str(pictures), class_names=class_names)
    return Run.create(config, load_dataset(str(pictures)), path=folder / "run")


def test_a_run_that_learned_classes_refuses_pictures_whose_classes_have_other_names(
    tiny_config: TrainingConfig, tmp_path: Path
) -> None:
    run = make_run(tiny_config, tmp_path, "cats", "dogs")
    assert load_training_data(run).class_names == ("cats", "dogs")
    (tmp_path / "pets" / "dogs").rename(tmp_path / "pets" / "wolves")
    with pytest.raises(DataUnavailableError, match=r"2: cats, dogs then, 2: cats, wolves now"):
        load_training_data(run)
    for file in (tmp_path / "pets" / "wolves").iterdir():
        file.rename(tmp_path / "pets" / "cats" / f"z{file.name}")
    with pytest.raises(DataUnavailableError, match=r"2: cats, dogs then, none now"):
        load_training_data(run)


def test_names_of_classes_do_not_matter_to_a_run_that_learned_none(
    tiny_config: TrainingConfig, tmp_path: Path
) -> None:
    run = make_run(tiny_config, tmp_path)
    (tmp_path / "pets" / "dogs").rename(tmp_path / "pets" / "wolves")
    assert load_training_data(run).class_names == ("cats", "wolves")


def test_changed_labels_are_noticed_though_pixels_and_names_are_the_same(
    tiny_config: TrainingConfig, tmp_path: Path
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (80, 28, 28), dtype=np.uint8)
    labels = np.arange(80) % 2
    np.save(tmp_path / "x_train.npy", pixels)
    np.save(tmp_path / "y_train.npy", labels)
    config = tiny_config.replace(dataset=str(tmp_path / "x_train.npy"), class_names=("0", "1"))
    run = Run.create(config, load_dataset(config.dataset), path=tmp_path / "run")
    assert load_training_data(run).class_names == ("0", "1")
    np.save(tmp_path / "y_train.npy", 1 - labels)
    with pytest.raises(DataUnavailableError, match="some pictures have another class"):
        load_training_data(run)


def test_a_run_that_left_pictures_out_finds_the_same_ones_again(
    tiny_config: TrainingConfig, tmp_path: Path
) -> None:
    files = sort_into(["cats/", "dogs/"])
    pictures = write_files(tmp_path / "pets", files | {"dogs/copy.png": files["cats/00.png"]})
    config = tiny_config.replace(
        dataset=str(pictures), near_duplicates="leave_out", excluded_pictures="cats/04.png"
    )
    run = Run.create(config, load_configured_dataset(config), path=tmp_path / "run")
    again = load_training_data(open_run(run.path))
    assert len(again) == run.dataset.num_images == 69
    assert {"cats/04.png", "dogs/copy.png"}.isdisjoint(again.names)
    assert run.dataset.left_out == {"excluded": 1, "nearly the same as another": 1}
    # What is left out may also be deleted.
    (pictures / "cats" / "04.png").unlink()
    (pictures / "dogs" / "copy.png").unlink()
    assert load_training_data(run).fingerprint == again.fingerprint
    (pictures / "cats" / "02.png").unlink()
    with pytest.raises(DataUnavailableError, match="69 then, 68 now"):
        load_training_data(run)

"""The pictures of saved runs, which all tabs share."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dashboard.state import training_pictures
from dashboard.state.training_pictures import load_all_pictures, load_some_pictures
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_configured_dataset, load_dataset
from dcgan.errors import DataUnavailableError
from dcgan.runs.run_folder import Run


@pytest.fixture
def run(tmp_path: Path, spots_file: str, tiny_config: TrainingConfig) -> Run:
    """Return a run of own pictures."""
    pictures = tmp_path / "spots.npz"
    pictures.write_bytes(Path(spots_file).read_bytes())
    config = tiny_config.replace(dataset=str(pictures))
    run = Run.create(config, load_dataset(str(pictures)), path=tmp_path / "run")
    run.lock.release()
    return run


@pytest.fixture
def loading_threads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the names of the threads that read a data set."""
    names: list[str] = []

    def load_and_record(config: TrainingConfig, *others: object) -> ImageDataset:
        names.append(threading.current_thread().name)
        return load_configured_dataset(config)

    monkeypatch.setattr("dcgan.data.held_out.load_configured_dataset", load_and_record)
    return names


def test_tabs_that_ask_at_once_share_one_reading(run: Run, loading_threads: list[str]) -> None:
    with ThreadPoolExecutor(4) as tabs:
        datasets = list(tabs.map(lambda _: load_all_pictures(run), range(4)))
    assert len(loading_threads) == 1
    assert all(dataset is datasets[0] for dataset in datasets)
    assert len(load_some_pictures(run).pixels) == 100


def test_a_failure_is_kept_until_the_pictures_are_back(
    run: Run, loading_threads: list[str]
) -> None:
    pictures = Path(run.config.dataset)
    content = pictures.read_bytes()
    pictures.unlink()
    for _ in range(3):
        with pytest.raises(DataUnavailableError, match="If the pictures have moved"):
            load_all_pictures(run)
    assert len(loading_threads) == 1
    pictures.write_bytes(content)
    np.testing.assert_array_equal(load_all_pictures(run).pixels, load_dataset(str(pictures)).pixels)


def test_a_failure_that_no_stamp_shows_is_tried_again_after_a_while(
    run: Run, loading_threads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(run.config.dataset).unlink()
    monkeypatch.setattr(training_pictures, "_RETRY_SECONDS", 0.0)
    for _ in range(2):
        with pytest.raises(DataUnavailableError):
            load_some_pictures(run)
    assert len(loading_threads) == 2

"""The queue of runs in its file."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dcgan.config.picture_codes import MAX_EXCLUDED
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import RunError
from dcgan.sweeps.grid import expand_grid
from dcgan.sweeps.queue import (
    MAX_QUEUED,
    add_to_queue,
    read_queue,
    remove_from_queue,
)

BASE = TrainingConfig(epochs=2)


def read_queued_seeds(root: Path) -> list[int]:
    return [run.config.seed for run in read_queue(root)]


def test_queued_runs_keep_their_order_until_they_start(tmp_path: Path) -> None:
    assert read_queue(tmp_path) == []
    add_to_queue(tmp_path, expand_grid(BASE, {"seed": [1, 2]}))
    add_to_queue(tmp_path, expand_grid(BASE, {"seed": [3]}))
    assert read_queued_seeds(tmp_path) == [1, 2, 3]
    second = read_queue(tmp_path)[1]
    remove_from_queue(tmp_path, [second.id])
    remove_from_queue(tmp_path, [second.id])  # Removed already.
    assert read_queued_seeds(tmp_path) == [1, 3]


def test_no_run_is_lost_when_many_are_queued_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda seed: add_to_queue(tmp_path, [BASE.replace(seed=seed)]), range(40)))
    assert sorted(read_queued_seeds(tmp_path)) == list(range(40))
    assert len({run.id for run in read_queue(tmp_path)}) == 40


def test_the_queue_has_a_maximum_length(tmp_path: Path) -> None:
    add_to_queue(tmp_path, [BASE] * MAX_QUEUED)
    with pytest.raises(RunError, match="2 runs cannot be queued: 100 are waiting already"):
        add_to_queue(tmp_path, [BASE] * 2)
    assert len(read_queue(tmp_path)) == MAX_QUEUED


def test_runs_for_which_the_file_has_no_room_are_refused_and_the_others_stay(
    tmp_path: Path,
) -> None:
    codes = tuple(f"{number:012x}" for number in range(MAX_EXCLUDED))
    large = BASE.replace(dataset="pictures", excluded_pictures=codes)
    add_to_queue(tmp_path, [large] * 4)
    with pytest.raises(RunError, match=r"would have 2\.\d MB, and 2\.1 MB is the most"):
        add_to_queue(tmp_path, [large] * 8)
    assert [run.config for run in read_queue(tmp_path)] == [large] * 4


def test_a_queue_of_an_older_version_trains_its_runs_as_that_version_did(tmp_path: Path) -> None:
    config = BASE.model_dump(mode="json", exclude={"augment", "z_schedule", "class_conditional"})
    content = {"runs": [{"id": "a", "config": config}]}
    (tmp_path / ".queue.json").write_text(json.dumps(content))
    [queued] = read_queue(tmp_path)
    assert queued.config == BASE.replace(
        augment="off", z_schedule="falling", class_conditional=False
    )


TWICE = json.dumps({"runs": [{"id": "a", "config": {}}] * 2}).encode()


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"runs": [{"id": "a"}]}', b"\xff", b" " * 2**22, TWICE]
)
def test_a_damaged_queue_is_an_error_and_is_kept(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / ".queue.json"
    path.write_bytes(data)
    with pytest.raises(RunError, match="is damaged; delete it"):
        read_queue(tmp_path)
    with pytest.raises(RunError, match="is damaged"):
        add_to_queue(tmp_path, [BASE])
    assert path.read_bytes() == data

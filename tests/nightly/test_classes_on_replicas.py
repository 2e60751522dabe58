"""Replicas with classes and workers without: the pairs that no test of each commit covers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dcgan.distributed.processes import Workers, save_noise
from tests.dcgan.distributed.test_workers import check_two_workers
from tests.dcgan.training_step.test_replicas import check_two_replicas


@pytest.fixture
def workers() -> Iterator[Workers]:
    started = Workers()
    yield started
    started.close()


def test_two_replicas_learn_classes_as_one_device_does() -> None:
    check_two_replicas("0", "1", "2")


def test_two_workers_make_the_same_steps_as_one_without_classes(
    workers: Workers, tmp_path: Path
) -> None:
    check_two_workers(workers, tmp_path, save_noise(tmp_path / "noise.npz", 2000))

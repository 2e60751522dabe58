"""Failures of a run that two processes train: each process ends and reports the cause."""

from __future__ import annotations

import re
import signal
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcgan.runs.run_folder import open_run
from tests.dcgan.distributed.processes import (
    LONG_RUN_OPTIONS,
    Workers,
    find_two_addresses,
    save_noise,
    wait_for_end,
    wait_for_step,
)

# A worker that cannot find the file with the images.
MISSING_FILE_SCRIPT = textwrap.dedent(
    """
    import sys

    missing = sys.argv.pop(1)

    from dcgan.distributed import workers as workers_module
    from dcgan.errors import DatasetError

    def load(config, *others):
        assert config.dataset == missing
        raise DatasetError(f"{missing} is not there.")

    assert workers_module.load_training_part  # Fails if it has another name.
    workers_module.load_training_part = load
    from dcgan.cli.main import main

    main()
    """
)


@pytest.fixture
def workers() -> Iterator[Workers]:
    started = Workers()
    yield started
    started.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a file of 2,000 images."""
    return save_noise(tmp_path_factory.mktemp("pictures") / "noise.npz", 2000)


def test_all_workers_report_why_the_chief_could_not_start(workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "a-file").touch()
    arguments = ("train", "--run-dir", str(tmp_path / "taken"), *LONG_RUN_OPTIONS)
    for process, expected in zip(workers.start_pair(arguments), (2, 1), strict=True):
        code, _, errors = wait_for_end(process)
        assert code == expected
        assert "exists and is not empty" in errors


def test_a_killed_worker_is_named_and_the_run_can_be_resumed(
    workers: Workers, pictures: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    arguments = ("train", "--run-dir", str(run), "--dataset", pictures, *LONG_RUN_OPTIONS)
    chief, worker = workers.start_pair([*arguments, "--checkpoint-seconds=1"])
    wait_for_step(run, 20, [chief, worker])
    worker.kill()
    worker.communicate()
    code, folder, errors = wait_for_end(chief)
    assert (code, folder) == (1, str(run))
    assert re.search(r"worker 1 \(127[^)]*\) is gone: it was killed, or cannot be reached", errors)
    assert "The run is saved up to step" in errors
    assert open_run(run).read_status().state == "failed"
    saved = max(open_run(run).checkpoints.list_steps())
    before = open_run(run).history.read_steps()[-1].step

    # A signal to any process ends all. The chief's folder counts, so the worker may name another.
    elsewhere = str(tmp_path / "elsewhere")
    chief, worker = workers.start_pair(["resume", str(run)], ["resume", elsewhere])
    wait_for_step(run, before + 20, [chief, worker])
    worker.send_signal(signal.SIGTERM)
    for code, folder, errors in (wait_for_end(chief), wait_for_end(worker)):
        assert (code, folder) == (143, str(run)), errors
    stopped = open_run(run)
    assert stopped.read_status().state == "stopped"
    assert max(stopped.checkpoints.list_steps()) == stopped.read_status().step > saved
    assert stopped.config.strategy == "multi_worker"


def test_a_killed_chief_is_named_and_its_worker_ends(
    workers: Workers, pictures: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    arguments = ("train", "--run-dir", str(run), "--dataset", pictures, *LONG_RUN_OPTIONS)
    chief, worker = workers.start_pair(arguments)
    wait_for_step(run, 20, [chief, worker])
    chief.kill()
    code, _, errors = wait_for_end(worker)
    assert code == 1
    assert re.search(r"the chief \(127[^)]*\) is gone", errors)


def test_all_workers_end_if_one_cannot_read_the_images(workers: Workers, tmp_path: Path) -> None:
    data = save_noise(tmp_path / "digits.npz", 80)
    arguments = ["train", "--run-dir", str(tmp_path / "run"), "--dataset", data, *LONG_RUN_OPTIONS]
    arguments += ["--workers", find_two_addresses(), "--worker-index"]
    worker = workers.start("-c", MISSING_FILE_SCRIPT, data, *arguments, "1")
    chief = workers.start("-m", "dcgan", *arguments, "0")
    for process, sentence in ((chief, "cannot read the same pictures"), (worker, "is not there.")):
        code, _, errors = wait_for_end(process)
        assert code == 2, errors
        assert sentence in errors
    assert not (tmp_path / "run").exists()

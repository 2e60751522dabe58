"""Training of one run by two processes over loopback, also if one of them is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from dcgan.cli.main import main
from dcgan.runs.run_folder import open_run
from tests.ports import free_addresses

ROOT = Path(__file__).parents[3]
TIMEOUT_SECONDS = 240.0  # Long enough for a busy machine.
# Small, fast networks. A run ends only when a test ends it.
TINY = (
    "--generator-filters=8,4", "--discriminator-filters=4,8", "--generator-units=8",
    "--discriminator-units=6", "--latent-dim=4", "--batch-size=16", "--num-samples=6",
    "--evaluate-every=0", "--r1-penalty=0", "--max-seconds=3600",
)  # fmt: skip

COMPARISON_SCRIPT = textwrap.dedent(
    """
    import sys

    import numpy as np
    import tensorflow as tf

    from pathlib import Path

    from dcgan.distributed import workers as workers_module
    from dcgan.distributed.cluster import set_cluster
    from dcgan.distributed.gan import DistributedGAN
    from dcgan.config import TrainingConfig
    from dcgan.data.datasets import load_configured_dataset
    from dcgan.model.gan import DCGAN
    from dcgan.training.batches import epoch_order

    workers, index, out, pictures = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
    config = TrainingConfig.create(
        dataset=pictures,
        generator_filters=(8, 4), discriminator_filters=(4, 8), generator_units=8,
        discriminator_units=6, latent_dim=4, batch_size=16, strategy="multi_worker",
    )
    made = []

    class RecordedDCGAN(DCGAN):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(self)

    workers_module.DCGAN = RecordedDCGAN
    data = load_configured_dataset(config)

    def train(gan):
        # Not at the top: workers must connect before the first TensorFlow operation.
        images = tf.constant(data.pixels)
        order = tf.constant(epoch_order(config, len(data), 1))
        first = gan.get_state()
        gan.train_steps(images, order, 0, 17)  # 17, because every 16th step has a gradient penalty.
        gan.set_state(first)
        gan.change_config(config.replace(generator_learning_rate=0.001))
        gan.train_steps(images, order, 0, 3)

    set_cluster(workers, index)
    if index == 0:
        with workers_module.connect() as channel:
            gan = DistributedGAN(workers_module.make_gan(channel, config, data), channel)
            first = gan.get_state()
            train(gan)
            gan.release_workers(Path("a-run"))
        alone = DCGAN(config.replace(strategy="one_device"))
        alone.set_state(first)
        train(alone)
        np.savez(out + "-alone.npz", **alone.get_state())
    else:
        assert workers_module.run_worker(lambda: False, print) == "a-run"
    np.savez(f"{out}-{index}.npz", **made[0].get_state())
    """
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
        raise DatasetError(f"dataset: {missing} is not there.")

    assert workers_module.load_configured_dataset
    workers_module.load_configured_dataset = load
    from dcgan.cli.main import main

    main()
    """
)


def two_addresses() -> str:
    return ",".join(free_addresses(2))


class Workers:
    """Starts processes, and kills those that still run at the end of the test."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[str]] = []

    def start_python(self, *words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            # One thread for each process, because two run at once.
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTRAOP_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        return process

    def start_both(self, *words: str) -> list[subprocess.Popen[str]]:
        """Start the same dcgan command for the chief and for one worker."""
        return self.start_pair(list(words), list(words))

    def start_pair(self, *commands: list[str]) -> list[subprocess.Popen[str]]:
        """Start one dcgan command for the chief and another for the worker."""
        workers = ("--workers", two_addresses(), "--worker-index")
        return [
            self.start_python("-m", "dcgan", *words, *workers, str(index))
            for index, words in enumerate(commands)
        ]

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of 2,000 images, which load faster than MNIST."""
    path = tmp_path_factory.mktemp("pictures") / "noise.npz"
    pixels = np.random.default_rng(0).integers(0, 256, (2000, 28, 28), dtype=np.uint8)
    np.savez(path, images=pixels)
    return str(path)


@pytest.fixture
def workers() -> Iterator[Workers]:
    started = Workers()
    yield started
    started.close()


def wait_for_end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a process; return its exit code, its last line of output and its standard error."""
    out, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    return process.returncode, (out.splitlines() or [""])[-1], errors


def wait_for_step(run: Path, step: int, processes: list[subprocess.Popen[str]]) -> None:
    """Wait until a run's history is past a step; fail if a process ends before."""
    path = run / "history.jsonl"
    for _ in range(int(TIMEOUT_SECONDS / 0.1)):
        if (
            path.exists()
            and max((it.step for it in open_run(run).history.read_steps()), default=0) > step
        ):
            return
        for process in processes:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"a worker has ended: {wait_for_end(process)}")
    raise AssertionError(f"step {step} was not reached in time")


def test_two_workers_make_the_same_steps_as_one(
    workers: Workers, pictures: str, tmp_path: Path
) -> None:
    addresses, out = two_addresses(), str(tmp_path / "state")
    processes = [
        workers.start_python("-c", COMPARISON_SCRIPT, addresses, str(index), out, pictures)
        for index in range(2)
    ]
    for code, _, errors in map(wait_for_end, processes):
        assert code == 0, errors
    chief, other, alone = (dict(np.load(f"{out}-{name}.npz")) for name in ("0", "1", "alone"))
    assert int(chief["step"]) == 3
    for name, values in chief.items():
        if name == "seconds":
            continue
        assert np.array_equal(values, other[name]), name
        difference = np.abs(values.astype(float) - alone[name]).max()
        assert difference < 1e-5, f"{name}: {difference}"  # Measured: below 1e-6.
    kernels = [name for name in chief if name.endswith("kernel")]
    assert len(kernels) > 6


def test_a_killed_worker_is_named_and_the_run_can_be_resumed(
    workers: Workers, pictures: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    words = ("train", "--run-dir", str(run), "--dataset", pictures, *TINY)
    chief, worker = workers.start_both(*words, "--checkpoint-seconds=1")
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


def test_all_workers_report_why_the_chief_could_not_start(workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "a-file").touch()
    chief, worker = map(
        wait_for_end, workers.start_both("train", "--run-dir", str(tmp_path / "taken"), *TINY)
    )
    assert chief[0] == 2
    assert worker[0] == 1
    for _, _, errors in (chief, worker):
        assert "is there and not empty" in errors


def test_a_killed_chief_is_named_and_its_worker_ends(
    workers: Workers, pictures: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    words = ("train", "--run-dir", str(run), "--dataset", pictures, *TINY)
    chief, worker = workers.start_both(*words)
    wait_for_step(run, 20, [chief, worker])
    chief.kill()
    code, _, errors = wait_for_end(worker)
    assert code == 1
    assert re.search(r"the chief \(127[^)]*\) is gone", errors)


def test_all_workers_end_if_one_cannot_read_the_images(workers: Workers, tmp_path: Path) -> None:
    data = str(tmp_path / "digits.npz")
    pixels = np.random.default_rng(0).integers(0, 256, (80, 28, 28), dtype=np.uint8)
    np.savez(data, images=pixels)
    words = ["train", "--run-dir", str(tmp_path / "run"), "--dataset", data, *TINY]
    words += ["--workers", two_addresses(), "--worker-index"]
    worker = workers.start_python("-c", MISSING_FILE_SCRIPT, data, *words, "1")
    chief = workers.start_python("-m", "dcgan", *words, "0")
    for process, sentence in ((chief, "cannot read the same images"), (worker, "is not there.")):
        code, _, errors = wait_for_end(process)
        assert code == 2, errors
        assert sentence in errors
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--workers=127.0.0.1:1"], "give --workers and --worker-index together"),
        (["--strategy=multi_worker"], "multi_worker needs to know the workers"),
        (["--workers=a:1,b:2", "--worker-index=5"], "worker_index: got 5; expected 0 to 1"),
        (
            ["--workers=a:1,b:2", "--worker-index=0", "--strategy=mirrored"],
            "they train together with --strategy multi_worker alone",
        ),
    ],
)
def test_missing_flags_of_workers_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str
) -> None:
    monkeypatch.setenv("TF_CONFIG", "")  # The command sets it; the fixture restores it.
    result = CliRunner().invoke(main, ["train", "--run-dir", str(tmp_path / "run"), *words])
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert isinstance(result.exception, SystemExit)
    assert not (tmp_path / "run").exists()

"""Training of one run by two processes over loopback.

`tests/nightly/test_worker_failures.py` kills one of them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from click.testing import CliRunner

from dcgan.cli.main import main
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.distributed import workers as workers_module
from dcgan.distributed.channel import WorkerChannel
from dcgan.model.gan import DCGAN
from dcgan.reports import StepReport
from dcgan.runs.run_folder import Run
from tests.fake_training import FakeGAN
from tests.reports import step_report

from .processes import Workers, find_two_addresses, wait_for_end

COMPARISON_SCRIPT = textwrap.dedent(
    """
    import sys

    import numpy as np
    import tensorflow as tf

    from pathlib import Path

    from dcgan.distributed import workers as workers_module
    from dcgan.distributed.cluster import set_cluster
    from dcgan.distributed.gan import DistributedGAN
    from dcgan.config.training_config import TrainingConfig
    from dcgan.data.datasets import load_configured_dataset
    from dcgan.model.gan import DCGAN
    from dcgan.training_step.training_images import TrainingImages
    from dcgan.training.batches import compute_epoch_order

    workers, index, out, pictures = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
    config = TrainingConfig.create(
        dataset=pictures, only_classes=(3, 8) if pictures == "mnist" else (),
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
    config = config.replace(class_names=data.class_names)

    def train(gan):
        # Not at the top: workers must connect before the first TensorFlow operation.
        labels = None if data.labels is None else tf.constant(data.labels, tf.int32)
        images = TrainingImages(tf.constant(data.pixels), labels)
        order = tf.constant(compute_epoch_order(config, len(data), 1))
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


@pytest.fixture
def workers() -> Iterator[Workers]:
    started = Workers()
    yield started
    started.close()


def test_two_workers_make_the_same_steps_as_one(workers: Workers, tmp_path: Path) -> None:
    check_two_workers(workers, tmp_path, "mnist")


def check_two_workers(workers: Workers, folder: Path, pictures: str) -> None:
    """Compare the steps of two workers with the steps of one; with classes if there are labels."""
    addresses, out = find_two_addresses(), str(folder / "state")
    processes = [
        workers.start("-c", COMPARISON_SCRIPT, addresses, str(index), out, pictures)
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


class RecordedChannel:
    """Replaces a `WorkerChannel`: it keeps the commands with their details and sends nothing."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, dict[str, object]]] = []

    def broadcast_command(self, command: str, **details: object) -> None:
        self.commands.append((command, details))

    def broadcast(self, data: bytes) -> None:
        assert data


@pytest.mark.parametrize(
    ("end", "problem"),
    [
        (GeneratorExit, ""),
        (KeyboardInterrupt, ""),  # From a notebook's stop button.
        (ZeroDivisionError, "training ended with an unexpected error."),
    ],
)
def test_an_interrupt_ends_the_other_workers_without_an_error(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: type[BaseException],
    problem: str,
) -> None:
    def record(*_: object) -> Iterator[StepReport]:
        yield step_report(1)

    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "run")
    run.lock.release()
    channel = RecordedChannel()
    monkeypatch.setattr(workers_module, "record", record)
    reports = workers_module.record_with_workers(
        cast("WorkerChannel", channel), run, cast("DCGAN", FakeGAN()), tiny_dataset
    )
    next(reports)
    assert channel.commands == [("state", {})]
    with pytest.raises(end):
        reports.throw(end)
    assert channel.commands[1:] == [("end", {"run": str(run.path), "problem": problem})]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--workers=127.0.0.1:1"], "--workers and --worker-index: give both"),
        (["--strategy=multi_worker"], "multi_worker needs to know the workers"),
        (["--workers=a:1,b:2", "--worker-index=5"], "--worker-index: got 5; expected 0 to 1"),
        (
            ["--workers=a:1,b:2", "--worker-index=0", "--strategy=mirrored"],
            "--workers needs --strategy multi_worker.",
        ),
    ],
)
def test_missing_flags_of_workers_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.setenv("TF_CONFIG", "")  # The command sets it; `monkeypatch` restores it.
    result = CliRunner().invoke(main, ["train", "--run-dir", str(tmp_path / "run"), *arguments])
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert isinstance(result.exception, SystemExit)
    assert not (tmp_path / "run").exists()

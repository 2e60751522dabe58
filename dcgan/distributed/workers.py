"""One run trained by several workers: the work of the chief and of the others.

Only the chief reads clocks, writes the run and generates samples. The other workers make the steps
that its `DistributedGAN` broadcasts.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.data.held_out import load_training_part
from dcgan.distributed import rendezvous
from dcgan.distributed.channel import WorkerChannel, name_lost_workers
from dcgan.distributed.gan import DistributedGAN
from dcgan.errors import ConfigError, DatasetError, DCGANError, WorkerError
from dcgan.model.gan import DCGAN
from dcgan.progress import ProgressCallback, no_progress
from dcgan.recording.disk_retry import DiskRetryPolicy, give_up_at_once
from dcgan.recording.recorder import record
from dcgan.reports import AnyReport
from dcgan.runs.run_folder import Run
from dcgan.training.batches import EpochOrders, check_batch
from dcgan.training_step.training_images import TrainingImages


@contextlib.contextmanager
def connect() -> Iterator[WorkerChannel]:
    """Connect the chief to the other workers while it prepares a run.

    After an error in the block, the other workers end with the same reason.

    Yields:
        The channel to the other workers.

    Raises:
        ConfigError: If this process is not the chief, or the workers are not known.
        WorkerError: If another worker does not connect in time.
    """
    cluster, strategy = rendezvous.join_cluster()
    if not cluster.is_chief:
        raise ConfigError(
            f"this process is {cluster.describe(cluster.index)}; only the chief starts and "
            "continues runs, the others call dcgan.distributed.workers.run_worker.",
            setting="strategy",
        )
    channel = WorkerChannel(cluster, strategy)
    try:
        yield channel
    except DCGANError as error:
        with contextlib.suppress(WorkerError):
            channel.broadcast_command("end", problem=str(error))
        raise


def make_gan(channel: WorkerChannel, config: TrainingConfig, dataset: ImageDataset) -> DCGAN:
    """Make the chief's networks while the other workers make theirs.

    `functools.partial(make_gan, channel)` can be the `make_gan` of `recording.start`.

    Args:
        channel: From `connect`.
        config: The run's settings.
        dataset: Its training images.

    Raises:
        ConfigError: If a batch is larger than the data set, or cannot be split evenly, or another
            worker has other images.
        WorkerError: If another worker is gone.
    """
    check_batch(config, len(dataset), channel.strategy.num_replicas_in_sync)
    fingerprint = _fingerprint(dataset)
    channel.broadcast_command("start", config=config.model_dump(), fingerprint=fingerprint)
    if others := channel.find_failed_workers(has_failed=False):
        raise ConfigError(
            f"{', '.join(map(channel.cluster.describe, others))} cannot read the same pictures; "
            "give all workers the same data.",
            setting="dataset",
        )
    return DCGAN(config, channel.strategy)


def record_with_workers(
    channel: WorkerChannel,
    run: Run,
    gan: DCGAN,
    dataset: ImageDataset,
    retry: DiskRetryPolicy = give_up_at_once,
) -> Generator[AnyReport]:
    """Record a run that all workers train, and release them at its end.

    Args:
        channel: From `connect`.
        run: The run, locked.
        gan: Its networks, from `make_gan`.
        dataset: Its images.
        retry: Decides whether to try a failed write again.

    Yields:
        The reports of `recorder.record`.

    Raises:
        DCGANError: For the same reasons as `recorder.record`.
    """
    shared_gan = DistributedGAN(gan, channel)
    problem = "training ended with an unexpected error."
    try:
        yield from record(run, shared_gan, dataset, retry)
        problem = ""
    except (GeneratorExit, KeyboardInterrupt):
        problem = ""
        raise
    except DCGANError as error:
        problem = str(error)
        raise
    finally:
        shared_gan.release_workers(run.path, problem)


def run_worker(
    stop_is_requested: Callable[[], bool],
    on_start: Callable[[str], None],
    progress: ProgressCallback = no_progress,
) -> str:
    """Execute the chief's commands until it ends the run.

    Args:
        stop_is_requested: Checked before each command; the chief gets the request and decides.
        on_start: Called with a sentence once all workers are connected.
        progress: Reports how many own pictures have been read.

    Returns:
        The run's folder on the chief's machine; "" if none was made.

    Raises:
        ConfigError, DatasetError: If this worker has other images than the chief.
        WorkerError: If the chief or another worker is gone, or the chief's training failed.
    """
    cluster, strategy = rendezvous.join_cluster()
    channel = WorkerChannel(cluster, strategy)
    command, details = channel.receive_command()
    if command != "start":
        raise WorkerError(f"The chief could not start: {details['problem']}")
    config = TrainingConfig.create(**details["config"])
    on_start(f"{cluster.describe(cluster.index)} follows {cluster.describe(0)}")
    dataset = _load_same_data(config, str(details["fingerprint"]), channel, progress)
    gan = DCGAN(config, strategy)
    images = TrainingImages.from_dataset(dataset, config)
    orders = EpochOrders(config, len(dataset))
    while True:
        if stop_is_requested():
            channel.request_stop()
        command, details = channel.receive_command()
        match command:
            case "steps":
                num_steps = details["num_steps"]
                with name_lost_workers(cluster):
                    gan.train_steps(images, *orders.select(gan.step, num_steps), num_steps)
            case "state":
                with np.load(io.BytesIO(channel.receive()), allow_pickle=False) as state:
                    gan.set_state(dict(state))
            case "config":
                gan.change_config(TrainingConfig.create(**details["config"]))
            case "end":
                return _read_run_folder(details)
            case other:
                raise WorkerError(
                    f"The chief sent the command {other!r}; install the same version on all "
                    "workers."
                )


def _fingerprint(dataset: ImageDataset) -> str:
    """Return a text that is equal only for equal pixels and labels."""
    return f"{dataset.fingerprint} {dataset.label_fingerprint}"


def _load_same_data(
    config: TrainingConfig, fingerprint: str, channel: WorkerChannel, progress: ProgressCallback
) -> ImageDataset:
    """Load the chief's images on this worker; all workers end if one of them cannot."""
    problem: DCGANError | None = None
    try:
        dataset = load_training_part(config, progress)
        if _fingerprint(dataset) != fingerprint:
            problem = DatasetError(
                f"got {config.dataset}, with other pictures than the chief's; give all workers the "
                "same data."
            )
    except DCGANError as error:
        problem = error
    if not channel.find_failed_workers(has_failed=problem is not None):
        return dataset
    _, details = channel.receive_command()  # The chief's "end", with the reason.
    raise problem or WorkerError(f"The chief could not start: {details['problem']}")


def _read_run_folder(details: dict[str, Any]) -> str:
    """Return the run's folder from the chief's last command, or raise the chief's error."""
    if details.get("problem"):
        raise WorkerError(f"The chief has ended the training: {details['problem']}")
    return str(details.get("run", ""))

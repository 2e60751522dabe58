"""One run, several workers: the chief trains as ever, the others make the same steps.

The chief alone reads clocks, writes the run and draws pictures. Its `DCGAN` tells the others each
chunk of steps, each changed setting and each state that it takes over; that is all they need.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dcgan.backend import tf
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_configured_dataset
from dcgan.distributed import cluster
from dcgan.distributed.channel import Line
from dcgan.errors import ConfigError, DatasetError, DCGANError, WorkerError
from dcgan.model.devices import choose_strategy
from dcgan.model.gan import DCGAN
from dcgan.reports import ProgressCallback, no_progress
from dcgan.training.loop import EpochOrders, check_batch


@contextlib.contextmanager
def together(strategy: str) -> Iterator[Line | None]:
    """Meet the other workers, if the strategy has any, before a run is made ready.

    If what is done then fails, the others are sent home with the reason.

    Yields:
        The line to the others; None where there are none.

    Raises:
        ConfigError: If this process is not the chief, or as of `cluster.join`.
        WorkerError: As of `cluster.join`.
    """
    if strategy != "multi_worker":
        yield None
        return
    workers, found = cluster.join()
    if not workers.is_chief:
        raise ConfigError(
            f"strategy: this process is {workers.name(workers.index)}; the chief alone begins and "
            "continues runs, the others call dcgan.distributed.workers.follow."
        )
    line = Line(workers, found)
    try:
        yield line
    except DCGANError as error:
        with contextlib.suppress(WorkerError):
            line.give("leave", why=str(error))
        raise


def begin(config: TrainingConfig, dataset: ImageDataset, line: Line | None) -> DCGAN:
    """Make the networks of a run, with the other workers where there are any.

    Args:
        config: The run's settings.
        dataset: What it learns from.
        line: As of `together`.

    Raises:
        ConfigError: If a batch is larger than the data set, or cannot be split evenly, or another
            worker has other images.
        WorkerError: If another worker is gone.
    """
    strategy = choose_strategy(config.strategy) if line is None else line.strategy
    check_batch(config, len(dataset), strategy.num_replicas_in_sync)
    if line is not None:
        line.give("begin", config=config.model_dump(), fingerprint=dataset.fingerprint)
        if others := line.disagreeing(True):
            raise ConfigError(
                f"dataset: {', '.join(map(line.cluster.name, others))} cannot read the same "
                "images; give all workers the same data."
            )
    return DCGAN(config, strategy, line)


def follow(
    wants_to_stop: Callable[[], bool],
    on_begin: Callable[[str], None],
    progress: ProgressCallback = no_progress,
) -> str:
    """Make the steps that the chief tells, until it sends this worker home.

    Args:
        wants_to_stop: Asked now and then; the chief is told, and decides.
        on_begin: Called once all workers are there, with what is to be trained, in words.
        progress: Reports how many own pictures have been read.

    Returns:
        The run's folder, as the chief knows it; "" if it came to none.

    Raises:
        ConfigError, DatasetError: If this worker has other images than the chief.
        WorkerError: If the chief or another worker is gone, or had to give up.
    """
    workers, strategy = cluster.join()
    line = Line(workers, strategy)
    order, details = line.take()
    if order != "begin":
        raise WorkerError(f"The chief could not begin: {details['why']}")
    config = TrainingConfig.create(**details["config"])
    on_begin(f"{workers.name(workers.index)} follows {workers.name(0)}")
    dataset = _same_data(config, str(details["fingerprint"]), line, progress)
    gan = DCGAN(config, strategy, line)
    images, orders = tf.constant(dataset.pixels), EpochOrders(config, len(dataset))
    while True:
        if wants_to_stop():
            line.want_to_stop()
        order, details = line.take()
        match order:
            case "steps":
                num_steps = details["num_steps"]
                gan.train_steps(images, *orders.of_steps(gan.step, num_steps), num_steps)
            case "state":
                with np.load(io.BytesIO(line.hear()), allow_pickle=False) as state:
                    gan.set_state(dict(state))
            case "config":
                gan.change_config(TrainingConfig.create(**details["config"]))
            case "leave":
                return _sent_home(details)
            case other:
                raise WorkerError(f"The chief tells {other!r}; do all have the same version?")


def _same_data(
    config: TrainingConfig, fingerprint: str, line: Line, progress: ProgressCallback
) -> ImageDataset:
    problem: DCGANError | None = None
    try:
        dataset = load_configured_dataset(config, progress)
        if dataset.fingerprint != fingerprint:
            problem = DatasetError(f"{config.dataset}: these are other images than the chief's.")
    except DCGANError as error:
        problem = error
    if not line.disagreeing(problem is None):
        return dataset
    _, details = line.take()  # All leave together: the chief says why.
    raise problem or WorkerError(f"The chief could not begin: {details['why']}")


def _sent_home(details: dict[str, Any]) -> str:
    if details.get("why"):
        raise WorkerError(f"The chief has ended the training: {details['why']}")
    return str(details.get("run", ""))

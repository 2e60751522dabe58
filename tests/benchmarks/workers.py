"""Measure the gain of a second worker: steps per second of one and of two, in turn.

    python tests/benchmarks/workers.py [--rounds 3] [--steps 12] [--preset classic]

Each worker is a process that is pinned to one core; they communicate over loopback. Each worker has
as many images a step as a single one (weak scaling). Efficiency is the images/s of two workers,
divided by twice the images/s of one. A single worker is measured with an idle other core, and with
an independent training on it, which shows the cost of sharing the machine.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))


def run_process(preset: str, batch: int, steps: int, workers: str, index: int) -> None:
    """Run one worker; the first one prints its images per second."""
    import tensorflow as tf

    from dcgan.config.training_config import TrainingConfig
    from dcgan.data.datasets import load_dataset
    from dcgan.distributed.cluster import set_cluster
    from dcgan.distributed.gan import DistributedGAN
    from dcgan.distributed.workers import connect, make_gan, run_worker
    from dcgan.recording.start import make_local_gan
    from dcgan.training.batches import compute_epoch_order
    from dcgan.training.trainable import TrainableGAN
    from dcgan.training_step.training_images import TrainingImages

    num = len(workers.split(",")) if workers else 1
    strategy = "multi_worker" if workers else "one_device"
    config = TrainingConfig.preset(preset, batch_size=batch * num, strategy=strategy)
    if workers:
        set_cluster(workers, index)
        if index:
            run_worker(lambda: False, lambda words: None)
            return
    dataset = load_dataset("mnist")

    def measure_steps(gan: TrainableGAN) -> None:
        images = TrainingImages(tf.constant(dataset.pixels))
        order = tf.constant(compute_epoch_order(config, len(dataset), 1))
        gan.train_steps(images, order, 0, 2)
        started = time.perf_counter()
        gan.train_steps(images, order, 2, steps)
        print(steps * config.batch_size / (time.perf_counter() - started))  # noqa: T201

    if not workers:
        measure_steps(make_local_gan(config, dataset))
        return
    with connect() as channel:
        gan = DistributedGAN(make_gan(channel, config, dataset), channel)
        measure_steps(gan)
        gan.release_workers(Path())


def measure(preset: str, batch: int, steps: int, *, num: int, as_one_run: bool) -> float:
    """Start processes, each on its own core; return their mean images per second.

    Args:
        preset: The preset of the run.
        batch: Batch size of each process.
        steps: Number of measured steps.
        num: Number of processes.
        as_one_run: Whether they are workers of one run, or train independently.
    """
    workers = _find_addresses(num) if as_one_run else ""
    cores = sorted(os.sched_getaffinity(0))
    processes = [
        subprocess.Popen(
            ["taskset", "-c", str(cores[index % len(cores)]), sys.executable, __file__, "--work",
             preset, str(batch), str(steps), workers, str(index)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for index in range(num)
    ]  # fmt: skip
    answers = [process.communicate()[0].strip() for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit("a worker has failed")
    speeds = [float(answer) for answer in answers if answer]
    return sum(speeds) / num


def _find_addresses(num: int) -> str:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(num)]
        return ",".join(f"127.0.0.1:{probe.getsockname()[1]}" for probe in probes)


def main() -> None:
    """Measure in turn and print the table."""
    if sys.argv[1:2] == ["--work"]:
        preset, batch, steps, workers, index = sys.argv[2:]
        run_process(preset, int(batch), int(steps), workers, int(index))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--preset", default="classic")
    parser.add_argument(
        "--batch", type=int, nargs="+", default=[32, 128, 256], help="Batch size of each worker."
    )
    options = parser.parse_args()
    print(f"{'images a worker and step':<26}{'alone':>10}{'beside':>10}{'two':>10}  efficiency")  # noqa: T201
    for batch in options.batch:
        rows = []
        for _ in range(options.rounds):
            alone = measure(options.preset, batch, options.steps, num=1, as_one_run=False)
            beside = measure(options.preset, batch, options.steps, num=2, as_one_run=False)
            two = measure(options.preset, batch, options.steps, num=2, as_one_run=True) * 2
            rows.append((alone, beside, two))
        alone, beside, two = map(statistics.median, zip(*rows, strict=True))
        ratios = sorted(row[2] / 2 / row[0] for row in rows)
        print(  # noqa: T201
            f"{batch:<26}{alone:>10.0f}{beside:>10.0f}{two:>10.0f}  "
            f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()

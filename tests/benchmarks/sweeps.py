"""Measure runs per hour: one after the other, or two at once with a core each.

    python tests/benchmarks/sweeps.py [--runs 4] [--epochs 1] [--rounds 2] [--dataset mnist]

Trains the same runs in three ways: `sweep` with all cores, one run after the other; two tasks of an
array (`--tasks 2`), each pinned to a core; and `--on ray`, if Ray is installed. The times include
the start of Python, TensorFlow and Ray, and the tracing of the first step. Needs two cores, and
Linux for `taskset`.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def measure_seconds(commands: list[list[str]], arguments: list[str], num_runs: int) -> float:
    """Run the commands of a sweep at the same time; return the seconds until all have ended."""
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    with tempfile.TemporaryDirectory() as root:
        started = time.perf_counter()
        processes = [
            subprocess.Popen(
                [*command, "--root", root, *arguments],
                cwd=REPOSITORY,
                env=environment | {"TF_CPP_MIN_LOG_LEVEL": "3"},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for command in commands
        ]
        answers = [process.communicate() for process in processes]
        taken = time.perf_counter() - started
        if any(process.returncode for process in processes):
            raise SystemExit("\n".join(errors for _, errors in answers))
        if sum(len(output.split()) for output, _ in answers) != num_runs:
            raise SystemExit("not all runs were trained")
    return taken


def main() -> None:
    """Measure the ways in turn and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--dataset", default="mnist")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:2] if sys.platform == "linux" else []
    if len(cores) < 2:
        parser.error("it needs Linux and two cores.")
    seeds = ",".join(map(str, range(options.runs)))
    arguments = ["--vary", f"seed={seeds}", "--epochs", str(options.epochs)]
    arguments += ["--dataset", options.dataset, "--evaluate-every", "0"]
    sweep = [sys.executable, "-m", "dcgan", "sweep"]
    tasks = [
        ["taskset", "-c", str(core), *sweep, "--tasks", "2", "--task", str(index)]
        for index, core in enumerate(cores)
    ]
    ways = {"one after the other": [sweep], "two tasks of an array": tasks}
    if importlib.util.find_spec("ray"):
        both_cores = ",".join(map(str, cores))
        ways["two at once on Ray"] = [["taskset", "-c", both_cores, *sweep, "--on", "ray"]]
    rounds = [
        {
            name: measure_seconds(commands, arguments, options.runs)
            for name, commands in ways.items()
        }
        for _ in range(options.rounds)
    ]
    print(f"{'way':<24}{'seconds':>9}{'runs/hour':>11}  against one after the other")  # noqa: T201
    for name in ways:
        taken = statistics.median(seconds[name] for seconds in rounds)
        gains = sorted(seconds["one after the other"] / seconds[name] for seconds in rounds)
        print(  # noqa: T201
            f"{name:<24}{taken:>9.0f}{3600 * options.runs / taken:>11.0f}  "
            f"{statistics.median(gains):.2f} ({gains[0]:.2f} to {gains[-1]:.2f})"
        )


if __name__ == "__main__":
    main()

"""Kill a training at random moments and check its run; prints what was lost.

    python tests/benchmarks/kills.py [--kills 100] [--checkpoint-seconds 1]

`python -m dcgan` trains a run with the default settings on MNIST. Again and again it is killed with
SIGKILL at a random moment, also while it starts or writes (checkpoints come every second), checked
and resumed. A kill counts as lost if afterwards

- the run cannot be opened, or its state is not "interrupted",
- the newest checkpoint cannot be read,
- more training is lost than `--checkpoint-seconds` and the unfinished chunk and save,
- a line of the history other than the last is damaged,
- a step is missing from the history or repeated, because a resume did not start at the
  checkpoint, or
- a sample grid is damaged.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dcgan.errors import RunError
from dcgan.runs.run_folder import Run, open_run

REPOSITORY = Path(__file__).resolve().parents[2]
# Added to `--checkpoint-seconds`: the unfinished chunk and a save.
SLACK_SECONDS = 3.0
MAX_SECONDS_ALIVE = 12.0  # Importing and tracing take about five of them.


def main() -> None:
    """Kill, check and resume; print each loss and the total."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--checkpoint-seconds", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0, help="Seed of the random moments.")
    options = parser.parse_args()
    moments = random.Random(options.seed)
    num_lost, num_in_training, steps = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        for number in range(1, options.kills + 1):
            is_new = not (path / "config.json").exists()
            process = start_training(path, options.checkpoint_seconds, is_new=is_new)
            before = steps
            time.sleep(moments.uniform(0.1, MAX_SECONDS_ALIVE))
            os.kill(process.pid, signal.SIGKILL)
            output = process.communicate()[1]
            if process.returncode != -signal.SIGKILL:
                problems = [f"it ended before the kill: {output.strip()[-200:]}"]
            elif not (path / "config.json").exists():
                problems = []  # Killed before the run was created.
            else:
                problems, steps = check_run(path, options.checkpoint_seconds, before)
            num_in_training += steps > before
            num_lost += bool(problems)
            for problem in problems:
                print(f"kill {number}: {problem}", flush=True)  # noqa: T201
            if number % 10 == 0:
                print(  # noqa: T201
                    f"{number} kills, {num_lost} lost; {steps:,} steps trained", flush=True
                )
    print(  # noqa: T201
        f"{options.kills} kills, {num_in_training} of them after new steps were saved: "
        f"{num_lost} lost"
    )
    sys.exit(1 if num_lost else 0)


def start_training(path: Path, seconds: float, *, is_new: bool) -> subprocess.Popen[str]:
    """Start or resume the run."""
    train = ["train", "--run-dir", str(path), "--epochs", "100000"]
    train += ["--checkpoint-seconds", str(seconds)]
    command = train if is_new else ["resume", str(path)]
    return subprocess.Popen(
        [sys.executable, "-m", "dcgan", *command],
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def check_run(path: Path, seconds: float, steps_before: int) -> tuple[list[str], int]:
    """Return the problems of the run, and the step at which it can be resumed."""
    try:
        run = open_run(path)
        state = run.read_status().state
        problems = [] if state == "interrupted" else [f"its state is {state}"]
        if not run.checkpoints.list_steps() and not run.history.read_steps():
            return problems, 0  # Killed before the first step.
        checkpoint = run.checkpoints.load()
        newest = max(run.checkpoints.list_steps())
        if int(checkpoint["step"]) != newest:
            problems.append(f"the newest checkpoint, of step {newest}, cannot be read")
        problems += check_history(run, float(checkpoint["seconds"]), seconds)
        for step in run.samples.list_steps():
            run.samples.read(step)
        for step in run.checkpoints.list_steps():
            run.checkpoints.read(step)
    except RunError as error:
        return [str(error)], steps_before
    step = int(checkpoint["step"])
    if step < steps_before:
        problems.append(f"step {step} after a resume from {steps_before}")
    return problems, step


def check_history(run: Run, saved: float, seconds: float) -> list[str]:
    """Return the problems of the history; `saved` is the checkpoint's training time."""
    path = run.path / "history.jsonl"
    # The checkpoint of step 0 is saved before the first line of the history.
    lines = path.read_bytes().splitlines() if path.exists() else []
    problems = []
    for number, line in enumerate(lines[:-1], start=1):
        with contextlib.suppress(ValueError):
            json.loads(line)
            continue
        problems.append(f"line {number} of history is damaged")
    history = run.history.read_steps()
    for before, after in itertools.pairwise(history):
        if after.step - after.num_steps != before.step:
            problems.append(f"history goes from step {before.step} to {after.step}")
    # Without the newest chunk, whose save may have been under way. After a start it is one step,
    # which takes as long as the graph takes to build.
    behind = history[-2].seconds - saved if len(history) > 1 else 0.0
    if behind > seconds + SLACK_SECONDS:
        problems.append(f"{behind:.1f} s of training lie behind the newest checkpoint")
    return problems


if __name__ == "__main__":
    main()

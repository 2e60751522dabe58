"""Kill a training at random moments and see what is left; prints what was lost.

    python tests/benchmarks/kills.py [--kills 100] [--checkpoint-seconds 1]

One run with the default settings on the real MNIST is trained by `python -m dcgan`, killed with
SIGKILL at a random moment (also while it starts, and while it writes: checkpoints come every
second), looked at, and resumed, again and again. A kill counts as lost if afterwards

- the run cannot be opened, or does not say that it was interrupted,
- no checkpoint can be read, or the newest file of them cannot,
- the newest one is older than the rule allows: more training than `--checkpoint-seconds`, and
  the chunk and the save that were under way, lies behind it,
- a line of history is damaged other than the last,
- a step is missing from history or is there twice, as a resume did not begin where the checkpoint
  stood, or
- a picture is damaged.
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
# Beside the rule's seconds: the chunk under way, and a save with the disk's own pace.
SLACK_SECONDS = 3.0
LONGEST_LIFE = 12.0  # Seconds; importing and tracing take about five of them.


def main() -> None:
    """Kill, look, resume; print each loss and the sum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--checkpoint-seconds", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0, help="Of the random moments.")
    options = parser.parse_args()
    moments = random.Random(options.seed)
    lost, in_training, steps = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        for number in range(options.kills):
            is_new = not (path / "config.json").exists()
            process = start(path, options.checkpoint_seconds, is_new=is_new)
            before = steps
            time.sleep(moments.uniform(0.1, LONGEST_LIFE))
            os.kill(process.pid, signal.SIGKILL)
            output = process.communicate()[1]
            if process.returncode != -signal.SIGKILL:
                problems = [f"it had ended by itself: {output.strip()[-200:]}"]
            elif not (path / "config.json").exists():
                problems = []  # Killed before there was a run; nothing was there to lose.
            else:
                problems, steps = look(path, options.checkpoint_seconds, before)
            in_training += steps > before
            lost += bool(problems)
            for problem in problems:
                print(f"kill {number + 1}: {problem}", flush=True)  # noqa: T201
            if (number + 1) % 10 == 0:
                print(  # noqa: T201
                    f"{number + 1} kills, {lost} lost; {steps:,} steps trained", flush=True
                )
    print(  # noqa: T201
        f"{options.kills} kills, {in_training} of them after new steps were saved: {lost} lost"
    )
    sys.exit(1 if lost else 0)


def start(path: Path, seconds: float, *, is_new: bool) -> subprocess.Popen[str]:
    """Begin the run, or go on with it."""
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


def look(path: Path, seconds: float, steps_before: int) -> tuple[list[str], int]:
    """Return what is wrong with the run, and the step that it can be resumed from."""
    try:
        run = open_run(path)
        state = run.read_status().state
        problems = [] if state == "interrupted" else [f"it says {state}"]
        if not run.checkpoints.list_steps() and not run.history.read_steps():
            return problems, 0  # Killed before the first checkpoint, without a step to lose.
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
    """Return what is wrong with history, seen beside the checkpoint's training time."""
    lines = (run.path / "history.jsonl").read_bytes().splitlines()
    problems = []
    for number, line in enumerate(lines[:-1]):
        with contextlib.suppress(ValueError):
            json.loads(line)
            continue
        problems.append(f"line {number + 1} of history is damaged")
    history = run.history.read_steps()
    for before, after in itertools.pairwise(history):
        if after.step - after.num_steps != before.step:
            problems.append(f"history goes from step {before.step} to {after.step}")
    behind = history[-1].seconds - saved if history else 0.0
    if behind > seconds + SLACK_SECONDS:
        problems.append(f"{behind:.1f} s of training lie behind the newest checkpoint")
    return problems


if __name__ == "__main__":
    main()

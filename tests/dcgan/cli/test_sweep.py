"""The command `sweep`: runs in a row, shares of tasks, errors and interrupts."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from click.testing import Result

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError, DCGANError, DivergenceError, InUseError
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import open_run
from dcgan.sweeps import claims
from dcgan.sweeps.claims import claim
from dcgan.sweeps.combinations import Combination
from tests.command_line import TINY_OPTIONS, invoke, read_refusal
from tests.forked_python import start_python
from tests.skips import needs_signals

pytestmark = pytest.mark.usefixtures("no_included_run", "reused_networks")


QUICK_OPTIONS = (*TINY_OPTIONS, "--epochs=1", "--evaluate-every=0")


@pytest.fixture(autouse=True)
def no_task_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MAX", "JOB_COMPLETION_INDEX"):
        monkeypatch.delenv(name, raising=False)


def sweep(*arguments: object) -> Result:
    """Run the command `sweep` in this process."""
    return invoke("sweep", *arguments)


def test_tasks_share_a_sweep_and_a_second_start_trains_nothing_twice(
    spots_file: str, tmp_path: Path
) -> None:
    varied = ("--vary", "seed=1,2", "--vary", "generator-learning-rate=0.001,0.002")
    arguments = (*varied, "--root", tmp_path, "--dataset", spots_file, *QUICK_OPTIONS)
    shares = [sweep(*arguments, "--tasks=2", "--task", task) for task in (0, 1)]
    assert [result.exit_code for result in shares] == [0, 0], shares[0].output + shares[1].output
    assert "Task 0 (of 0 to 1): 2 of the 4 runs" in shares[0].stderr
    assert "Run 2 of 2: seed 2, generator_learning_rate 0.001" in shares[0].stderr
    folders = [Path(line) for result in shares for line in result.stdout.splitlines()]
    configs = [open_run(folder).config for folder in folders]
    assert [(config.seed, config.generator_learning_rate) for config in configs] == [
        (1, 0.001), (2, 0.001), (1, 0.002), (2, 0.002),
    ]  # fmt: skip
    assert all(open_run(folder).read_status().state == "finished" for folder in folders)
    before = {folder: (folder / "history.jsonl").stat().st_mtime_ns for folder in folders}

    again = sweep(*arguments)
    assert again.exit_code == 0, again.output
    assert again.stdout.split() == [str(folders[index]) for index in (0, 2, 1, 3)]
    assert "Run 2 of 4: seed 1, generator_learning_rate 0.002: already finished" in again.stderr
    assert before == {folder: (folder / "history.jsonl").stat().st_mtime_ns for folder in folders}
    assert "seed  generator_learning_rate  state     step" in again.stderr
    listed, problems = list_runs(tmp_path)
    assert (len(listed), problems) == (4, [])


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    result = sweep("--vary", "seed=1,2", "--root", tmp_path / "runs", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.count("not started") == 2
    assert not (tmp_path / "runs").exists()


def test_a_run_that_another_process_trains_is_skipped_with_a_message(
    spots_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.locking.lock._RETRY_SECONDS", 0.0)
    arguments = ("--vary", "seed=1,2", "--root", tmp_path, "--dataset", spots_file, *QUICK_OPTIONS)
    name = sweep(*arguments, "--dry-run").stdout.splitlines()[1].split()[-1]
    config = TrainingConfig(dataset=spots_file)
    with claim(Combination(config, ("seed",), tmp_path / name)):
        result = sweep(*arguments)
    assert result.exit_code == 1
    assert f"Run 1 of 2: seed 1: skipped: {name} is being written by process" in result.stderr
    [trained] = map(Path, result.stdout.splitlines())
    assert open_run(trained).config.seed == 2


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--task=1",), "--task: give --tasks too"),
        (("--tasks=2",), "--tasks: got 2; give --task too"),
        (("--cpus-per-run=2",), "give them with --on ray"),
        (("--tasks=0",), "--tasks: got '0'; expected 1 or more."),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    arguments: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    result = sweep("--vary", "seed=1,2", "--root", tmp_path / "runs", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert why in result.stderr
    assert not (tmp_path / "runs").exists()


@needs_signals
def test_an_interrupted_sweep_resumes_when_it_is_started_again(
    spots_file: str, tmp_path: Path
) -> None:
    until_stopped = ("--epochs=none", "--max-seconds=600")
    arguments = ("--root", str(tmp_path), "--dataset", spots_file, *QUICK_OPTIONS, *until_stopped)
    with start_python("-m", "dcgan", "sweep", "--vary", "seed=1,2", *arguments) as process:
        assert process.stderr is not None
        assert any(line.startswith("epoch ") for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 143, errors
    [folder] = map(Path, output.split())
    step = open_run(folder).checkpoints.list_steps()[-1]
    assert f"Saved at step {step:,}" in errors
    assert "not started" in errors  # The second run, in the table.

    # Shorten the plan, so that one step is left.
    data = json.loads((folder / "config.json").read_text())
    data["config"]["max_seconds"] = open_run(folder).read_status().seconds + 0.001
    (folder / "config.json").write_text(json.dumps(data))
    result = sweep("--vary", "seed=1", *arguments)
    assert result.exit_code == 0, result.output
    assert f"Run 1 of 1: seed 1: resumes at step {step:,}" in result.stderr
    assert result.stdout.split() == [str(folder)]
    assert open_run(folder).read_status().state == "finished"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--vary", "seed"), "--vary: got 'seed'; expected a setting, = and its values"),
        (("--vary", "seed="), "seed: give at least one value"),
        (("--vary", "no_such="), "no_such: there is no such setting; the settings are"),
        (("--vary", "seed=1,000"), "seed: got '1,000'; expected values with a decimal point, no"),
        (("--vary", "speed=1"), "speed: there is no such setting"),
        (("--vary", "seed=x"), "seed: got 'x'; expected"),
    ],
)
def test_invalid_values_are_refused_before_anything_is_written(
    arguments: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    assert why in read_refusal("sweep", *arguments, "--root", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("failures", "exit_code"),
    [
        ([DivergenceError("a"), None], 1),
        ([InUseError("a"), DivergenceError("b")], 1),
        ([ConfigError("a"), DivergenceError("b")], 2),
        ([None, None], 0),
    ],
)
def test_a_sweep_exits_with_the_worst_code_of_its_runs(
    failures: list[DCGANError | None],
    exit_code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = iter(failures)

    def prepare_run(combination: Combination, progress: object) -> None:
        if failure := next(left):
            raise failure

    monkeypatch.setattr(claims, "prepare_run", prepare_run)
    result = sweep("--vary", "seed=1,2", "--root", tmp_path)
    assert result.exit_code == exit_code, result.output
    assert all(str(failure) in result.stderr for failure in failures if failure)
    assert list(left) == []

"""A sweep in shares: the same everywhere, none twice, and what was begun goes on."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from dcgan.cli.main import main
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError, InUseError, RunError
from dcgan.recording.recorder import record
from dcgan.runs.run_folder import Run, open_run
from dcgan.sweeps.claims import claim, prepare_run
from dcgan.sweeps.combinations import Combination, assign_folders
from dcgan.sweeps.grid import expand_grid
from dcgan.sweeps.table import format_table, read_row
from dcgan.sweeps.tasks import read_task

pytestmark = pytest.mark.usefixtures("no_shipped_run")


REPOSITORY = Path(__file__).parents[3]
BASE = TrainingConfig(epochs=2)
PER_EPOCH = 7  # 100 pictures in batches of 16.
TINY = (
    "--batch-size=16",
    "--generator-filters=8,4",
    "--discriminator-filters=4,8",
    "--latent-dim=4",
    "--num-samples=6",
    "--epochs=1",
    "--evaluate-every=0",
)


@pytest.fixture(autouse=True)
def apart_from_the_real_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MAX", "JOB_COMPLETION_INDEX"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, tiny_dataset: ImageDataset) -> str:
    path = tmp_path_factory.mktemp("pictures") / "spots.npz"
    np.savez(path, images=tiny_dataset.pixels[:100])
    return str(path)


@pytest.fixture
def combination(tiny_config: TrainingConfig, pictures: str, tmp_path: Path) -> Combination:
    [one] = assign_folders([tiny_config.replace(dataset=pictures, epochs=1)], ["seed"], tmp_path)
    return one


def names(root: Path, **choices: list[object]) -> list[str]:
    return [each.path.name for each in assign_folders(expand_grid(BASE, choices), choices, root)]


# Names


def test_the_same_settings_have_one_folder_in_every_sweep(tmp_path: Path) -> None:
    seeds = names(tmp_path, seed=[1, 2, 3])
    assert len(set(seeds)) == 3
    assert names(tmp_path, seed=[3, 2, 1, 0])[:3] == seeds[::-1]
    assert names(tmp_path / "elsewhere", seed=[1], batch_size=[64]) == seeds[:1]  # Its default.
    assert not set(names(tmp_path, seed=[1], batch_size=[32, 128])) & set(seeds)


def test_a_combination_that_comes_twice_has_two_folders(tmp_path: Path) -> None:
    first, other, second = names(tmp_path, seed=[1, 2, 1])
    assert second == f"{first}-2"
    assert other not in (first, second)


def test_a_folder_is_the_same_on_every_machine(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from dcgan.config import TrainingConfig\n"
        "from dcgan.sweeps.combinations import assign_folders\n"
        "config = TrainingConfig(epochs=2, seed=5, generator_filters=(8, 4))\n"
        "print(assign_folders([config], ['seed'], Path('x'))[0].path.name)"
    )
    there = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    config = BASE.replace(seed=5, generator_filters=(8, 4))
    assert there == {assign_folders([config], ["seed"], tmp_path)[0].path.name}


def test_the_same_words_for_other_pictures_are_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        (folder / "pictures").mkdir(parents=True)
        monkeypatch.chdir(folder)
        found += names(tmp_path, dataset=["pictures"])
    assert len(set(found)) == 2


def test_a_combination_says_what_is_its_own(tmp_path: Path) -> None:
    config = BASE.replace(seed=1, generator_filters=(48, 24))
    [one] = assign_folders([config], ["seed", "generator_filters"], tmp_path)
    assert one.label == "seed 1, generator_filters 48-24"
    assert one.title.startswith("Seed 1, ")


# Shares


@pytest.mark.parametrize(
    ("task", "tasks", "environment", "expected"),
    [
        (None, None, {}, (0, 1)),
        (None, None, {"SLURM_ARRAY_TASK_ID": "3"}, (0, 1)),  # Nobody asked for a share.
        (2, 3, {"SLURM_ARRAY_TASK_ID": "1"}, (2, 3)),
        (None, 4, {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MAX": "3"}, (3, 4)),
        # One of them is started again, alone.
        (
            None,
            8,
            {
                "SLURM_ARRAY_TASK_ID": "3",
                "SLURM_ARRAY_TASK_MIN": "3",
                "SLURM_ARRAY_TASK_MAX": "3",
                "SLURM_ARRAY_TASK_COUNT": "1",
            },
            (3, 8),
        ),
        (None, 2, {"JOB_COMPLETION_INDEX": "1"}, (1, 2)),
        (None, 2, {"JOB_COMPLETION_INDEX": "1", "SLURM_ARRAY_TASK_ID": ""}, (1, 2)),
    ],
)
def test_a_task_knows_its_number(
    task: int | None, tasks: int | None, environment: dict[str, str], expected: tuple[int, int]
) -> None:
    assert read_task(task, tasks, environment) == expected


@pytest.mark.parametrize(
    ("task", "tasks", "environment", "why"),
    [
        (1, None, {}, "task: give --tasks too"),
        (4, 4, {}, "task: got 4; expected 0 to 3, as there are 4 tasks"),
        (None, 4, {}, "give --task, which of them this is"),
        (None, 4, {"SLURM_ARRAY_TASK_ID": "x"}, "SLURM_ARRAY_TASK_ID: got 'x'; expected a whole"),
        (None, 4, {"JOB_COMPLETION_INDEX": "4"}, "JOB_COMPLETION_INDEX: got 4; expected 0 to 3"),
        # `--array=1-4` would leave share 0 to nobody, so that none begins.
        (
            None,
            4,
            {"SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_MAX": "4"},
            "SLURM_ARRAY_TASK_ID: got 4; expected 0 to 3, .* They count from 0",
        ),
        (None, 4, {"SLURM_ARRAY_TASK_ID": "1", "JOB_COMPLETION_INDEX": "2"}, "are both set"),
    ],
)
def test_a_number_that_is_none_is_refused(
    task: int | None, tasks: int | None, environment: dict[str, str], why: str
) -> None:
    with pytest.raises(ConfigError, match=why):
        read_task(task, tasks, environment)


# One process a combination


def test_who_claims_a_combination_has_it_alone(
    combination: Combination, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.runs.lock._RETRY_SECONDS", 0.0)
    with claim(combination):
        with (
            pytest.raises(InUseError, match="is skipped: it is being written by process"),
            claim(combination),
        ):
            pytest.fail("two have it")
        assert not combination.path.exists()
    with claim(combination):
        pass


def test_a_run_that_something_else_trains_is_left_to_it(combination: Combination) -> None:
    ready = prepare_run(combination)
    assert ready is not None
    try:
        with pytest.raises(InUseError):
            prepare_run(combination)
    finally:
        ready.run.lock.release()


# Where it goes on


def stop_after(steps: int, combination: Combination) -> Run:
    """Train a few steps of a combination, as one that is interrupted."""
    ready = prepare_run(combination)
    assert ready is not None
    with contextlib.closing(record(ready.run, ready.gan, ready.dataset)) as reports:
        next(itertools.dropwhile(lambda report: report.step < steps, reports))
    return ready.run


def test_a_combination_begins_goes_on_and_is_finished(combination: Combination) -> None:
    assert combination.open_run() is None
    assert read_row(combination).state == "not begun"
    run = stop_after(1, combination)
    assert run.read_label().title == "Seed 0"
    assert read_row(combination).state == "stopped"
    ready = prepare_run(combination)
    assert ready is not None
    assert ready.run.path == run.path
    assert ready.step == run.checkpoints.list_steps()[-1] > 0
    for _ in record(ready.run, ready.gan, ready.dataset):
        pass
    assert ready.gan.step == PER_EPOCH
    assert prepare_run(combination) is None
    assert read_row(combination).state == "finished"


def test_a_death_between_the_last_checkpoint_and_its_note_is_finished(
    combination: Combination,
) -> None:
    ready = prepare_run(combination)
    assert ready is not None
    for _ in record(ready.run, ready.gan, ready.dataset):
        pass
    ready.run.write_status("running", step=3)
    assert read_row(combination).state == "interrupted"
    assert prepare_run(combination) is None
    assert open_run(combination.path).read_status().state == "finished"
    assert open_run(combination.path).read_status().step == PER_EPOCH


def leave_a_folder(combination: Combination) -> None:
    (combination.path / "samples").mkdir(parents=True)
    (combination.path / ".lock").touch()


def leave_no_checkpoint(combination: Combination) -> None:
    ready = prepare_run(combination)
    assert ready is not None
    ready.run.lock.release()
    assert open_run(combination.path).checkpoints.list_steps() == []


@pytest.mark.parametrize("leave", [leave_a_folder, leave_no_checkpoint])
def test_what_died_before_its_first_checkpoint_begins_anew(
    leave: Callable[[Combination], None], combination: Combination
) -> None:
    leave(combination)
    ready = prepare_run(combination)
    assert ready is not None
    assert ready.step is None
    for _ in record(ready.run, ready.gan, ready.dataset):
        pass
    assert read_row(combination).state == "finished"


def test_a_damaged_run_with_checkpoints_is_not_thrown_away(combination: Combination) -> None:
    run = stop_after(1, combination)
    (run.path / "config.json").unlink()
    with pytest.raises(RunError, match=r"config\.json is missing"):
        prepare_run(combination)
    assert run.checkpoints.list_steps()
    assert read_row(combination).state == "damaged"


# The table


def test_the_table_names_the_best(tmp_path: Path) -> None:
    found = assign_folders(expand_grid(BASE, {"seed": [1, 2, 10]}), ["seed"], tmp_path)
    rows = [read_row(each) for each in found]
    assert [line.split() for line in format_table(rows)][1][:4] == ["1", "not", "begun", "–"]
    row = type(rows[0])
    rows[0] = row(found[0], "finished", 1876, 40.4, 1.5, 1.25)
    rows[2] = row(found[2], "stopped", 900, 20.0, 31.5, 31.5)
    lines = format_table(rows)
    assert lines[0].split() == [
        "seed", "state", "step", "seconds", "Fréchet", "distance", "best", "run",
    ]  # fmt: skip
    assert lines[1].split() == ["1", "finished", "1,876", "40", "1.50", "1.25", found[0].path.name]
    assert len({line.index("sweep-") for line in lines[1:4]}) == 1  # In columns.
    assert lines[4] == "Best Fréchet distance: 1.25, seed 1."
    assert format_table([]) == []


# The command


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["sweep", *map(str, words)])


def test_tasks_share_a_sweep_and_a_second_start_trains_nothing_twice(
    pictures: str, tmp_path: Path
) -> None:
    words = ("--vary", "seed=1,2,3", "--root", tmp_path, "--dataset", pictures, *TINY)
    shares = [call(*words, "--tasks=2", "--task", task) for task in (0, 1)]
    assert [result.exit_code for result in shares] == [0, 0], shares[0].output + shares[1].output
    assert "Task 0 (of 0 to 1): 2 of the 3 runs" in shares[0].stderr
    folders = [Path(line) for result in shares for line in result.stdout.splitlines()]
    assert [open_run(folder).config.seed for folder in folders] == [1, 3, 2]
    before = {folder: (folder / "history.jsonl").stat().st_mtime_ns for folder in folders}

    again = call(*words)
    assert again.exit_code == 0, again.output
    assert again.stdout.split() == [str(folders[index]) for index in (0, 2, 1)]
    assert "Run 2 of 3: seed 2: already finished" in again.stderr
    assert before == {folder: (folder / "history.jsonl").stat().st_mtime_ns for folder in folders}
    assert "seed  state     step" in again.stderr
    listed, problems = runs_under(tmp_path)
    assert (len(listed), problems) == (3, [])


def runs_under(root: Path) -> tuple[list[Run], list[str]]:
    from dcgan.runs.library import list_runs

    return list_runs(root)


def test_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    result = call("--vary", "seed=1,2", "--root", tmp_path / "runs", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.count("not begun") == 2
    assert not (tmp_path / "runs").exists()


def test_what_another_process_trains_is_left_out_and_said(
    pictures: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.runs.lock._RETRY_SECONDS", 0.0)
    words = ("--vary", "seed=1,2", "--root", tmp_path, "--dataset", pictures, *TINY)
    name = call(*words, "--dry-run").stdout.splitlines()[1].split()[-1]
    config = TrainingConfig(dataset=pictures)
    with claim(Combination(config, ("seed",), tmp_path / name)):
        result = call(*words)
    assert result.exit_code == 1
    assert f"Run 1 of 2: seed 1: {name} is skipped: it is being written by process" in result.stderr
    assert len(result.stdout.splitlines()) == 1
    assert call(*words).exit_code == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--task=1",), "task: give --tasks too"),
        (("--tasks=2",), "give --task, which of them this is"),
        (("--cpus-per-run=2",), "give them with --on ray"),
        (("--tasks=0",), "0 is not in the range"),
    ],
)
def test_what_does_not_fit_is_refused(words: tuple[str, ...], why: str, tmp_path: Path) -> None:
    result = call("--vary", "seed=1,2", "--root", tmp_path / "runs", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert why in result.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send these signals to a process.")
def test_an_interrupted_task_goes_on_when_it_is_started_again(
    pictures: str, tmp_path: Path
) -> None:
    words = [
        *("sweep", "--vary", "seed=1,2", "--root", str(tmp_path), "--dataset", pictures, *TINY),
        *("--epochs=none", "--max-seconds=600"),
    ]
    command = [sys.executable, "-m", "dcgan", *words]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert any(line.startswith("epoch ") for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 143, errors
    [folder] = map(Path, output.split())
    step = open_run(folder).checkpoints.list_steps()[-1]
    assert f"Saved at step {step:,}" in errors
    assert "not begun" in errors  # The second one, in the table.

    # As the seconds are over by now, but for those of a step.
    data = json.loads((folder / "config.json").read_text())
    data["config"]["max_seconds"] = open_run(folder).read_status().seconds + 0.001
    (folder / "config.json").write_text(json.dumps(data))
    result = CliRunner().invoke(main, [*words[:2], "seed=1", *words[3:]])
    assert result.exit_code == 0, result.output
    assert f"Run 1 of 1: seed 1: resumes at step {step:,}" in result.stderr
    assert result.stdout.split() == [str(folder)]
    assert open_run(folder).read_status().state == "finished"

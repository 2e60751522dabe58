"""The command `tune`: its result in words, as JSON, and after an interrupt."""

from __future__ import annotations

import json
import shlex
from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DivergenceError
from dcgan.reports import AnyReport
from dcgan.tuning import opening
from dcgan.tuning.tuning_files import find_folder, read_tuning, write_tuning
from tests.command_line import invoke, read_refusal
from tests.tunings import plan, run_next

pytestmark = pytest.mark.usefixtures("no_included_run")


class FakeTuner:
    """Replaces a `Tuner`: a smaller R1 penalty is worse, a larger one far better."""

    def __init__(self, folder: Path, base: TrainingConfig, minutes: float, *given: object) -> None:
        self.folder = folder
        self.tuning = read_tuning(folder) or plan(minutes, base)

    def prepare_run(self, index: int) -> tuple[SimpleNamespace, None, None]:
        return SimpleNamespace(config=self.tuning.base), None, None

    def train_run(self, index: int, *given: object) -> Generator[AnyReport]:
        yield from ()
        self.tuning = run_next(self.tuning, measure)
        write_tuning(self.folder, self.tuning)
        if self.tuning.runs[index].problem:
            raise DivergenceError("It diverged.")


def measure(config: TrainingConfig, seconds: float) -> float | None:
    """Return the distance of some settings; the widest networks fail."""
    if config.generator_filters == (96, 48):
        return None
    return 0.1 * (config.seed + 1) + (3.0 if config.r1_penalty == 1 else 9.0)


@pytest.fixture(autouse=True)
def fake_tuner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tune without training."""
    monkeypatch.setattr(opening, "open_tuner", FakeTuner)


def test_the_result_is_a_sentence_a_table_and_a_command(tmp_path: Path) -> None:
    result = invoke("tune", tmp_path / "my pictures", "--minutes", 10, "--root", tmp_path)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("R1 penalty 1 gave 3.25 ± 0.05 instead of 9.25 ± 0.05 after ")
    assert lines[0].endswith(" each; train with these settings.")
    assert lines[1].startswith("This is more than chance: with 2 seeds")
    assert lines[3] == "Distance to real pictures, lower is better:"
    rows = {line.split("  ")[0]: line.split()[-1] for line in lines[5:-2]}
    assert len(rows) == 9
    assert rows["Starting settings"] == "9.30"
    assert "failed" in next(line for line in lines if line.startswith("Generator channels 96-48"))
    command = shlex.split(lines[-1].removeprefix("To train: "))
    assert command[-5:] == [
        "--dataset", str(tmp_path / "my pictures"), "--until-converged", "--r1-penalty", "1.0",
    ]  # fmt: skip
    assert "Round 1 of 4, run 2 of 9: R1 penalty 1; about 10 min left" in result.stderr
    assert "It diverged." in result.stderr


@pytest.mark.parametrize(
    ("options", "end"),
    [
        (("--evaluate-every", 0), "--evaluate-every 0"),
        (("--max-seconds", 60), "--max-seconds 60.0"),
        ((), "--until-converged"),
    ],
)
def test_the_command_trains_until_the_run_stops_improving_unless_a_length_was_chosen(
    options: tuple[object, ...], end: str, tmp_path: Path
) -> None:
    result = invoke("tune", tmp_path / "pictures", "--root", tmp_path, *options)
    assert result.exit_code == 0, result.output
    command = result.stdout.splitlines()[-1]
    assert end in command
    assert ("--until-converged" in command) == (not options)


def test_json_has_every_measurement_and_a_finished_tuning_is_printed_again(tmp_path: Path) -> None:
    options = ("tune", tmp_path / "pictures", "--json", "--root", tmp_path, "--epochs", 7)
    result = invoke(*options)
    found = json.loads(result.stdout)
    assert found["is_better"]
    best = next(each for each in found["candidates"] if each["is_best"])
    assert best["changes"] == {"r1_penalty": 1.0}
    assert [run["seed"] for run in best["runs"]] == [0, 1, 2]
    assert len(best["runs"][0]["measured"]) == 3
    assert best["runs"][1]["measured"][0]["distance"] == pytest.approx(3.2)
    assert found["command"].endswith("--epochs 7 --r1-penalty 1.0")
    again = invoke(*options)
    assert json.loads(again.stdout) == found
    assert "Round" not in again.stderr


def test_an_interrupted_tuning_goes_on_with_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pictures"
    folder = find_folder(tmp_path, TrainingConfig(dataset=str(path)), 10.0)
    tuning = plan(10, TrainingConfig(dataset=str(path)))
    for _ in range(4):
        tuning = run_next(tuning, measure)
    write_tuning(folder, tuning)
    result = invoke("tune", path, "--root", tmp_path)
    assert "Round 1 of 4, run 5 of 9" in result.stderr
    assert "Round 1 of 4, run 4 of 9" not in result.stderr


def test_wrong_values_are_refused(tmp_path: Path) -> None:
    assert "--minutes" in read_refusal("tune", tmp_path, "--minutes", 0, "--root", tmp_path)
    assert "got 0.1" in read_refusal("tune", tmp_path, "--minutes", 0.1, "--root", tmp_path)
    assert "r1_penalty: got '-1'" in read_refusal("tune", "mnist", "--r1-penalty", -1)

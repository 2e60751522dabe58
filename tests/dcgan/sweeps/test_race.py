"""Races: their plan, and their file."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError, RunError
from dcgan.sweeps.queue import QueuedRun, append_to_queue, read_queue
from dcgan.sweeps.race import (
    Race,
    Variant,
    change_race,
    create_race,
    estimate_race_seconds,
    list_races,
    plan_race,
    read_race,
)

TIME, NAME = datetime(2026, 11, 30, 14, 5, 12), "20261130-140512"
BASE = TrainingConfig(epochs=3, seed=4, evaluate_every=0)
VARIANTS = [Variant(f"beta_1 {value:g}", BASE.replace(beta_1=value)) for value in (0.0, 0.5)]
MEASURED = RunMeasurement(
    step=900,
    images_per_second=3400.0,
    num_images=10_000,
    metrics={"frechet_distance": 0.24},
    real_metrics={"frechet_distance": 0.07},
)


def plan(*variants: Variant, num_seeds: int = 2) -> Race:
    return plan_race(variants or VARIANTS, 60.0, num_seeds)


def test_all_variants_train_equally_long_with_one_seed_and_then_with_the_next() -> None:
    race = plan().model_copy(update={"name": NAME})
    assert [(run.config.beta_1, run.config.seed) for run in race.runs] == [
        (0.0, 4), (0.5, 4), (0.0, 5), (0.5, 5),
    ]  # fmt: skip
    assert {(run.config.epochs, run.config.max_seconds) for run in race.runs} == {(None, 60.0)}
    assert {run.config.evaluate_every for run in race.runs} == {1}  # For the curves.
    assert race.num_seeds == 2
    assert race.make_run_title(3) == "Race 30 Nov 14:05, seed 5: beta_1 0.5"
    single = plan(num_seeds=1).model_copy(update={"name": NAME})
    assert single.make_run_title(0) == "Race 30 Nov 14:05: beta_1 0"
    assert estimate_race_seconds(4, 60.0) == 320.0


def test_equal_variants_and_a_wrong_number_of_them_are_refused() -> None:
    same = Variant("no length", VARIANTS[0].config.replace(epochs=8))
    with pytest.raises(ConfigError, match="“beta_1 0” and “no length” have the same settings"):
        plan(VARIANTS[0], same)
    with pytest.raises(ConfigError, match="needs two to four settings; got 1"):
        plan(VARIANTS[0])
    with pytest.raises(ConfigError, match="got 6"):
        plan(*VARIANTS * 3)


def test_a_race_of_an_older_version_trains_its_missing_runs_as_it_trained_the_others(
    tmp_path: Path,
) -> None:
    create_race(tmp_path, plan(), TIME)
    path = tmp_path / ".races" / f"{NAME}.json"
    content = json.loads(path.read_text())
    for run in content["runs"]:
        del run["config"]["augment"]
    path.write_text(json.dumps(content))
    race = read_race(tmp_path, NAME)
    assert {run.config.augment for run in race.runs} == {"off"}
    assert race.runs[1].config.beta_1 == 0.5


def test_a_race_is_kept_with_the_measurements_of_its_runs(tmp_path: Path) -> None:
    assert list_races(tmp_path) == []
    create_race(tmp_path, plan(), TIME)
    change_race(tmp_path, NAME, 1, folder="mnist-1", measurement=MEASURED)
    change_race(tmp_path, NAME, 2, folder="mnist-2", problem="It diverged.")
    race = read_race(tmp_path, NAME)
    assert race.runs[1].measurement == MEASURED
    assert [run.folder for run in race.runs] == ["", "mnist-1", "mnist-2", ""]
    assert race.runs[2].problem == "It diverged."
    written = json.loads((tmp_path / ".races" / f"{NAME}.json").read_text())
    assert written["variants"] == ["beta_1 0", "beta_1 0.5"]
    assert [run["variant"] for run in written["runs"]] == [0, 1, 0, 1]
    create_race(tmp_path, race, datetime(2026, 12, 1))
    (tmp_path / ".races" / "notes.json").write_text("{}")
    assert list_races(tmp_path) == ["20261201-000000", NAME]


def test_races_that_start_in_one_second_do_not_overwrite_each_other(tmp_path: Path) -> None:
    names = [create_race(tmp_path, plan(num_seeds=num), TIME).name for num in (1, 2, 3)]
    assert names == [NAME, f"{NAME}-2", f"{NAME}-3"]
    assert [read_race(tmp_path, name).num_seeds for name in names] == [1, 2, 3]
    assert list_races(tmp_path) == names[::-1]


def test_a_file_that_is_named_after_no_time_is_no_race(tmp_path: Path) -> None:
    create_race(tmp_path, plan(), TIME)
    name = "20261330-140512"
    (tmp_path / ".races" / f"{NAME}.json").rename(tmp_path / ".races" / f"{name}.json")
    assert list_races(tmp_path) == []
    with pytest.raises(RunError, match="no longer there"):
        read_race(tmp_path, name)


def test_a_race_that_is_gone_damaged_or_newer_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no longer there"):
        read_race(tmp_path, NAME)
    create_race(tmp_path, plan(), TIME)
    path = tmp_path / ".races" / f"{NAME}.json"
    path.write_text('{"format": 2, "runs": {}}')  # Other fields may be different, too.
    with pytest.raises(RunError, match="This race has format 2; this program reads up to 1, so u"):
        read_race(tmp_path, NAME)
    path.write_text("[]")
    with pytest.raises(RunError, match="damaged"):
        read_race(tmp_path, NAME)


@pytest.mark.parametrize(
    ("run_index", "changes"),
    [
        (None, {"runs": []}),
        (None, {"variants": ["a", "b", "c"]}),
        (0, {"variant": 2}),
        (0, {"variant": 1}),  # Then no run has variant 0.
        (0, {"measurement": {"step": 0}}),
        (0, {"measurement": {"metrics": {"confident": 0.9}}}),
    ],
    ids=["no runs", "variant without runs", "no such variant", "lost variant", "step 0", "metrics"],
)
def test_a_race_whose_parts_do_not_fit_together_is_an_error(
    tmp_path: Path, run_index: int | None, changes: dict[str, object]
) -> None:
    create_race(tmp_path, plan(num_seeds=1), TIME)
    change_race(tmp_path, NAME, 0, measurement=MEASURED)
    path = tmp_path / ".races" / f"{NAME}.json"
    content = json.loads(path.read_text())
    changed = content if run_index is None else content["runs"][run_index]
    for key, value in changes.items():
        changed[key] = {**changed[key], **value} if isinstance(value, dict) else value
    path.write_text(json.dumps(content))
    with pytest.raises(RunError, match="damaged"):
        read_race(tmp_path, NAME)


def test_the_queue_knows_the_race_of_a_run(tmp_path: Path) -> None:
    append_to_queue(tmp_path, [QueuedRun.create(BASE, NAME, 3), QueuedRun.create(BASE)])
    assert [(run.race, run.run_index) for run in read_queue(tmp_path)] == [(NAME, 3), ("", 0)]
    written = json.loads((tmp_path / ".queue.json").read_text())
    assert [run["number"] for run in written["runs"]] == [3, 0]


def test_a_name_that_leads_out_of_the_folder_of_races_is_no_race(tmp_path: Path) -> None:
    create_race(tmp_path, plan(), TIME)
    with pytest.raises(RunError, match="no longer there"):
        read_race(tmp_path, f"../.races/{NAME}")

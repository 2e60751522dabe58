"""The races that trained some runs, and what they measured. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from dashboard.process.file_cache import FileStamp, cache_until_changed, read_stamp
from dashboard.process.lru_cache import LRUCache
from dashboard.run_facts.labels import is_experiment
from dcgan.comparison.kept_measurement import read_measurement
from dcgan.comparison.race_time import describe_raced
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.durations import describe_seconds
from dcgan.errors import RunError
from dcgan.reports import StepReport
from dcgan.runs.history import HISTORY_NAME
from dcgan.runs.measurement_file import MEASUREMENT_NAME
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import Race, get_race_path, list_races, read_race

_MAX_RACES = 50  # The newest ones.
_races: LRUCache[Path, tuple[FileStamp, Race]] = LRUCache(_MAX_RACES)


@dataclass(frozen=True)
class RacedRun:
    """A run of a race: the race, and the run's index in it."""

    race: Race
    index: int

    @property
    def title(self) -> str:
        """The title that the race gave it."""
        return self.race.make_run_title(self.index)

    @property
    def label(self) -> str:
        """Its label among the runs of the race."""
        return self.race.label_run(self.index)

    @property
    def variant_index(self) -> int:
        """Index of its variant."""
        return self.race.runs[self.index].variant_index

    @property
    def seed_index(self) -> int:
        """Index of its seed among the seeds of the race."""
        seeds = list(dict.fromkeys(run.config.seed for run in self.race.runs))
        return seeds.index(self.race.runs[self.index].config.seed)

    @property
    def is_race_complete(self) -> bool:
        """Whether the race has trained and measured all its runs."""
        return all(run.measurement is not None for run in self.race.runs)

    def get_measurement(self, step: int) -> RunMeasurement | None:
        """Return the race's measurement; None if there is none, or the run has continued since.

        Args:
            step: The run's last step.
        """
        measurement = self.race.runs[self.index].measurement
        return measurement if measurement is not None and measurement.step == step else None


def map_raced_runs(root: Path) -> dict[str, RacedRun]:
    """Return the runs of the newest races by the names of their folders."""
    return {
        run.folder: RacedRun(race, index)
        for race in read_races(root)
        for index, run in enumerate(race.runs)
        if run.folder
    }


def is_needed_unchanged(run: Run) -> bool:
    """Return whether more training would make a run useless for what trained it.

    That is so for the run of an experiment, and for that of a race without all its results.
    """
    raced = map_raced_runs(run.path.parent).get(run.name)
    return is_experiment(run) or (raced is not None and not raced.is_race_complete)


def describe_trained(run: Run, seconds: float) -> str:
    """Format the training time of a run; of one that was trained by a race, as the race counts.

    Args:
        run: The run.
        seconds: Its training time, from its start.
    """
    raced_run = map_raced_runs(run.path.parent).get(run.name)
    try:
        first = None if raced_run is None else _read_first_step(run)
    except RunError:  # The page of the run names the error.
        first = None
    if raced_run is None or first is None:
        return describe_seconds(seconds)
    return describe_raced(seconds, first.seconds, run.config.max_seconds, raced_run.race.seconds)


@cache_until_changed(HISTORY_NAME, max_runs=100)
def _read_first_step(run: Run) -> StepReport | None:
    return run.history.read_first_step()


def find_measurement(run: Run, raced_runs: Mapping[str, RacedRun]) -> RunMeasurement | None:
    """Return the newest measurement of a run with 10,000 images: its race's or its folder's.

    Args:
        run: The run. It may have trained on since, or gone back to an earlier step.
        raced_runs: The runs of races by name.
    """
    raced_run = raced_runs.get(run.name)
    of_race = None if raced_run is None else raced_run.race.runs[raced_run.index].measurement
    kept = _read_kept_measurement(run)
    # A race measures a new run, so its measurement is the older one. Of two at one step it is
    # taken nevertheless, to be compared with those of the other runs of the race.
    if of_race is None or (kept is not None and kept.step != of_race.step):
        return kept
    return of_race


@cache_until_changed(MEASUREMENT_NAME, max_runs=100)
def _read_kept_measurement(run: Run) -> RunMeasurement | None:
    return read_measurement(run)


def find_common_race(raced_runs: Collection[RacedRun | None]) -> Race | None:
    """Return the race that trained all of some runs; None if there is no such race."""
    races = {raced.race.name: raced.race for raced in raced_runs if raced is not None}
    return next(iter(races.values())) if len(races) == 1 and None not in raced_runs else None


def read_races(root: Path) -> list[Race]:
    """Read the newest races that can be read, each again only if its file has changed."""
    races = []
    for name in list_races(root)[:_MAX_RACES]:
        path = get_race_path(root, name)
        try:
            stamp = read_stamp(path)
            cached = _races.get(path)
            if cached is None or cached[0] != stamp:
                cached = stamp, read_race(root, name)
                _races.put(path, cached)
        except (OSError, RunError):  # The Race tab names the problem.
            continue
        races.append(cached[1])
    return races

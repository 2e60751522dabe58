"""Measurements of runs in a thread: progress, results in the runs' folders, and failures."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable

import pytest

from dashboard.process.run_measurements import Measure, MeasuringProgress, RunMeasurements
from dcgan.comparison.kept_measurement import read_measurement
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.races import measure

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.fixture
def runs(new_run: NewRun) -> list[Run]:
    """Return two runs."""
    return [new_run("one"), new_run("two")]


def measure_with(measure_run: Measure) -> RunMeasurements:
    """Return measurements that are made by one function in all threads."""
    return RunMeasurements(lambda: measure_run)


def test_each_run_is_measured_and_the_results_are_kept_in_their_folders(runs: list[Run]) -> None:
    may_go_on, has_begun = threading.Event(), threading.Event()
    measured = []

    def measure_run(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        measured.append(run.name)
        report(0.5)
        has_begun.set()
        assert may_go_on.wait(60)
        return measure(0.3, step=26)

    measurements = measure_with(measure_run)
    assert measurements.get_progress(runs) is None
    measurements.start(runs)
    measurements.start(runs)  # A second click, or another tab.
    assert has_begun.wait(60)
    progress = measurements.get_progress(runs[1:])
    assert progress is not None
    assert (progress.run, progress.num_done, progress.num_total) == (runs[0], 0, 2)
    assert progress.share == 0.25
    may_go_on.set()
    measurements.join()
    assert measurements.get_progress(runs) is None
    assert measured == ["one", "two"]
    for run in runs:
        assert read_measurement(run) == measure(0.3, step=26)


def test_a_run_that_cannot_be_measured_has_a_problem_until_it_is_measured_again(
    runs: list[Run],
) -> None:
    problems = ["It has no checkpoint."]

    def measure_run(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        if run is runs[0] and problems:
            raise RunError(problems.pop())
        return measure(0.3, step=26)

    measurements = measure_with(measure_run)
    measurements.start(runs)
    measurements.join()
    assert [measurements.get_problem(run) for run in runs] == ["It has no checkpoint.", ""]
    assert [read_measurement(run) is not None for run in runs] == [False, True]
    measurements.start(runs[:1])
    measurements.join()
    assert measurements.get_problem(runs[0]) == ""
    assert read_measurement(runs[0]) is not None


class PausedMeasure:
    """Measures runs; it pauses before a report of progress until the test lets it go on."""

    def __init__(self) -> None:
        self.has_begun, self.may_go_on = threading.Event(), threading.Event()
        self.names: list[str] = []

    def __call__(self, run: Run, report: Callable[[float], None]) -> RunMeasurement:
        self.names.append(run.name)
        if run.name == "two":
            self.has_begun.set()
            assert self.may_go_on.wait(60)
        report(0.5)
        return measure(0.3, step=26)


def test_a_cancellation_ends_the_current_measurement_and_keeps_what_was_measured(
    runs: list[Run], new_run: NewRun
) -> None:
    runs.append(new_run("three"))
    measure_run = PausedMeasure()
    measurements = measure_with(measure_run)
    measurements.start(runs)
    assert measure_run.has_begun.wait(60)
    measurements.cancel()
    progress = measurements.get_progress(runs)
    assert progress is not None
    assert (progress.run, progress.num_total, progress.is_cancelled) == (runs[1], 2, True)
    measure_run.may_go_on.set()
    measurements.join()
    assert measurements.get_progress(runs) is None
    assert [read_measurement(run) is not None for run in runs] == [True, False, False]
    assert not any(measurements.get_problem(run) for run in runs)
    measurements.start(runs[1:])
    measurements.join()
    assert all(read_measurement(run) is not None for run in runs)


def test_a_start_after_a_cancellation_measures_the_current_run_nevertheless(
    runs: list[Run],
) -> None:
    measure_run = PausedMeasure()
    measurements = measure_with(measure_run)
    measurements.start(runs[1:])
    assert measure_run.has_begun.wait(60)
    measurements.cancel()
    measurements.start(runs)
    measure_run.may_go_on.set()
    measurements.join()
    assert measure_run.names == ["two", "one"]
    assert all(read_measurement(run) is not None for run in runs)


def test_a_start_while_the_current_measurement_stops_repeats_it(runs: list[Run]) -> None:
    names = []

    def measure_run(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        names.append(run.name)
        try:
            if len(names) == 1:
                measurements.cancel()
            report(0.5)
        finally:
            if len(names) == 1:
                measurements.start(runs)
        return measure(0.3, step=26)

    measurements = measure_with(measure_run)
    measurements.start(runs)
    measurements.join()
    assert names == ["one", "one", "two"]
    assert all(read_measurement(run) is not None for run in runs)


def test_a_cancellation_after_the_last_report_keeps_the_result(runs: list[Run]) -> None:
    def measure_run(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        measurements.cancel()
        return measure(0.3, step=26)

    measurements = measure_with(measure_run)
    measurements.cancel()  # Nothing is measured.
    measurements.start(runs)
    measurements.join()
    assert [read_measurement(run) is not None for run in runs] == [True, False]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_after_an_unexpected_error_nothing_waits_and_the_next_start_works(runs: list[Run]) -> None:
    errors = [ValueError("A bug.")]

    def measure_run(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        if errors:
            raise errors.pop()
        return measure(0.3, step=26)

    measurements = measure_with(measure_run)
    measurements.start(runs)
    measurements.join()
    assert measurements.get_progress(runs) is None
    assert all("unexpected error" in measurements.get_problem(run) for run in runs)
    measurements.start(runs)
    measurements.join()
    assert not any(measurements.get_problem(run) for run in runs)


def test_a_run_that_the_disk_cannot_read_does_not_keep_the_others_from_being_measured(
    runs: list[Run],
) -> None:
    def measure_run(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        if run is runs[0]:
            raise OSError(errno.EIO, "Input/output error")
        return measure(0.3, step=26)

    measurements = measure_with(measure_run)
    measurements.start(runs)
    measurements.join()
    assert [measurements.get_problem(run) for run in runs] == [
        "It cannot be read (Input/output error); check the permissions of its folder.",
        "",
    ]
    assert read_measurement(runs[1]) is not None


def report_half(report: Callable[[float], None]) -> None:
    report(0.5)


def start_thread_at_exit(report: Callable[[float], None]) -> None:
    raise RuntimeError("cannot schedule new futures after interpreter shutdown")


@pytest.mark.parametrize("go_on", [report_half, start_thread_at_exit])
def test_a_shutdown_ends_the_measurement_without_an_error_in_the_log(
    go_on: Callable[[Callable[[float], None]], None], runs: list[Run]
) -> None:
    measured = []

    def measure_run(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        measured.append(run)
        measurements.shut_down()
        go_on(report)
        return measure(0.3, step=26)

    measurements = measure_with(measure_run)
    measurements.start(runs)
    measurements.join()
    assert measured == runs[:1]
    assert not any(read_measurement(run) for run in runs)


def test_a_shutdown_after_a_measurement_keeps_it_and_starts_no_other(runs: list[Run]) -> None:
    def measure_run(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        measurements.shut_down()
        return measure(0.3, step=26)

    measurements = measure_with(measure_run)
    measurements.start(runs)
    measurements.join()
    assert [read_measurement(run) is not None for run in runs] == [True, False]


def test_a_start_of_another_run_leaves_a_cancelled_measurement_cancelled(runs: list[Run]) -> None:
    seen: list[MeasuringProgress | None] = []

    def measure_run(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        if run is runs[0]:
            measurements.cancel()
            measurements.start(runs[1:])  # In another tab.
            seen.extend(measurements.get_progress([each]) for each in runs)
        report(0.5)
        return measure(0.3, step=26)

    measurements = measure_with(measure_run)
    measurements.start(runs[:1])
    measurements.join()
    assert [progress.is_cancelled for progress in seen if progress] == [True, False]
    assert [read_measurement(run) is not None for run in runs] == [False, True]


def test_the_time_left_is_that_of_the_last_run_without_its_preparation(
    runs: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    seen: list[tuple[bool, float | None]] = []

    def measure_run(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        def go_on(seconds: float, share: float) -> None:
            now[0] += seconds
            report(share)
            progress = measurements.get_progress([run])
            assert progress is not None
            seen.append((progress.is_preparing, progress.seconds_left))

        go_on(17.0, 0.2)
        go_on(3.0, 0.5)
        now[0] += 5.0
        return measure(0.3, step=26)

    measurements = measure_with(measure_run)
    measurements.start(runs)
    measurements.join()
    assert seen == [(True, None), (False, None), (False, 4.0), (False, 2.5)]

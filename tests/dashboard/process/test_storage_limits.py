"""Limits on a server's runs: their usage is added up, and refusals say what to do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from streamlit.web import cli as streamlit_cli

from dashboard import __main__ as entry
from dashboard.process import storage_limits
from dashboard.process.storage_limits import LimitError, StorageLimits, Usage, measure_usage
from dcgan.errors import ConfigError

MB = 10**6


class Disk(NamedTuple):
    """The result of `shutil.disk_usage`."""

    total: int
    used: int
    free: int


@pytest.fixture
def free_space(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of one number that a test may change: the free bytes of the disk."""
    free_bytes = [10**12]
    monkeypatch.setattr("shutil.disk_usage", lambda place: Disk(0, 0, free_bytes[0]))
    return free_bytes


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder of two runs, one of 3 MB and one of 2 MB."""
    root = tmp_path / "library"
    write_file(root / "first" / "checkpoints" / "step-00000001.npz", 3 * MB - 10)
    write_file(root / "first" / "config.json", 10)
    write_file(root / "second" / "config.json", 2 * MB)
    return root


def write_file(path: Path, num_bytes: int) -> None:
    """Write a file of this size, and create its folder if necessary."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(num_bytes)


def read_refusal(limits: StorageLimits, root: Path) -> str:
    """Return the message with which another run is refused."""
    with pytest.raises(LimitError) as caught:
        limits.check_room_for_run(root)
    return str(caught.value)


# Usage.


def test_measure_adds_up_all_files_and_counts_the_runs(root: Path) -> None:
    assert measure_usage(root) == Usage(2, 5 * MB, 0, 0)


def test_deleted_runs_and_uploads_take_space_but_are_not_counted_as_runs(root: Path) -> None:
    write_file(root / ".trash" / "third" / "config.json", MB)
    write_file(root / ".datasets" / "0123456789abcdef.zip", 4 * MB)
    write_file(root / ".queue.json", 7)
    assert measure_usage(root) == Usage(2, 10 * MB + 7, MB, 4 * MB)


def test_the_included_run_is_not_counted(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dcgan.installation.INCLUDED_RUN", root / "second")
    assert measure_usage(root).num_runs == 1


@pytest.mark.usefixtures("free_space")
def test_a_folder_full_of_uploads_is_refused_with_their_place(root: Path) -> None:
    write_file(root / ".datasets" / "0123456789abcdef.zip", 4 * MB)
    assert read_refusal(StorageLimits(max_disk_gb=0.006), root).startswith(
        "The runs take 9 MB (of which 4 MB in uploaded pictures: delete the files in "
        f"{root / '.datasets'} that no run needs), and this server allows 6 MB"
    )


def test_an_unreadable_disk_is_a_limit_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> None:
        raise OSError(116, "Stale file handle")

    monkeypatch.setattr("shutil.disk_usage", fail)
    assert read_refusal(StorageLimits(), root).startswith(
        "The free space on the disk of the runs cannot be read (Stale file handle)"
    )


def test_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    write_file(tmp_path / "elsewhere" / "large", 50 * MB)
    (root / "second" / "samples").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (root / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    usage = measure_usage(root)
    assert usage.num_runs == 2
    assert usage.num_bytes < 6 * MB


def test_a_missing_folder_takes_no_space(tmp_path: Path) -> None:
    assert measure_usage(tmp_path / "missing" / "library") == Usage(0, 0, 0, 0)
    assert storage_limits.count_free_bytes(tmp_path / "missing" / "library") > 0


@pytest.mark.parametrize(
    ("num_bytes", "text"), [(0, "0 MB"), (512_400_000, "512 MB"), (123_449 * 10**7, "1,234.5 GB")]
)
def test_sizes_are_rounded(num_bytes: int, text: str) -> None:
    assert storage_limits.describe_bytes(num_bytes) == text


# Refusals.


@pytest.mark.usefixtures("free_space")
def test_the_default_limits_leave_room_for_a_single_person(root: Path) -> None:
    assert StorageLimits().check_room_for_run(root) == 100 * 10**9 - 5 * MB


@pytest.mark.usefixtures("free_space")
def test_a_run_above_the_maximum_number_is_refused(root: Path) -> None:
    assert StorageLimits(max_runs=3).check_room_for_run(root) > 0
    assert read_refusal(StorageLimits(max_runs=2), root) == (
        "This server keeps 2 runs at most and has 2: delete some on the Runs page."
    )


@pytest.mark.usefixtures("free_space")
def test_a_full_folder_is_refused_with_usage_limit_and_advice(root: Path) -> None:
    assert StorageLimits(max_disk_gb=0.006).check_room_for_run(root) == MB
    assert read_refusal(StorageLimits(max_disk_gb=0.005), root) == (
        "The runs take 5 MB, and this server allows 5 MB: delete runs on the Runs page, or "
        "keep slim copies of them, which take a quarter of the space (python -m dcgan slim)."
    )


@pytest.mark.usefixtures("free_space")
def test_a_full_folder_is_refused_with_the_size_of_its_trash(root: Path) -> None:
    write_file(root / ".trash" / "third" / "config.json", 2 * MB)
    assert read_refusal(StorageLimits(max_disk_gb=0.006), root).startswith(
        "The runs take 7 MB (of which 2 MB in deleted runs: empty the trash on the Runs page), and "
        "this server allows 6 MB: delete runs"
    )


@pytest.mark.usefixtures("free_space")
def test_a_file_that_does_not_fit_is_refused(root: Path) -> None:
    bounds = StorageLimits(max_disk_gb=0.008)
    bounds.check_bytes(root, 3 * MB)
    with pytest.raises(LimitError, match=r"^The runs take 5 MB, 4 MB more are needed, and "):
        bounds.check_bytes(root, 4 * MB)


def test_no_run_starts_on_a_nearly_full_disk(root: Path, free_space: list[int]) -> None:
    free_space[0] = 201 * MB
    assert StorageLimits().check_room_for_run(root) == MB
    free_space[0] = 199 * MB
    assert read_refusal(StorageLimits(), root).startswith(
        "Only 199 MB are free on the disk of the runs, and 200 MB are needed: free some space"
    )


def test_a_file_must_leave_free_space_on_the_disk(root: Path, free_space: list[int]) -> None:
    free_space[0] = 203 * MB
    StorageLimits().check_bytes(root, 3 * MB)
    with pytest.raises(LimitError, match="204 MB are needed"):
        StorageLimits().check_bytes(root, 4 * MB)


# Flags and variables.


def test_without_variables_the_defaults_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (storage_limits.MAX_RUNS_VARIABLE, storage_limits.MAX_DISK_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    assert storage_limits.read_limits() == StorageLimits() == StorageLimits(1000, 100.0, 200 * MB)


def test_the_flags_set_the_limits_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (storage_limits.MAX_RUNS_VARIABLE, storage_limits.MAX_DISK_VARIABLE):
        monkeypatch.setenv(variable, "")  # Put back as it was at the end.
    limits = []

    def serve(arguments: list[str], prog_name: str) -> int:
        limits.append(storage_limits.read_limits())
        # Pages fail where a variable of another app turns these on.
        assert "--global.developmentMode=false" in arguments
        assert "--runner.enforceSerializableSessionState=false" in arguments
        return 0

    monkeypatch.setattr(streamlit_cli, "main", serve)
    done = CliRunner().invoke(entry.main, ["--max-runs", "20", "--max-disk-gb", "2.5"])
    assert done.exit_code == 0, done.output
    assert limits == [StorageLimits(max_runs=20, max_disk_gb=2.5)]


@pytest.mark.parametrize("flag", ["--max-runs", "--max-disk-gb"])
@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_flag_that_is_not_a_number_above_zero_is_refused(flag: str, value: str) -> None:
    done = CliRunner().invoke(entry.main, [flag, value])
    assert done.exit_code == 2
    assert flag in done.output


@pytest.mark.parametrize("value", ["many", "0", "-2", "nan", "inf"])
def test_a_variable_that_is_not_a_number_above_zero_is_an_error(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, storage_limits.MAX_DISK_VARIABLE, value)
    with pytest.raises(ConfigError, match=f"^DCGAN_STUDIO_MAX_DISK_GB: got '{value}'; expected"):
        storage_limits.read_limits()

"""The exit code of each error, and what an error keeps between processes."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcgan import errors
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DCGANError

PACKAGE = Path(errors.__file__).parent

FAILED_ON_THE_WAY = {
    errors.CheckpointError,
    errors.DiskWriteError,
    errors.DivergenceError,
    errors.DataUnavailableError,
    errors.OutOfMemoryError,
    errors.InUseError,
    errors.UnreadableFileError,
    errors.WorkerError,
    errors.OutputWriteError,
}
WRONG_INPUT = {
    DCGANError,
    errors.BackendError,
    errors.ConfigError,
    errors.MissingPackageError,
    errors.DatasetError,
    errors.RecipeError,
    errors.UnwritablePathError,
    errors.RunError,
    errors.OutputError,
}


def list_subclasses(base: type[DCGANError]) -> Iterator[type[DCGANError]]:
    """Yield an error class and all its subclasses."""
    yield base
    for kind in base.__subclasses__():
        yield from list_subclasses(kind)


def test_a_command_exits_with_2_for_what_was_given_and_with_1_for_what_failed() -> None:
    found = [kind for kind in list_subclasses(DCGANError) if kind.__module__.startswith("dcgan.")]
    assert {kind for kind in found if kind.exit_code == 1} == FAILED_ON_THE_WAY
    assert {kind for kind in found if kind.exit_code == 2} == WRONG_INPUT


@pytest.mark.parametrize(
    ("error", "setting"),
    [
        (errors.ConfigError("got 1; expected 2.", setting="seed"), "seed"),
        (errors.DatasetError("got 1; expected 2."), "dataset"),
        (errors.DataUnavailableError("got 1; expected 2.", setting="polarity"), "polarity"),
    ],
)
def test_an_error_from_another_process_still_names_its_setting(
    error: DCGANError, setting: str
) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.setting) == (f"{setting}: got 1; expected 2.", setting)
    assert copy.problem == "got 1; expected 2."


def test_no_error_writes_the_name_of_its_setting_into_the_problem() -> None:
    names = "|".join(TrainingConfig.model_fields)
    found = [
        f"{path.relative_to(PACKAGE)}: {start}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for start in re.findall(rf'"(?:{names}): .*', path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_an_error_about_several_settings_has_no_setting() -> None:
    with pytest.raises(errors.ConfigError) as caught:
        TrainingConfig.create(epochs=None, max_seconds=None)
    assert caught.value.setting == ""
    assert str(caught.value) == caught.value.problem

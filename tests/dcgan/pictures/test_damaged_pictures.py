"""Random and damaged files: reading them raises a DatasetError or nothing."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dcgan.data.datasets import load_dataset
from dcgan.errors import DatasetError
from dcgan.pictures.picture_limits import MIN_IMAGES
from tests.picture_files import VALID_FILES


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=300))
@example(data=b"PK\x05\x06" + bytes(18))  # An empty zip.
@example(data=b"PK\x05\x06" + b"\xff" * 18)
@example(data=b"\x89PNG\r\n\x1a\n")
def test_random_bytes_raise_nothing_but_a_dataset_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("random")
    for suffix in (".zip", ".npz", ".png"):
        (folder / f"a{suffix}").write_bytes(data)
        with pytest.raises(DatasetError):
            load_dataset(str(folder / f"a{suffix}"))
    with pytest.raises(DatasetError, match="no usable pictures"):
        load_dataset(str(folder))
    shutil.rmtree(folder)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    suffix=st.sampled_from(sorted(VALID_FILES)),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=5),
    kept=st.floats(0.5, 1),
)
def test_damaged_files_raise_nothing_but_a_dataset_error(
    tmp_path_factory: pytest.TempPathFactory,
    suffix: str,
    changes: list[tuple[float, int]],
    kept: float,
) -> None:
    data = bytearray(VALID_FILES[suffix])
    for position, value in changes:
        data[round(position * (len(data) - 1))] = value
    folder = tmp_path_factory.mktemp("damaged")
    file = folder / f"a{suffix}"
    file.write_bytes(data[: round(len(data) * kept)])
    try:
        dataset = load_dataset(str(file if suffix in (".npz", ".zip") else folder))
    except DatasetError:
        pass
    else:
        assert suffix == ".npz"
        assert dataset.pixels.shape == (MIN_IMAGES, 28, 28, 1)
    shutil.rmtree(folder)

"""Checkpoints restore every bit, and untrusted files do no harm."""

from __future__ import annotations

import errno
import io
import os
import pickle
import zipfile
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import CheckpointError, RunError, UnreadableFileError
from dcgan.runs import checkpoints
from dcgan.runs.checkpoints import Checkpoints
from dcgan.runs.retention import is_milestone, list_checkpoints_to_delete
from tests.dcgan.runs.examples import make_state
from tests.disk_errors import raise_disk_error
from tests.encoding import encode_npz


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of checkpoints of a run called "first"."""
    folder = tmp_path / "first" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


# Written and read again


def test_a_checkpoint_restores_every_bit(folder: Path) -> None:
    Checkpoints(folder).write(make_state(4))
    loaded = Checkpoints(folder).read(4)
    expected = make_state(4)
    assert loaded.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(loaded[name], array)
        assert loaded[name].dtype == array.dtype
    assert [path.name for path in folder.iterdir()] == ["step-00000004.npz"]


# The checkpoints that are kept


@given(
    steps=st.sets(st.integers(0, 500), max_size=60),
    keep=st.integers(1, 10),
    num_images=st.integers(16, 400),
)
def test_the_newest_checkpoints_and_milestones_are_never_deleted(
    steps: set[int], keep: int, num_images: int
) -> None:
    config = TrainingConfig.create(keep_checkpoints=keep, batch_size=16)
    per_epoch = config.compute_steps_per_epoch(num_images)
    milestones = {per_epoch * 2**power for power in range(10)}
    expected = set(sorted(steps)[:-keep]) - milestones
    assert set(list_checkpoints_to_delete(steps, config, num_images)) == expected


def test_the_milestones_are_the_ends_of_epochs_1_2_4_8() -> None:
    assert [step for step in range(150) if is_milestone(step, 13)] == [13, 26, 52, 104]


# Damage


def test_a_damaged_checkpoint_is_reported_with_usable_ones(folder: Path) -> None:
    for step in (2, 4, 6):
        Checkpoints(folder).write(make_state(step))
    damaged = Checkpoints(folder).get_path(6)
    damaged.write_bytes(damaged.read_bytes()[:-40])
    with pytest.raises(
        RunError, match=r"^first: the checkpoint of step 6 is damaged; use another one \(2, 4\)\.$"
    ):
        Checkpoints(folder).read(6)


def test_a_checkpoint_deleted_meanwhile_is_reported(folder: Path) -> None:
    with pytest.raises(RunError, match=r"^first: the checkpoint of step 6 is gone; use a newer"):
        Checkpoints(folder).read(6)


def test_a_checkpoint_of_a_newer_program_asks_for_an_update(folder: Path) -> None:
    file = Checkpoints(folder).get_path(4)
    file.write_bytes(encode_npz(format=2, weights=np.array(["in a new way"])))
    with pytest.raises(RunError, match=r"checkpoint has format 2; this program reads up to 1, so"):
        Checkpoints(folder).read(4)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (MemoryError(), "out of memory"),
    ],
)
def test_a_checkpoint_that_cannot_be_read_now_is_not_called_damaged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    Checkpoints(folder).write(make_state(4))

    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise error

    monkeypatch.setattr(np, "load", refuse)
    with pytest.raises(
        RunError, match=rf"step 4: {why}\. It may be undamaged; try again"
    ) as caught:
        Checkpoints(folder).read(4)
    assert not isinstance(caught.value, CheckpointError)


def test_a_folder_that_cannot_be_listed_now_is_not_called_empty(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints_of_run = Checkpoints(folder)
    checkpoints_of_run.write(make_state(4))
    monkeypatch.setattr(checkpoints_of_run, "list_steps", raise_disk_error)
    for load in (checkpoints_of_run.load, partial(checkpoints_of_run.read, 4)):
        with pytest.raises(
            UnreadableFileError, match=r"first: cannot list its checkpoints: Input/output error\."
        ) as caught:
            load()
        assert not isinstance(caught.value, CheckpointError)


def test_a_checkpoint_above_the_limit_is_neither_read_nor_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Checkpoints(folder).write(make_state(4))
    size = Checkpoints(folder).get_path(4).stat().st_size
    monkeypatch.setattr(checkpoints, "MAX_BYTES", size)
    assert int(Checkpoints(folder).read(4)["step"]) == 4
    Checkpoints(folder).get_path(4).write_bytes(
        encode_npz(format=1, zeros=np.zeros(size, "u1"), **make_state(4))
    )
    with pytest.raises(RunError, match="the checkpoint of step 4 is damaged"):
        Checkpoints(folder).read(4)
    with pytest.raises(RunError, match="is the most: lower the channels, the hidden units"):
        Checkpoints(folder).write({**make_state(5), "zeros": np.zeros(size, "u1")})
    assert not Checkpoints(folder).get_path(5).exists()


class Bomb:
    """Shows on unpickling that it was unpickled."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (os.mkdir, ("unpickled",))


def make_npz_with_member(name: str, data: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO(encode_npz(format=1, **make_state(4)))
    with zipfile.ZipFile(file, "a", compression) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def make_npz_with_short_header() -> bytes:
    """Damage an array's header so that it claims half of its bytes.

    NumPy then reads half of the array, and never compares the checksum.
    """
    whole = encode_npz(format=1, **make_state(4))
    assert whole.count(b"'descr': '<f4'") == 2
    return whole.replace(b"'descr': '<f4'", b"'descr': '<f2'", 1)


HOSTILE = {
    "nothing": b"",
    "noise": bytes(range(256)) * 8,
    "an empty zip": b"PK\x05\x06" + b"\0" * 18,
    "a pickle": pickle.dumps(Bomb()),
    "an object array": encode_npz(format=1, bad=np.array([Bomb()], object), **make_state(4)),
    "a member that is no array": make_npz_with_member("notes.txt", b"hello"),
    "text": encode_npz(format=1, bad=np.array(["x"]), **make_state(4)),
    "complex numbers": encode_npz(format=1, bad=np.array([1j]), **make_state(4)),
    "records": encode_npz(format=1, bad=np.zeros(3, [("a", "f4")]), **make_state(4)),
    "no format": encode_npz(**make_state(4)),
    "a format of words": encode_npz(format="new", **make_state(4)),
    "a format of many": encode_npz(format=[1, 2], **make_state(4)),
    "no step": encode_npz(format=1, seconds=1.0, w=np.zeros(3)),
    "no seconds": encode_npz(format=1, step=4),
    "another step": encode_npz(format=1, **make_state(5)),
    "half a step": encode_npz(format=1, step=np.nan, seconds=1.0),
    "endless seconds": encode_npz(format=1, step=4, seconds=np.inf),
    "negative seconds": encode_npz(format=1, step=4, seconds=-1.0),
    "steps": encode_npz(format=1, step=[4, 4], seconds=1.0),
    "a decompression bomb": make_npz_with_member(
        "bomb.npy", b"\0" * 10_000_000, zipfile.ZIP_DEFLATED
    ),
    "a rare compression": make_npz_with_member("rare.npy", b"\0", zipfile.ZIP_LZMA),
    "a header that promises a terabyte": make_npz_with_member(
        "bad.npy",
        b"\x93NUMPY\x01\x00v\x00"
        + b"{'descr': '<f8', 'fortran_order': False, 'shape': (200000000000,), }".ljust(117)
        + b"\n",
    ),
    "a header that is a program": make_npz_with_member(
        "bad.npy", b"\x93NUMPY\x01\x00\x20\x00" + b"__import__('os').mkdir('x')".ljust(31) + b"\n"
    ),
    "a shortened array": make_npz_with_short_header(),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_or_damaged_checkpoint_is_refused_with_a_sentence(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    Checkpoints(folder).get_path(4).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    # A header of a terabyte may be true on a larger machine, so that file is not called damaged.
    message = "the checkpoint of step 4(: Unable to allocate| is damaged; start a new run)"
    with pytest.raises(RunError, match=message):
        Checkpoints(folder).read(4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first"]


WHOLE = encode_npz(format=1, **make_state(4))


@given(
    flips=st.dictionaries(
        st.integers(0, len(WHOLE) - 1), st.integers(1, 255), min_size=1, max_size=4
    )
)
@example(flips={len(WHOLE) - 1: 1})
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300
)
def test_flipped_bytes_are_detected_or_harmless(flips: dict[int, int], folder: Path) -> None:
    content = bytearray(WHOLE)
    for place, bits in flips.items():
        content[place] ^= bits
    loaded = read_or_refuse(folder, bytes(content))
    if loaded is not None:
        expected = make_state(4)
        assert loaded.keys() == expected.keys()
        assert all(np.array_equal(loaded[name], expected[name]) for name in expected)


@given(length=st.integers(0, len(WHOLE) - 1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_truncated_checkpoint_is_detected(length: int, folder: Path) -> None:
    assert read_or_refuse(folder, WHOLE[:length]) is None


def read_or_refuse(folder: Path, content: bytes) -> dict[str, np.ndarray] | None:
    """Return the state that a checkpoint file holds, or None if the file is refused."""
    Checkpoints(folder).get_path(4).write_bytes(content)
    try:
        return Checkpoints(folder).read(4)
    except RunError:
        return None

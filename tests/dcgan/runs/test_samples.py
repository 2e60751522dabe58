"""Sample grids are read pixel by pixel, and their number is limited."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from dcgan.errors import RunError
from dcgan.runs import samples
from dcgan.runs.run_folder import Run
from tests.dcgan.runs.examples import sample_report
from tests.encoding import make_png_that_claims
from tests.tiny_sizes import STEPS_PER_EPOCH

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_samples_are_read_pixel_by_pixel(new_run: Callable[..., Run]) -> None:
    run = new_run("first", num_samples=7)
    report = sample_report(12, num=7)
    run.write(report)
    np.testing.assert_array_equal(run.samples.read(12), report.pixels)


def test_a_damaged_picture_is_reported(new_run: Callable[..., Run]) -> None:
    run = new_run()
    run.write(sample_report(12))
    file = run.path / "samples" / "step-00000012.png"
    whole = file.read_bytes()
    small = io.BytesIO()
    Image.new("L", (30, 30)).save(small, "PNG")
    damaged = [b"", b"\0", whole[:60], whole[:-30], small.getvalue(), b"GIF89a"]
    for content in (*damaged, make_png_that_claims(1, 1), make_png_that_claims(60_000, 60_000)):
        file.write_bytes(content)
        with pytest.raises(RunError, match="the picture of step 12 is damaged; look at another"):
            run.samples.read(12)
    with pytest.raises(RunError, match="first keeps no picture of step 99"):
        run.samples.read(99)


def test_files_with_other_names_are_not_listed_as_steps(new_run: Callable[..., Run]) -> None:
    run = new_run("first", 4)
    names = ("step-5.npz", "step--0000005.npz", "step-٠٠٠٠٠٠٠٥.npz", "step-00000005.npz.bak")
    for name in (*names, "step-0000x005.npz", "step-.npz", "other.npz", "step-000000005.npz"):
        (run.path / "checkpoints" / name).write_bytes(b"")
        (run.path / "samples" / name.replace(".npz", ".png")).write_bytes(b"")
    assert run.checkpoints.list_steps() == [4]
    assert run.samples.list_steps() == []


def test_the_samples_of_a_long_run_stay_few_and_evenly_spaced(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "_MAX_OTHER_GRIDS", 10)
    run = new_run("first", num_samples=1)
    for step in range(300):
        run.write(sample_report(step, num=1))
    kept = run.samples.list_steps()
    between = [step for step in kept if step % STEPS_PER_EPOCH]
    assert [step for step in kept if step % STEPS_PER_EPOCH == 0] == list(
        range(0, 300, STEPS_PER_EPOCH)
    )
    assert len(between) == 10
    assert between[0] == 1
    assert between[-1] == 298  # 299 is an epoch's end.
    gaps = np.diff(between)
    assert gaps.max() <= 4 * gaps.min()


def test_only_some_samples_of_very_many_epochs_are_kept(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "_MAX_EPOCH_GRIDS", 10)
    run = new_run("first", num_samples=1)
    ends = list(range(0, 100 * STEPS_PER_EPOCH, STEPS_PER_EPOCH))
    for step in ends:
        run.write(sample_report(step, num=1))
    kept = run.samples.list_steps()
    assert len(kept) == 10
    assert (kept[0], kept[-1]) == (ends[0], ends[-1])
    gaps = np.diff(kept)
    assert gaps.max() <= 4 * gaps.min()

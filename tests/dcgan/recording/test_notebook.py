"""The live view of a training in a notebook, and the quickstart notebook, run in a kernel."""

from __future__ import annotations

import base64
import importlib.util
import io
import sys
from pathlib import Path
from typing import Any

import IPython.display
import nbclient
import nbformat
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image
from traitlets.config import Config

from dcgan.errors import DCGANError
from dcgan.images.grids import tile
from dcgan.recording import notebook as notebook_module
from dcgan.recording.notebook import watch
from dcgan.recording.progress import in_notebook
from dcgan.reports import AnyReport, EvaluationReport, SampleReport, StepReport
from tests.clock import Clock
from tests.reports import step_report

REPOSITORY = Path(__file__).parents[3]
QUICKSTART = REPOSITORY / "docs" / "quickstart.ipynb"
MAX_BYTES = 1_000_000


def make_step(step: int) -> StepReport:
    return step_report(
        step,
        seconds=0.5 * step,
        generator_loss=0.5,
        discriminator_loss=0.25,
        images_per_second=1640.0,
    )


def make_sample(step: int) -> SampleReport:
    return SampleReport(step, 1, 0.5 * step, np.full((6, 28, 28, 1), step, np.uint8))


class Screen:
    """Replaces the outputs below a cell.

    Attributes:
        places: All contents that each place has shown, the oldest first.
    """

    def __init__(self) -> None:
        self.places: list[list[dict[str, Any]]] = []

    def display(self, data: dict[str, Any], *, raw: bool, display_id: bool) -> Place:
        assert raw
        assert display_id
        self.places.append([data])
        return Place(self.places[-1])


class Place:
    """One output, which can be updated; replaces IPython's `DisplayHandle`."""

    def __init__(self, shown: list[dict[str, Any]]) -> None:
        self._shown = shown

    def update(self, data: dict[str, Any], *, raw: bool) -> None:
        assert raw
        self._shown.append(data)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    screen = Screen()
    monkeypatch.setattr(IPython.display, "display", screen.display)
    return screen


def open_png(data: dict[str, Any]) -> np.ndarray:
    with Image.open(io.BytesIO(data["image/png"])) as image:
        return np.asarray(image)


def test_reports_are_passed_on_and_the_newest_is_shown_at_the_end(screen: Screen) -> None:
    reports: list[AnyReport] = [
        make_sample(0),
        *map(make_step, range(1, 9)),
        make_sample(8),
        make_step(9),
    ]
    assert list(watch(reports)) == reports
    pictures, progress_line = screen.places
    np.testing.assert_array_equal(
        open_png(pictures[-1]), tile(np.full((6, 28, 28, 1), 8, np.uint8), 2, 3, scale=2)
    )
    assert pictures[-1]["text/plain"] == "Samples of step 8"
    assert progress_line[-1]["text/plain"] == (
        "step 9, epoch 1, 4 s, loss generator 0.50 discriminator 0.25, 1,640 pictures/s"
    )


def test_the_view_is_updated_at_most_twice_a_second(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(notebook_module, "time", clock)
    reports = watch([make_sample(0), *map(make_step, range(1, 41))])
    next(reports)
    assert [len(place) for place in screen.places] == [1, 1]
    for _ in range(40):
        clock.now += 0.125
        next(reports)
    assert len(screen.places[1]) == 11  # Twice a second for 5 seconds, and the first.


@pytest.mark.parametrize(("digit_shares", "noun"), [((0.1,) * 10, "digits"), ((), "pictures")])
def test_the_frechet_distance_is_shown_after_an_evaluation(
    digit_shares: tuple[float, ...], noun: str, screen: Screen
) -> None:
    metrics, real = {"frechet_distance": 1.25}, {"frechet_distance": 0.75}
    list(
        watch(
            [
                make_sample(0),
                make_step(1),
                EvaluationReport(1, 1, 0.5, 100, metrics, real, digit_shares),
                make_step(2),
            ]
        )
    )
    assert screen.places[1][-1]["text/plain"].endswith(
        f"1,640 pictures/s, distance 1.25 (real {noun} 0.75)"
    )


def test_without_ipython_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DCGANError, match=r"pip install -r requirements-notebook\.txt"):
        watch([])


def test_the_quickstart_runs_from_top_to_bottom_in_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a separate kernel, with small networks that train for a second instead of a minute."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))  # As if it were installed.
    notebook = nbformat.read(QUICKSTART, 4)
    cells = {cell.id: cell for cell in notebook.cells}
    assert "seconds = 60" in cells["where"].source
    cells["where"].source = cells["where"].source.replace("seconds = 60", "seconds = 1")
    assert "max_seconds=seconds," in cells["train"].source
    small = "generator_filters=(8, 4), discriminator_filters=(4, 8), r1_penalty=0"
    cells["train"].source = cells["train"].source.replace(
        "max_seconds=seconds,", f"max_seconds=seconds, {small},"
    )
    assert "Evaluator(dataset, 1000)" in cells["real"].source
    cells["real"].source = cells["real"].source.replace("1000", "200")
    last_cell = nbformat.v4.new_code_cell(
        "from dcgan.recording.progress import in_notebook\nin_notebook()"
    )
    notebook.cells.append(last_cell)
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=120, resources=resources).execute()

    shown = [output.data for output in cells["train"].outputs if output.output_type != "stream"]
    picture, progress_line = shown
    assert progress_line["text/plain"].startswith("step ")
    assert ", loss generator " in progress_line["text/plain"]
    digits = base64.b64decode(picture["image/png"])
    assert open_png({"image/png": digits}).shape == (596, 596)  # 10 × 10, twice as large.
    for name in ("draw", "walk", "classes"):
        assert "image/png" in cells[name].outputs[-1].data
    assert "frechet_distance" in cells["history"].outputs[-1].data["text/html"]
    assert last_cell.outputs[-1].data["text/plain"] == "True"
    assert "ipykernel" in sys.modules  # This process has run a kernel,
    assert not in_notebook()  # and is not one itself.


@pytest.mark.parametrize("is_installed", [True, False])
def test_the_first_cell_installs_the_program_if_it_is_missing(
    is_installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cell,) = [cell for cell in nbformat.read(QUICKSTART, 4).cells if cell.id == "where"]
    shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
    commands: list[str] = []
    shell.register_magic_function(commands.append, "line", "pip")
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: object() if is_installed else None
    )
    shell.run_cell(cell.source).raise_error()
    address = shell.user_ns["REPOSITORY"]
    assert address.startswith("https://")
    assert commands == ([] if is_installed else [f"install -q git+{address}"])
    assert "sys.path" not in QUICKSTART.read_text("utf-8")


def test_the_quickstart_has_its_outputs_and_is_small() -> None:
    assert QUICKSTART.stat().st_size < MAX_BYTES
    notebook = nbformat.read(QUICKSTART, 4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert all(cell.outputs for cell in cells[1:])
    for output in (output for cell in cells for output in cell.outputs):
        assert output.output_type in ("display_data", "execute_result")  # No error, no log.


def test_a_training_with_a_live_view_is_at_most_ten_lines() -> None:
    (cell,) = [cell for cell in nbformat.read(QUICKSTART, 4).cells if cell.id == "train"]
    assert "watch(train(" in cell.source
    assert len(cell.source.splitlines()) <= 10

"""The result of a comparison on the page: its cards, and the warning of a busy race."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.compare import result_cards
from dashboard.state.trainer import Trainer
from dcgan.comparison.kept_measurement import write_measurement
from dcgan.sweeps.race import create_race
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import prepare_page, read_texts, remove_escapes, run_page
from tests.races import TIME, make_race, measure
from tests.reports import evaluation_report, step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def open_page(*names: str) -> AppTest:
    page = prepare_page("compare")
    page.session_state["compare_runs"] = list(names)
    return run_page(page)


def test_a_card_shows_thirty_digits_and_says_that_the_number_judges_more(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[tuple[int, int]] = []

    def render_picture(*_: object, size: tuple[int, int], **__: object) -> None:
        sizes.append(size)

    monkeypatch.setattr(result_cards, "render_picture", render_picture)
    for name, distance in (("near", 5.0), ("far", 50.0)):
        run = new_run(name, num_samples=40)
        with run.lock.held():
            run.write(evaluation_report(26, distance))
    page = open_page("far", "near")
    assert len(sizes) == 2, sizes
    assert {(width // 28, height // 28) for width, height in sizes} == {(10, 3)}
    assert (
        "drawn at random: nobody picked the best. The distance is measured with 1,000 such"
        in read_texts(page)
    )
    # Each side names its run.
    texts = remove_escapes(read_texts(page))
    assert "**near** :small[step 26]" in texts
    assert "**far** :small[step 26]" in texts


def test_cards_of_numbers_of_unequally_many_digits_name_no_count(new_run: NewRun) -> None:
    runs = {name: new_run(name) for name in ("near", "far", "other")}
    for run, distance in zip(runs.values(), (5.0, 50.0, 900.0), strict=True):
        with run.lock.held():
            run.write(evaluation_report(26, distance))
    for name, distance in (("near", 4.0), ("far", 40.0)):
        write_measurement(runs[name], measure(distance, step=26))
    texts = read_texts(open_page(*runs))
    assert "nobody picked the best." in texts
    assert "The distance is measured" not in texts


@pytest.mark.parametrize("distances", [(0.3, 0.3, 0.3, 0.3), (0.9, 0.2, 0.9, 0.2)])
def test_runs_of_a_race_keep_its_warning_of_a_busy_computer(
    distances: tuple[float, ...], new_run: NewRun, trainer: Trainer
) -> None:
    names = ("a", "b", "c", "d")
    steps = (967, 967, 1618, 1618)
    for name, step in zip(names, steps, strict=True):
        run = new_run(name)
        with run.lock.held():
            run.write(step_report(step))
    runs = [
        run.model_copy(update={"measurement": measure(distance, step=step), "folder": name})
        for run, distance, step, name in zip(make_race().runs, distances, steps, names, strict=True)
    ]
    create_race(trainer.root, make_race().model_copy(update={"runs": tuple(runs)}), TIME)
    page = open_page(*names)
    (warning,) = page.warning
    assert "made 967 and 1,618 steps, so other programs kept the computer busy" in (
        remove_escapes(warning.value)
    )
    assert "busy" not in page.subheader[0].value
    assert "ikely" not in read_texts(page)

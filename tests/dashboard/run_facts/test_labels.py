"""Labels of runs and checkpoints in lists to choose from."""

from __future__ import annotations

from dashboard.run_facts.labels import describe_best_checkpoint, label_runs, shorten_labels
from tests.dashboard.conftest import NewRun
from tests.reports import evaluation_report


def test_equal_titles_are_followed_by_the_time_of_the_start_or_the_name(new_run: NewRun) -> None:
    names = ("mnist-20261129-102758", "mnist-20261129-102758-20261130-093000", "other", "alone")
    runs = [new_run(name) for name in names]
    for run in runs[:3]:
        run.write_label("My run", "")
    assert label_runs(runs) == {
        names[0]: "My run · 29 Nov 10:27",
        names[1]: "My run · 30 Nov 09:30",
        "other": "My run (other)",
        "alone": "alone",
    }
    same_minute = new_run("mnist-20261129-102701")
    same_minute.write_label("My run", "")
    assert label_runs([runs[0], same_minute]) == {
        names[0]: "My run · 29 Nov 10:27:58",
        "mnist-20261129-102701": "My run · 29 Nov 10:27:01",
    }


def test_a_title_that_looks_like_the_label_of_another_run_makes_no_equal_labels(
    new_run: NewRun,
) -> None:
    runs = [new_run("one"), new_run("two"), new_run("three")]
    for run, title in zip(runs, ("My run", "My run", "My run (one)"), strict=True):
        run.write_label(title, "")
    labels = label_runs(runs)
    assert len(set(labels.values())) == 3
    assert labels["two"] == "My run (two)"


def test_runs_without_a_title_are_distinguished_by_seconds_and_at_last_by_their_folders(
    new_run: NewRun,
) -> None:
    names = ("spots-20261129-102758", "spots-20261129-102701", "spots-20261130-093000")
    runs = [new_run(name) for name in names]
    assert label_runs(runs) == {
        names[0]: "No R1 penalty … · 29 Nov 10:27:58",
        names[1]: "No R1 penalty … · 29 Nov 10:27:01",
        names[2]: "No R1 penalty … · 30 Nov 09:30",
    }
    same_second = new_run(f"{names[0]}-2")
    assert label_runs([runs[0], same_second]) == {
        names[0]: f"No R1 penalty … ({names[0]})",
        f"{names[0]}-2": f"No R1 penalty … ({names[0]}-2)",
    }


def test_a_long_label_shows_its_start_and_its_end_in_a_select_box() -> None:
    labels = {
        "a": "Generator learning rate 0.0005 (branch of attempt 1)",
        "b": "Generator learning rate 0.0005 (branch of attempt 2)",
        "c": "MNIST, 29 Nov 10:27",
        "d": "spots-20261129-102758-20261130-093000-20261130-094500",
    }
    assert shorten_labels(labels) == {
        "a": "Generator learning … of attempt 1)",
        "b": "Generator learning … of attempt 2)",
        "c": "MNIST, 29 Nov 10:27",
        "d": "spots-20261129-1027 … 00-20261130-094500",
    }


def test_labels_that_differ_in_the_middle_only_stay_whole_in_a_select_box() -> None:
    start, end = "The same beginning, which is long", "and an end of all"
    labels = {number: f"{start}, number {number}, {end}" for number in ("1", "2")}
    labels["3"] = f"Another beginning, also a long one, {end}"
    short = shorten_labels(labels)
    assert (short["1"], short["2"]) == (labels["1"], labels["2"])
    assert len(short["3"]) <= 40


def test_the_best_checkpoint_is_named_with_the_noun_of_the_data(new_run: NewRun) -> None:
    for dataset, noun in (("mnist", "digits"), ("fashion_mnist", "pictures")):
        run = new_run(dataset, dataset=dataset)
        assert describe_best_checkpoint(run) == ""
        run.acquire_lock()
        run.write(evaluation_report(26, 3.0))
        run.lock.release()
        assert describe_best_checkpoint(run) == f"Step 26 has the best {noun} so far."

"""The sentences below the charts of a run."""

from __future__ import annotations

import dataclasses

from dashboard.charts.charts_panel import (
    describe_low_accuracy,
    explain_label_smoothing,
    list_event_texts,
)
from dashboard.snapshots.snapshot import Snapshot
from dcgan.config.training_config import TrainingConfig
from tests import healthy_run


def test_a_low_accuracy_on_real_images_is_explained_unless_the_discriminator_wins() -> None:
    config = TrainingConfig(label_smoothing=0.1)
    healthy = Snapshot(config=config, history=tuple(healthy_run.steps(real_accuracy=0.3)))
    winning = Snapshot(config=config, history=tuple(healthy_run.steps(real_accuracy=1.0)))
    without = Snapshot(config=config.replace(label_smoothing=0.0), history=healthy.history)
    explanation = explain_label_smoothing(healthy)
    assert "A low line of the real pictures is normal." in explanation
    assert "answer 0% for fakes and 90% for real pictures (label smoothing)" in explanation
    assert explain_label_smoothing(winning) == ""
    assert explain_label_smoothing(without) == ""


def test_a_discriminator_that_calls_everything_fake_is_not_called_normal() -> None:
    config = TrainingConfig(label_smoothing=0.1)
    for real, fake, sentence in (
        (0.3, 0.88, "is normal here: when unsure, this discriminator says “fake”."),
        (0.01, 0.88, "is normal here"),
        (0.01, 0.99, "calls nearly every picture fake"),
    ):
        reports = tuple(healthy_run.steps(real_accuracy=real, fake_accuracy=fake))
        assert sentence in describe_low_accuracy(Snapshot(config=config, history=reports))


def test_a_high_accuracy_in_a_collapse_is_not_explained_as_low() -> None:
    config = TrainingConfig(label_smoothing=0.1)
    collapsed = tuple(healthy_run.steps(real_accuracy=0.9))
    assert explain_label_smoothing(Snapshot(config=config, history=collapsed)) == ""
    # One report of the other kind changes nothing.
    odd = (*healthy_run.steps(real_accuracy=0.3), *healthy_run.steps(1020, 1020, real_accuracy=0.9))
    assert explain_label_smoothing(Snapshot(config=config, history=odd)) != ""


def test_the_newest_three_changes_are_listed_without_the_end_of_the_run() -> None:
    changes = tuple(
        dataclasses.replace(healthy_run.event(step), text=f"Change {step}.") for step in range(5)
    )
    end = healthy_run.event(5, "converged")
    texts = list_event_texts(Snapshot(events=(*changes, end)))
    assert texts == ["Change 2.", "Change 3.", "Change 4."]

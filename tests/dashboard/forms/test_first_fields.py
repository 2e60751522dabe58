"""The length of a new run: epochs, time limit, and the switch that ends it sooner."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dcgan.config.training_config import TrainingConfig
from tests.dashboard.forms.form_page import field, get_started, press


def test_a_run_until_it_stops_improving_is_not_ended_by_the_epochs_of_the_preset(
    page: AppTest,
) -> None:
    field(page, "until_converged").set_value(True).run()
    assert (field(page, "epochs").value, field(page, "max_seconds").value) == (None, 3600)
    press(page)
    assert get_started(page) == [
        TrainingConfig(until_converged=True, epochs=None, max_seconds=3600.0)
    ]
    field(page, "until_converged").set_value(False).run()
    assert (field(page, "epochs").value, field(page, "max_seconds").value) == (10, None)


def test_typed_limits_come_back_when_the_switch_is_turned_off(page: AppTest) -> None:
    field(page, "epochs").set_value(25).run()
    field(page, "max_seconds").set_value(600.0).run()
    field(page, "until_converged").set_value(True).run()
    field(page, "until_converged").set_value(False).run()
    assert (field(page, "epochs").value, field(page, "max_seconds").value) == (25, 600)


def test_a_typed_time_limit_stays_when_the_run_also_ends_without_improvement(
    page: AppTest,
) -> None:
    field(page, "max_seconds").set_value(600.0).run()
    field(page, "until_converged").set_value(True).run()
    assert (field(page, "epochs").value, field(page, "max_seconds").value) == (None, 600)

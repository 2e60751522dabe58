"""The tables of a run's settings."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dashboard.components.plain_text import escape_markdown
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig


def table_script() -> None:
    """Render the settings that a test has put into the session."""
    import streamlit as st

    from dashboard.forms import settings_table

    settings_table.render(st.session_state["config"])


def rows_of(config: TrainingConfig) -> dict[str, str]:
    page = AppTest.from_function(table_script, default_timeout=60)
    page.session_state["config"] = config
    page.run()
    assert not page.exception
    rows: dict[str, str] = {}
    for table in page.table:
        for label, value in table.value.itertuples():
            assert label not in rows
            rows[label] = value
    return rows


def test_the_tables_have_all_settings_of_a_run() -> None:
    rows = rows_of(
        TrainingConfig.create(epochs=20_000, max_seconds=1500, generator_filters=(16, 8))
    )
    titles = {str(info.title) for info in Settings.model_fields.values()}
    assert rows.keys() == titles - {"Polarity", "Colour"}  # These are for own pictures only.
    assert rows["Data set"] == escape_markdown("MNIST (built in)")
    assert rows["Epochs"] == "20,000"
    assert rows["Time limit"] == "25 min"
    assert rows["Generator channels"] == "16, 8"
    assert rows["Generator learning rate"] == "0.002"


def test_a_path_in_the_table_is_escaped() -> None:
    path = "/home/me/![x](https://example.org/x.png)/__pictures__.zip"
    rows = rows_of(TrainingConfig.create(dataset=path))
    assert rows["Data set"] == escape_markdown(path)
    assert "![x](" not in rows["Data set"]

"""The groups of the form's folded fields, and what the line of each says."""

from __future__ import annotations

from dashboard.forms.dataset_choice import DATASET_SETTINGS
from dashboard.forms.form_sections import FIRST_SETTINGS
from dashboard.forms.setting_groups import describe_groups, find_section, list_groups
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig


def describe(base: TrainingConfig, **changes: object) -> dict[str, str]:
    """Describe the groups with the values of `base`, but for some that were entered."""
    names = [name for group in list_groups() for name in group.settings]
    return describe_groups(base, {name: getattr(base, name) for name in names} | changes)


def test_each_setting_of_the_form_is_in_one_group() -> None:
    shown = [name for group in list_groups() for name in group.settings]
    assert sorted(shown) == sorted(
        set(Settings.model_fields) - {*FIRST_SETTINGS, *DATASET_SETTINGS}
    )
    assert [group.title for group in list_groups()] == [
        "Learning",
        "Networks",
        "Pictures",
        "Saving and measuring",
    ]
    assert find_section("dropout") == "settings-networks"
    assert find_section("tensorboard") == "settings-saving-and-measuring"
    assert find_section("epochs") == ""


def test_without_a_change_a_line_names_the_first_settings() -> None:
    lines = describe(TrainingConfig())
    assert lines["Learning"] == "loss, R1 penalty, generator learning rate and 8 more"
    assert lines == describe(TrainingConfig.preset("classic"))  # Its own values are no change.


def test_a_line_says_which_values_differ_from_the_preset() -> None:
    lines = describe(TrainingConfig(), dropout=0.4, generator_filters="32, 16", evaluate_every=3)
    assert lines["Networks"] == (
        "changed: generator channels 32-16 (instead of 48-24), dropout 0.4 (instead of 0)"
    )
    assert lines["Saving and measuring"] == (
        "changed: epochs between measurements 3 (instead of 1)"
    )
    assert lines["Learning"].startswith("loss, ")


def test_of_many_changes_a_line_names_three() -> None:
    lines = describe(
        TrainingConfig(),
        generator_learning_rate=0.001,
        discriminator_learning_rate=0.001,
        batch_size=32,
        lookahead=0,
        ema_decay=0.99,
    )
    assert lines["Learning"].endswith("batch size 32 (instead of 64) and 2 more")


def test_a_value_that_is_not_allowed_is_in_the_line_and_hides_no_other_change() -> None:
    lines = describe(TrainingConfig(), batch_size=1, dropout=0.4)
    assert lines["Learning"] == "a value is not allowed"
    assert lines["Networks"] == "changed: dropout 0.4 (instead of 0)"

"""TrainingConfig: its bounds hold at both ends, and its errors are sentences."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dcgan.config.config_text import describe_bounds, describe_changes, format_value
from dcgan.config.setting_info import (
    get_setting_group,
    get_setting_schema,
    is_number_setting,
)
from dcgan.config.settings import Settings
from dcgan.config.training_config import PRESET_HELP, PRESETS, TrainingConfig
from dcgan.errors import ConfigError
from dcgan.evaluation.metric_info import METRIC_INFO, Evaluation
from dcgan.evaluation.metrics import Estimate
from dcgan.export.tables import COLUMNS

FIELDS = sorted(Settings.model_fields)
GROUPS = {"Data", "Length", "Optimizers", "Networks", "Few pictures", "Run"}


def list_edge_values(name: str) -> tuple[list[object], list[object]]:
    """Return the last values inside a number's bounds, and the first ones outside."""
    spec = get_setting_schema(name)
    if spec["type"] == "integer":
        low, high = spec["minimum"], spec["maximum"]
        return [low, high], [low - 1, high + 1]
    low, high = spec.get("minimum"), spec.get("maximum")
    inside = [
        low if low is not None else math.nextafter(spec["exclusiveMinimum"], math.inf),
        high if high is not None else math.nextafter(spec["exclusiveMaximum"], -math.inf),
    ]
    outside = [
        math.nextafter(low, -math.inf) if low is not None else spec["exclusiveMinimum"],
        math.nextafter(high, math.inf) if high is not None else spec["exclusiveMaximum"],
        math.nan,
        math.inf,
    ]
    return inside, outside


NUMBERS = [
    name for name in FIELDS if is_number_setting(name) and "enum" not in get_setting_schema(name)
]
OUTSIDE = [(name, value) for name in NUMBERS for value in list_edge_values(name)[1]]


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_explains_itself_and_is_bounded(name: str) -> None:
    field, spec = Settings.model_fields[name], get_setting_schema(name)
    assert field.title
    assert field.description
    assert field.description.endswith((".", ")"))
    assert get_setting_group(name) in GROUPS
    if name in NUMBERS:
        assert "minimum" in spec or "exclusiveMinimum" in spec
        assert "maximum" in spec or "exclusiveMaximum" in spec
    elif spec["type"] == "array":
        assert {"minItems", "maxItems"} <= spec.keys()
    elif spec["type"] != "boolean":
        assert "enum" in spec or "maxLength" in spec
    assert describe_bounds(name)


def test_labels_are_unique_so_that_a_form_can_show_them() -> None:
    labels = [field.title for field in Settings.model_fields.values()]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", NUMBERS)
def test_the_last_values_inside_the_bounds_are_taken(name: str) -> None:
    for value in list_edge_values(name)[0]:
        assert getattr(TrainingConfig.create(**{name: value}), name) == value


@pytest.mark.parametrize(("name", "value"), OUTSIDE)
def test_the_first_values_outside_the_bounds_are_refused_with_the_value_and_the_bounds(
    name: str, value: object
) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig.create(**{name: value})
    assert str(caught.value) == f"{name}: got {value!r}; expected {describe_bounds(name)}."
    assert caught.value.setting == name
    assert caught.value.problem == f"got {value!r}; expected {describe_bounds(name)}."


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"batch_size": 1}, "batch_size: got 1; expected 2 to 4096."),
        ({"batch_size": "x"}, "batch_size: got 'x'; expected a whole number, 2 to 4096."),
        ({"batch_size": 2.5}, "batch_size: got 2.5; expected a whole number, 2 to 4096."),
        ({"epochs": "ten"}, "epochs: got 'ten'; expected a whole number, 1 to 100,000."),
        ({"beta_1": 1}, "beta_1: got 1; expected 0 to less than 1."),
        (
            {"generator_learning_rate": 0},
            "generator_learning_rate: got 0; expected more than 0 to 1.",
        ),
        ({"tensorboard": "maybe"}, "tensorboard: got 'maybe'; expected on or off."),
        (
            {"strategy": "tpu"},
            "strategy: got 'tpu'; expected auto, one_device, mirrored, multi_worker.",
        ),
        ({"dataset": ""}, "dataset: got ''; expected mnist, keras, fashion_mnist or a path."),
        (
            {"generator_filters": (64, 0)},
            "generator_filters: got 0; expected 2 to 6 whole numbers, each 1 to 1024.",
        ),
        (
            {"discriminator_filters": "1, 2, 3, 4, 5"},
            "discriminator_filters: got ['1', '2', '3', '4', '5']; "
            "expected 1 to 4 whole numbers, each 1 to 1024.",
        ),
        ({"image_size": 48}, "image_size: got 48; expected 28, 32, 64."),
        ({"image_size": "large"}, "image_size: got 'large'; expected 28, 32, 64."),
        (
            {"color": True},
            "Color is for your own pictures, and mnist is grey: leave it off, or choose your own "
            "pictures.",
        ),
        ({"epochs": None}, "Give epochs or a time limit: without either, training never ends."),
        (
            {"until_converged": True, "evaluate_every": 0},
            "Set evaluate_every to 1 or more: until_converged needs measurements.",
        ),
    ],
)
def test_an_error_is_one_sentence_that_a_person_can_act_on(
    values: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig.create(**values)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("generator_learning_rate", "0,0002", "1: write it with a decimal point, 0.0002."),
        ("generator_learning_rate", "2e-3,5", "0 to 1."),
        ("beta_1", ",5", "1: write it with a decimal point, .5."),
        ("max_seconds", "1,5", ": write it with a decimal point, 1.5."),
        ("max_seconds", "1,000", "with a decimal point, 1.000, or without separators, 1000."),
        ("max_seconds", "1,000,000", ": write it without separators, 1000000."),
        ("batch_size", "1 024", ": write it without separators, 1024."),
        ("batch_size", "1.024", ": write it without separators, 1024."),
    ],
)
def test_a_number_with_a_comma_is_refused_with_the_right_spelling(
    name: str, value: str, advice: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig.create(**{name: value})
    assert str(caught.value).startswith(f"{name}: got '{value}'; expected ")
    assert str(caught.value).endswith(advice)


def test_an_unknown_setting_is_refused_with_the_names_of_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="learning_rate: there is no such setting") as caught:
        TrainingConfig.create(learning_rate=0.1)
    assert all(name in str(caught.value) for name in FIELDS)


def test_a_very_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig.create(dataset="x" * 5000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("widths", ["256, 128,64", " 256,128 ,64, ", [256, 128, 64]])
def test_channels_can_be_typed_as_a_list_with_commas(widths: object) -> None:
    config = TrainingConfig.create(generator_filters=widths)
    assert config.generator_filters == (256, 128, 64)


def test_numbers_can_be_given_as_text() -> None:
    config = TrainingConfig.create(batch_size="32", beta_1="0.9", epochs="", max_seconds="60")
    assert (config.batch_size, config.beta_1) == (32, 0.9)
    assert (config.epochs, config.max_seconds) == (None, 60.0)
    assert TrainingConfig.create(max_seconds=" None ").max_seconds is None


def test_a_config_cannot_be_changed_in_place() -> None:
    config = TrainingConfig()
    with pytest.raises(ValidationError, match="frozen"):
        setattr(config, "batch_size", 32)  # noqa: B010 - the type checker knows it is frozen
    assert config.batch_size == 64


def test_replace_makes_a_checked_copy() -> None:
    config = TrainingConfig()
    assert config.replace(seed=7) == TrainingConfig.create(seed=7)
    assert config == TrainingConfig()
    with pytest.raises(ConfigError, match="batch_size: got 0"):
        config.replace(batch_size=0)


@given(
    batch_size=st.integers(2, 4096),
    beta_1=st.floats(0, 1, exclude_max=True),
    generator_filters=st.lists(st.integers(1, 1024), min_size=2, max_size=6),
    max_seconds=st.none() | st.floats(1e-3, 1e7),
    polarity=st.sampled_from(["auto", "as_is", "inverted"]),
)
def test_a_config_survives_json_exactly(**values: object) -> None:
    config = TrainingConfig.create(**values)
    assert TrainingConfig.create(**json.loads(config.model_dump_json())) == config


def test_only_named_sets_have_classes_to_choose_from() -> None:
    assert TrainingConfig.create(only_classes="1").only_classes == (1,)
    with pytest.raises(ConfigError, match="Only_classes is for named sets"):
        TrainingConfig.create(dataset="/pictures", only_classes=(1,))
    with pytest.raises(ConfigError, match="only_classes: got '10'; expected 0 to 10 whole numbers"):
        TrainingConfig.create(only_classes="10")


# Presets.


def test_the_default_preset_is_fast() -> None:
    assert TrainingConfig.preset("fast") == TrainingConfig()


def test_classic_has_the_textbook_values() -> None:
    classic = TrainingConfig.preset("classic")
    assert (classic.batch_size, classic.epochs, classic.latent_dim) == (32, 50, 100)
    assert classic.generator_learning_rate == classic.discriminator_learning_rate == 2e-4
    assert (classic.beta_1, classic.beta_2) == (0.5, 0.999)
    # The paper and the tutorial have neither of them.
    assert (classic.label_smoothing, classic.ema_decay) == (0, 0)
    assert classic.dropout == 0.3
    assert classic.generator_filters == (256, 128, 64)
    assert classic.discriminator_filters == (64, 128)
    assert classic.kernel_size == 5


def test_every_preset_is_valid_and_says_what_it_is_for() -> None:
    assert PRESETS.keys() == PRESET_HELP.keys()
    for name, text in PRESET_HELP.items():
        TrainingConfig.preset(name)
        assert text.endswith(".")


def test_a_preset_can_be_overridden_and_is_still_checked() -> None:
    assert TrainingConfig.preset("classic", batch_size=64).batch_size == 64
    with pytest.raises(ConfigError, match="epochs: got 0"):
        TrainingConfig.preset("classic", epochs=0)


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"^preset: got 'slow'; expected one of classic, fast\.$"):
        TrainingConfig.preset("slow")


# Steps and epochs.


def test_a_partial_last_batch_counts_as_a_step() -> None:
    config = TrainingConfig.create(batch_size=64)
    assert config.compute_steps_per_epoch(60_000) == 938  # 937.5 batches
    assert config.compute_steps_per_epoch(64) == 1
    assert config.compute_total_steps(60_000) == 10 * 938
    assert config.replace(epochs=None, max_seconds=1).compute_total_steps(60_000) is None


def test_each_update_of_the_discriminator_uses_another_batch() -> None:
    config = TrainingConfig.create(batch_size=64, discriminator_steps=5)
    assert config.images_per_step == 320
    assert (
        config.compute_steps_per_epoch(60_000) == 938
    )  # Each of the five updates passes over all images.


def test_an_epoch_ends_with_its_last_step() -> None:
    config = TrainingConfig.create(batch_size=64)
    epochs = [config.compute_epoch(step, 60_000) for step in (0, 1, 938, 939, 1876, 1877)]
    assert epochs == [1, 1, 1, 2, 2, 3]


def test_a_run_is_done_after_its_last_step() -> None:
    config = TrainingConfig.create(batch_size=64, epochs=2)
    assert not config.is_done(1875, 1e6, 60_000)  # Seconds do not count where none were planned.
    assert config.is_done(1876, 0, 60_000)
    assert config.is_done(1877, 0, 60_000)


def test_a_run_is_done_when_its_seconds_are_over() -> None:
    config = TrainingConfig.create(epochs=None, max_seconds=30)
    assert not config.is_done(10**9, 29.9, 60_000)
    assert config.is_done(1, 30, 60_000)


def test_a_run_ends_at_its_epochs_or_seconds_whichever_comes_first() -> None:
    config = TrainingConfig.create(batch_size=64, epochs=2, max_seconds=30)
    assert not config.is_done(1875, 29.9, 60_000)
    assert config.is_done(1876, 1, 60_000)
    assert config.is_done(1, 30, 60_000)


def test_the_share_done_is_the_larger_of_steps_and_seconds() -> None:
    config = TrainingConfig.create(epochs=2, max_seconds=30, batch_size=64)
    assert config.compute_share_done(0, 0.0, 60_000) == 0.0
    assert config.compute_share_done(469, 3.0, 60_000) == 0.25  # 938 steps an epoch.
    assert config.compute_share_done(469, 24.0, 60_000) == 0.8
    assert config.compute_share_done(10**6, 3.0, 60_000) == 1.0


def test_the_earlier_end_counts_and_the_time_left_is_never_negative() -> None:
    config = TrainingConfig.create(epochs=2, max_seconds=30)
    clock = TrainingConfig.create(epochs=None, max_seconds=30)
    assert config.estimate_seconds_left(100, 40, 5.0, 0.1) == pytest.approx(6.0)
    assert config.estimate_seconds_left(100, 40, 27.0, 0.1) == 3.0
    assert clock.estimate_seconds_left(None, 40, 5.0, 0.1) == 25.0
    assert config.estimate_seconds_left(100, 100, 31.0, 0.1) == 0.0


def test_changes_are_described_by_label() -> None:
    config = TrainingConfig()
    changed = config.replace(generator_learning_rate=1e-4, epochs=None, max_seconds=60)
    assert describe_changes(config, changed) == (
        "Epochs 10 → no limit, Time limit no limit → 1 min, Generator learning rate 0.002 → 0.0001"
    )
    assert describe_changes(config, config) == ""
    assert describe_changes(config, config.replace(tensorboard=True)) == "TensorBoard off → on"
    assert format_value("generator_learning_rate", 2e-5) == "0.00002"


def test_changing_a_returned_schema_does_not_affect_other_callers() -> None:
    for name in ("batch_size", "image_size", "epochs", "generator_filters"):
        before = describe_bounds(name)
        returned = get_setting_schema(name)
        for part in (returned.get("items", {}), returned.get("enum", []), returned):
            part.clear()
        assert describe_bounds(name) == before


def test_public_tables_are_immutable() -> None:
    for table in (PRESETS, PRESETS["classic"], PRESETS["fast"], PRESET_HELP, METRIC_INFO, COLUMNS):
        assert not hasattr(table, "update")
    floor = Evaluation(2, {"frechet_distance": Estimate(3.0)})
    assert not hasattr(floor.estimates, "update")

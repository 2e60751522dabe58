"""Learning rates far from the closest preset's: the first suspects of a bad run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dcgan.config.closest_preset import find_closest_preset, label_preset
from dcgan.config.config_text import format_value
from dcgan.config.setting_info import get_setting_label
from dcgan.config.training_config import PRESETS, TrainingConfig
from dcgan.diagnosis.actions import Action, suggest_lower_discriminator_rate, suggest_new_run

RATES = ("generator_learning_rate", "discriminator_learning_rate")

# A rate this many times higher or lower than the preset's is unusual. Measured: a generator
# learning rate twenty times too high makes the default preset collapse.
_UNUSUAL_FACTOR = 10.0


def describe_suspects(config: TrainingConfig, actions: Sequence[Action]) -> str:
    """Name the learning rates to suspect first; "" if all are near the closest preset's.

    Args:
        config: The settings of the run.
        actions: The suggested actions. A rate is no suspect if an action moves it further from the
            preset's.
    """
    remarks = [
        describe_unusual_rate(name, getattr(config, name), config)
        for name in RATES
        if not any(_moves_away(name, config, action.changes) for action in actions)
    ]
    sentences = " ".join(f"{sentence}." for sentence in remarks if sentence)
    return f"Check this first: {sentences}" if sentences else ""


def describe_unusual_rate(name: str, value: float, config: TrainingConfig) -> str:
    """Compare a learning rate with the closest preset's.

    Args:
        name: Name of the setting.
        value: The rate, above 0.
        config: The settings of the run, which decide the closest preset.

    Returns:
        Such as "Generator learning rate 0.04 is 20 times the default 0.002"; empty if the rate is
        not unusual.
    """
    preset, _ = find_closest_preset(config)
    rate = _find_usual_rate(name, config)
    ratio = value / rate
    if not _is_unusual(value, rate):
        return ""
    multiple = f"{ratio:,.0f} times" if ratio > 1 else f"{1 / ratio:,.0f} times lower than"
    usual = f"{label_preset(preset)}'s" if PRESETS[preset] else "default"
    return (
        f"{get_setting_label(name)} {format_value(name, value)} is {multiple} the {usual} "
        f"{format_value(name, rate)}"
    )


def suggest_usual_rates(config: TrainingConfig) -> tuple[Action, ...]:
    """Suggest a new run for pictures that are like nothing in the data.

    Returns:
        A new run. Unusual rates are replaced by the closest preset's, and so is a discriminator
        learning rate below the preset's. If there are none, the new run gets a lower discriminator
        learning rate.
    """
    changes = {}
    for name in RATES:
        value, usual = getattr(config, name), _find_usual_rate(name, config)
        is_slow = name == "discriminator_learning_rate" and value < usual
        if is_slow or _is_unusual(value, usual):
            changes[name] = usual
    if changes:
        return (Action("new_run", changes),)
    return suggest_new_run(suggest_lower_discriminator_rate(config))


def explain_useless_discriminator(config: TrainingConfig) -> str:
    """Explain why a discriminator gives no useful feedback, for pictures like nothing in the data.

    The most likely reason depends on the discriminator's learning rate.
    """
    name = "discriminator_learning_rate"
    rate, usual = getattr(config, name), _find_usual_rate(name, config)
    if rate < usual:
        return (
            "Usually the discriminator learns too slowly: it hardly tells real pictures from "
            "fakes, so the generator does not learn what to improve."
        )
    if rate > usual:
        return (
            "Usually the discriminator's learning rate is too high, so that its feedback changes "
            "too fast."
        )
    return (
        "Usually the discriminator's feedback is of no use: it learns too fast or too slowly for "
        "this generator."
    )


def _find_usual_rate(name: str, config: TrainingConfig) -> float:
    """Return a learning rate of the closest preset."""
    preset, _ = find_closest_preset(config)
    return float(getattr(TrainingConfig.preset(preset), name))


def _is_unusual(value: float, usual: float) -> bool:
    # Rounded, as 0.02 / 0.002 is a little more than 10.
    return round(max(value / usual, usual / value), 6) >= _UNUSUAL_FACTOR


def _moves_away(name: str, config: TrainingConfig, changes: Mapping[str, float | str]) -> bool:
    rate, value = _find_usual_rate(name, config), getattr(config, name)
    return name in changes and (float(changes[name]) - value) * (rate - value) < 0

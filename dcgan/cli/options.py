"""Options and arguments that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import click

from dcgan.config.config_text import describe_bounds, explain_separators
from dcgan.config.setting_info import get_setting_schema
from dcgan.config.setting_types import parse_optional
from dcgan.config.settings import Settings
from dcgan.config.train_command import SHORT_FLAGS
from dcgan.config.training_config import PRESET_HELP, PRESETS
from dcgan.installation import ROOT

CommandFunction = Callable[..., None]
Decorator = Callable[[CommandFunction], CommandFunction]

ALL_PRESETS_HELP = " ".join(f"{name}: {text}" for name, text in PRESET_HELP.items())


class Number(click.FloatRange):
    """A number whose error explains how to write a decimal comma."""

    def convert(
        self, value: float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Parse the number."""
        try:
            return float(super().convert(value, param, ctx))
        except click.BadParameter as error:
            hint = explain_separators(str(value))
            raise click.BadParameter(f"{error.message.rstrip('.')}{hint}.", ctx, param) from None


def settings_options(names: Iterable[str]) -> Decorator:
    """Add an option for each named field of `Settings`, with its description and bounds."""

    def decorate(command: CommandFunction) -> CommandFunction:
        for name in reversed(list(names)):
            field = Settings.model_fields[name]
            option = functools.partial(
                click.option,
                *([SHORT_FLAGS[name]] if name in SHORT_FLAGS else []),
                f"--{name.replace('_', '-')}",
                name,
                metavar="VALUE",
                help=f"{field.description} [{describe_bounds(name)}]",
            )
            is_switch = get_setting_schema(name)["type"] == "boolean"
            # A switch without a value, such as --color, turns the setting on.
            decorator = option(is_flag=False, flag_value="true") if is_switch else option()
            command = decorator(command)
        return command

    return decorate


def select_given(flags: Mapping[str, str | None]) -> dict[str, object]:
    """Return the settings whose options were given, as text."""
    return {name: value for name, value in flags.items() if value is not None}


def has_time_limit_only(settings: Mapping[str, object]) -> bool:
    """Return whether only a time limit ends training: it is given, and epochs are not."""
    return "epochs" not in settings and parse_optional(settings.get("max_seconds")) is not None


def preset_option(help_text: str) -> Decorator:
    """Add --preset."""
    return click.option(
        "--preset",
        type=click.Choice(list(PRESETS)),
        default="fast",
        show_default=True,
        help=help_text,
    )


def root_option(help_text: str) -> Decorator:
    """Add --root, a folder of runs."""
    return click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False),
        default=ROOT,
        help=f"{help_text} [default: checkpoints/]",
    )


def run_argument(command: CommandFunction) -> CommandFunction:
    """Add RUN as `run_name`, a run's name or folder, and --root, where a name is looked up."""
    root = root_option("Folder where RUN is looked up by its name.")
    return click.argument("run_name", metavar="RUN")(root(command))


def checkpoint_option(help_text: str) -> Decorator:
    """Add --checkpoint, a step."""
    return click.option("--checkpoint", type=int, help=help_text)


deterministic_option = click.option(
    "--deterministic",
    is_flag=True,
    help="Train so that the run repeats bit for bit on this machine; takes up to twice as long.",
)

profile_option = click.option(
    "--profile",
    is_flag=True,
    help="Write a TensorFlow profile of some seconds into the run's folder, for TensorBoard.",
)


def workers_options(command: CommandFunction) -> CommandFunction:
    """Add --workers and --worker-index."""
    for option in (
        click.option(
            "--worker-index",
            type=click.IntRange(min=0),
            help="Number of this process among the workers, from 0; worker 0 is the chief.",
        ),
        click.option(
            "--workers",
            metavar="HOST:PORT,…",
            help="All workers of --strategy multi_worker, the same list for each of them. "
            "[default: from TF_CONFIG]",
        ),
    ):
        command = option(command)
    return command

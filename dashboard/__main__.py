"""The command `python -m dashboard`, which starts the server with the right settings."""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path

import click

from dashboard.access.rules import WATCH_ONLY_VARIABLE
from dashboard.process import demo_bounds, storage_limits
from dashboard.process.tf_runtime import DETERMINISTIC_VARIABLE
from dashboard.server.host_and_headers import HOSTS_VARIABLE
from dashboard.server.streamlit_internals import cli as streamlit_cli
from dashboard.state.trainer import ROOT_VARIABLE
from dcgan import __version__
from dcgan.errors import FAILED, WRONG_INPUT
from dcgan.files.whole_files import is_path_error
from dcgan.installation import DASHBOARD_COMMAND
from dcgan.standard_streams import escape_unencodable_text

_APP = Path(__file__).with_name("app.py")
_ALL_ADDRESSES = ("0.0.0.0", "::")
_BROWSER_ADDRESS_VARIABLE = "STREAMLIT_BROWSER_SERVER_ADDRESS"
# The pages need these values, even if STREAMLIT_* variables of another app set others.
_REQUIRED_FLAGS = (
    "--global.developmentMode=false",
    "--runner.enforceSerializableSessionState=false",
)


@click.command()
@click.version_option(__version__, message="DCGAN Studio %(version)s")
@click.option("--host", help="Address to listen on. [default: 127.0.0.1, this machine only]")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Port to listen on. [default: 8501, or the next free one]",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the runs. [default: checkpoints/]",
)
@click.option(
    "--allowed-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    callback=lambda context, parameter, names: tuple(map(_check_host_name, names)),
    help="Name under which browsers may call the server, besides its addresses and own name; can "
    "be repeated.",
)
@click.option(
    "--max-runs",
    type=click.IntRange(min=1),
    help="Largest number of runs in the folder; further runs are refused. "
    f"[default: {storage_limits.MAX_RUNS:,}]",
)
@click.option(
    "--max-disk-gb",
    type=click.FloatRange(0, 1_000_000, min_open=True),
    help="Largest size of the folder of the runs in GB; further runs are refused. "
    f"[default: {storage_limits.MAX_DISK_GB:g}]",
)
@click.option(
    "--secrets",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=True),
    help="File with the sections [auth] and [roles]: who may sign in, and what they may do. "
    "[default: .streamlit/secrets.toml here or in your home, if there is one]",
)
@click.option("--watch-only", is_flag=True, help="Everybody may watch; nobody may change anything.")
@click.option(
    "--demo",
    is_flag=True,
    help="For a public place: visitors train one after the other, each for a limited time.",
)
@click.option(
    "--demo-seconds",
    type=click.FloatRange(demo_bounds.MIN_SECONDS, demo_bounds.MAX_SECONDS),
    help=f"Training time of a visitor's run. [default: {demo_bounds.DEMO_SECONDS:g}]",
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option(
    "--deterministic",
    is_flag=True,
    help="Train so that runs repeat bit for bit; takes up to twice as long.",
)
def main(
    host: str | None,
    port: int | None,
    root: Path | None,
    hosts: tuple[str, ...],
    max_runs: int | None,
    max_disk_gb: float | None,
    secrets: Path | None,
    watch_only: bool,
    demo: bool,
    demo_seconds: float | None,
    no_browser: bool,
    deterministic: bool,
) -> None:
    """Open the dashboard. Streamlit's own STREAMLIT_* variables work too."""
    flags = [*_REQUIRED_FLAGS]
    if host is not None:
        flags.append(f"--server.address={host}")
        if host in _ALL_ADDRESSES and _BROWSER_ADDRESS_VARIABLE not in os.environ:
            # Otherwise Streamlit asks a server on the internet for this machine's address.
            flags.append(f"--browser.serverAddress={socket.gethostname()}")
    if host is not None or port is not None:
        _check_port(host or "127.0.0.1", port or 0)
    if port is not None:
        flags.append(f"--server.port={port}")
    if hosts:
        os.environ[HOSTS_VARIABLE] = ",".join(hosts)
    if max_runs is not None:
        os.environ[storage_limits.MAX_RUNS_VARIABLE] = str(max_runs)
    if max_disk_gb is not None:
        os.environ[storage_limits.MAX_DISK_VARIABLE] = str(max_disk_gb)
    if secrets is not None:
        flags.append(f"--secrets.files={_check_toml(secrets)}")
    if watch_only:
        os.environ[WATCH_ONLY_VARIABLE] = "1"
    if demo:
        os.environ[demo_bounds.DEMO_VARIABLE] = "1"
    if demo_seconds is not None:
        os.environ[demo_bounds.DEMO_SECONDS_VARIABLE] = f"{demo_seconds:g}"
    if no_browser:
        flags.append("--server.headless=true")
    if root is not None:
        os.environ[ROOT_VARIABLE] = str(_make_folder(root))
    if deterministic:
        os.environ[DETERMINISTIC_VARIABLE] = "1"
    sys.exit(streamlit_cli.main(["run", str(_APP), *flags], prog_name="streamlit"))


def _check_host_name(text: str) -> str:
    name = text.strip()
    if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", name):
        raise click.BadParameter(f"got {text!r}; expected only a name, such as studio.example.org.")
    return name


def _check_toml(file: Path) -> Path:
    """Return the absolute path of a secrets file, which must end in .toml.

    Streamlit would take any other name for a folder.
    """
    if file.suffix != ".toml":
        raise click.BadParameter(
            f"got {str(file)!r}; expected a file whose name ends in .toml.", param_hint="--secrets"
        )
    return file.resolve()


def _make_folder(root: Path) -> Path:
    """Make the folder of the runs and return its absolute path, or exit with an error."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        return root.resolve()
    except OSError as error:
        click.echo(
            f"Error: the folder {root} cannot be made ({error.strerror}); choose another --root.",
            err=True,
        )
        sys.exit(WRONG_INPUT if is_path_error(error) else FAILED)


def _check_port(host: str, port: int) -> None:
    """Exit with an error if the server could not listen on this address; port 0 means any port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if os.name != "nt":  # On Windows, the option allows a port that is in use.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        address = f"{host}:{port}" if port else host
        advice = (
            "choose another --port, or none to get a free one"
            if port
            else "give an address of this machine as --host, or 0.0.0.0 for all of them"
        )
        click.echo(f"Error: cannot listen on {address} ({error.strerror}); {advice}.", err=True)
        sys.exit(WRONG_INPUT)


def run_command_line() -> None:
    """Open the dashboard with the process's arguments."""
    escape_unencodable_text()
    main(prog_name=DASHBOARD_COMMAND)


if __name__ == "__main__":
    run_command_line()

"""The installation, a clone of the repository or a package: its folders and its command names."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CLONE = _PACKAGE.parent
_IS_CLONE = (_CLONE / "checkpoints" / "pretrained").is_dir()

# The default folder of the runs: in a clone beside the program, otherwise in the current folder.
ROOT = (_CLONE if _IS_CLONE else Path.cwd()) / "checkpoints"
# The read-only run that comes with the program. Read it as `installation.INCLUDED_RUN`, because
# tests replace it.
INCLUDED_RUN = (ROOT if _IS_CLONE else _PACKAGE / "included_runs") / "pretrained"
# The commands as a person types them, for messages.
COMMAND, DASHBOARD_COMMAND = (
    ("python -m dcgan", "python -m dashboard") if _IS_CLONE else ("dcgan", "dcgan-studio")
)


def list_included_runs() -> tuple[Path, Path]:
    """Return the folders of the runs that come with the program; only the second knows classes."""
    return INCLUDED_RUN, INCLUDED_RUN.with_name("pretrained-classes")


def describe_install_command(extra: str) -> str:
    """Return the command that installs the packages of an extra, such as "login".

    In a clone, the folder in which to run the command follows it.
    """
    if not _IS_CLONE:
        return f"pip install 'dcgan-studio[{extra}]'"
    return f"pip install -r requirements-{extra}.txt, in the folder {_CLONE}"

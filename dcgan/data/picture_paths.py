"""Paths of the user's pictures, as a person types them."""

from __future__ import annotations

from pathlib import Path

from dcgan.config.config_text import quote_name
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.errors import DatasetError


def locate_pictures(path_text: str) -> tuple[Path, int]:
    """Return the path of the user's pictures with `~` expanded, and its `st_mode`.

    Raises:
        DatasetError: If it does not exist, with a hint for a common mistake.
    """
    problem = "there is no such file or folder"
    if path_text.strip():  # The empty path would be the current folder.
        try:
            path = Path(path_text).expanduser()
            return path, path.stat().st_mode
        except FileNotFoundError:
            pass
        except (OSError, RuntimeError, ValueError) as error:  # Denied, too long, no home, NUL.
            problem = _describe(error)
    raise _make_error(path_text, problem)


def make_absolute(path_text: str) -> str:
    """Return the absolute path of the user's pictures, which may not exist, with `~` expanded.

    Raises:
        DatasetError: If `~` names the home of an unknown person, or the current folder is gone.
    """
    try:
        return str(Path(path_text).expanduser().absolute())
    except (OSError, RuntimeError) as error:  # A deleted current folder, or no such home.
        raise _make_error(path_text, _describe(error)) from None


def _describe(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error).rstrip(".")


def _make_error(path_text: str, problem: str) -> DatasetError:
    set_name = path_text.strip().lower().replace("-", "_")
    hint = "the path of a folder or file of pictures that is there"
    if set_name in NAMED_SETS:
        hint = f"the path of your pictures: did you mean {set_name}?"
    elif "://" in path_text:
        hint = "the path of your pictures, not an address: download them first"
    elif path_text.strip()[:1] in ("'", '"'):
        hint = "the path of your pictures, without quotes around it"
    return DatasetError(
        f"got {quote_name(path_text)}, but {problem}; expected mnist, keras, fashion_mnist, or "
        f"{hint}{'' if hint.endswith('?') else '.'}"
    )

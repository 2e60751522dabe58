"""Codes of single own pictures, by which a run's settings name those that it leaves out.

A code is made of the picture's name and not of its content, so that a picture can be left out
before it is read. It hides the name, which may be private, from whoever gets the settings.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

MAX_EXCLUDED = 10_000  # Pictures that a run's settings may name.
# 48 bits: of a million pictures, one that is not meant has the code of one of 100 with a chance of
# 1 in 3 million.
_CODE_LENGTH = 12
_CODE = re.compile(rf"[0-9a-f]{{{_CODE_LENGTH}}}")


def make_picture_code(name: str) -> str:
    """Return the code of a picture: 12 hex digits.

    Args:
        name: Its path below the folder or in the archive, such as "cats/7.png", or its place in a
            file, such as "frame 7" or "picture 7". Systems write the same path with other
            separators or letters; these give the same code.
    """
    path = unicodedata.normalize("NFC", name).replace("\\", "/")
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:_CODE_LENGTH]


def parse_pictures(value: object) -> object:
    """Turn text such as "cats/7.png, 0f3e8a1b2c4d", from a flag, into codes; pass on the rest."""
    if not isinstance(value, str):
        return value
    names = [part.strip() for part in value.split(",") if part.strip()]
    return [name if _CODE.fullmatch(name) else make_picture_code(name) for name in names]


def _sort(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Sort codes and drop repeated ones, because their order has no meaning."""
    return tuple(sorted(set(codes)))


PictureCode = Annotated[str, Field(pattern=rf"^[0-9a-f]{{{_CODE_LENGTH}}}$")]
PictureCodes = Annotated[
    tuple[PictureCode, ...], BeforeValidator(parse_pictures), AfterValidator(_sort)
]

"""Codes of the user's pictures; a run's settings list the codes of the pictures that it leaves out.

A code is a hash of the picture's name, not of its content, so that a picture can be left out
before it is read. It hides the name, which may be private, from other people who get the settings.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

MAX_EXCLUDED = 10_000  # Pictures that a run's settings may name.
# 48 bits: if 100 of a million pictures are left out, the chance that another picture has one of
# their codes is 1 in 3 million.
_CODE_LENGTH = 12
_CODE = re.compile(rf"[0-9a-f]{{{_CODE_LENGTH}}}")


def make_picture_code(name: str) -> str:
    """Return the code of a picture: 12 hex digits.

    Args:
        name: Path of the picture below the folder or in the archive, such as "cats/7.png", or its
            place in a file, such as "frame 7" or "picture 7". A path has the same code on all
            systems, which may write it with other separators or another form of Unicode.
    """
    path = unicodedata.normalize("NFC", name).replace("\\", "/")
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:_CODE_LENGTH]


def parse_pictures(value: object) -> object:
    """Turn text of names and codes, such as "cats/7.png, 0f3e8a1b2c4d", into codes.

    A value that is not text is returned unchanged.
    """
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

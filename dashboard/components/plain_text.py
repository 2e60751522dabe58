"""Text of people and files, made safe for places that read Markdown.

Names, notes and messages can come from an imported ZIP: shown as they are, they could draw
pictures from elsewhere, pose as links or break the page.
"""

from __future__ import annotations

import re

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# What Streamlit looks for in the text itself, after Markdown's own escapes are gone: icons and
# emoji between colons, and the addresses of pages and people.
_CONVERTED = re.compile(r"(:(?=\S)|@|www)", re.IGNORECASE)
_WORD_JOINER = "\u2060"  # Takes no room and allows no line break.


def literal(text: str) -> str:
    """Return Markdown that shows a text as it is, on one line."""
    escaped = _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))
    return _CONVERTED.sub(rf"\1{_WORD_JOINER}", escaped)

"""Text for pages: escaped, if it is from people and files, and kept on one line.

Names, notes and messages can come from an imported ZIP. Unescaped, they could load pictures from
other servers, pose as links or break the page.
"""

from __future__ import annotations

import re

TEXT_WIDTH = 760  # Width of explanations, in pixels; longer lines are hard to read.

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit converts these after Markdown has removed the escapes: icons and emoji between colons,
# and addresses of pages and e-mail. A time such as 17:53, as in titles of runs, is not converted.
_CONVERTED = re.compile(r"(:(?=\S)(?!(?<=\d\\:)\d\d(?!\d|\\:))|@|www)", re.IGNORECASE)
_WORD_JOINER = "\u2060"  # Has no width and allows no line break.
_NO_BREAK_SPACE = "\u00a0"
_BREAKING_SPACE = re.compile(r"[^\S\u00a0]+")


def keep_together(text: str) -> str:
    """Return a short text, such as "6 min 7 s", that a page does not break into two lines."""
    return text.replace(" ", _NO_BREAK_SPACE)


def escape_markdown(text: str) -> str:
    """Return Markdown that shows a text as it is, without its line breaks."""
    escaped = _PUNCTUATION.sub(r"\\\1", _BREAKING_SPACE.sub(" ", text).strip())
    return _CONVERTED.sub(rf"\1{_WORD_JOINER}", escaped)

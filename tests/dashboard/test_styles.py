"""The style sheets: no rule makes the browser style a whole page at each of its changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dashboard

_SHEETS = sorted((Path(dashboard.__file__).parent / "styles").glob("*.css"))
# An element with few contents: a circle and a label.
_SMALL = '[data-testid="stRadioOption"]'
# Names of elements of which a page has many; "" stands for any element.
_FREQUENT = ("", "*", "div", "span", "p", "button")


def list_selectors(css: str) -> list[str]:
    """Return the selectors of all rules, without the at-rules around them."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    heads = [" ".join(head.split()) for head in re.findall(r"([^{};]+)\{", css)]
    return [part for head in heads if not head.startswith("@") for part in split(head, ",")]


def split(selector: str, separators: str) -> list[str]:
    """Return the parts of a selector between separators outside of its brackets."""
    depth, parts = 0, [""]
    for character in selector:
        depth += (character in "([") - (character in ")]")
        if depth == 0 and character in separators:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def is_costly(selector: str) -> bool:
    """Return whether very many elements are styled again when an element above them changes.

    That is if the selector depends on the contents of an element above those that it styles, and
    has no class or attribute of these.
    """
    *above, styled = split(selector, " >+~")
    name = re.split(r"[.:\[]", styled)[0]
    functions = re.compile(r":[\w-]+\(.*")  # To the end: a class would stand before them.
    is_frequent = name in _FREQUENT and not re.search(r"[.\[]", functions.sub("", styled))
    return is_frequent and any(
        ":has(" in element and not element.startswith(_SMALL) for element in above
    )


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (".a:has(.b) div", True),
        (".a:has(> .b) > div:has(> .c)", True),
        (".a:not(:has(.b)) .c > :last-child", True),
        (".a:has(.b) .c", False),
        (".a:has(.b)", False),
        (".a div:has(> .b)", False),
        ('.a:has(.b) [data-testid="c"]:has(> .d)', False),
        (".a:has(.b) h1", False),
    ],
)
def test_a_selector_is_costly_if_what_it_styles_has_no_class(selector: str, expected: bool) -> None:
    assert is_costly(selector) == expected


@pytest.mark.parametrize("sheet", _SHEETS, ids=lambda sheet: sheet.stem)
def test_no_selector_is_costly(sheet: Path) -> None:
    assert [part for part in list_selectors(sheet.read_text("utf-8")) if is_costly(part)] == []

"""Jinja templates of documents, and the style sheets and scripts that these contain.

Every value is escaped, except for `Markup`, such as the filter `tojson` returns. Templates, style
sheets and scripts are found by an installed package and their path in it.
"""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Callable
from functools import cache

import jinja2
from markupsafe import Markup

# Markdown's special characters: first the ones that are special anywhere in a line, then the ones
# that make a list, a rule or an underline at its beginning, then the ones in web addresses.
_MARKDOWN = re.compile(
    r"[\\`*_\[\]<>&|~$#@^{}]"
    r"|^[-+=](?=[-+=\s]|$)|^\d(?=\d*[.)](?:\s|$))"
    r"|:(?=//)|(?<=www)\.",
    re.IGNORECASE,
)


@cache
def load_html_template(package: str, path: str) -> jinja2.Template:
    """Load a template of a page."""
    environment = _make_environment(package, autoescape=True)
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    return environment.get_template(path)


@cache
def load_markdown_template(package: str, path: str) -> jinja2.Template:
    """Load a template of a Markdown text with YAML metadata."""
    environment = _make_environment(package, finalize=_escape_unless_markup)
    # JSON is valid YAML, except that YAML does not join surrogate escapes; so write such characters
    # unescaped.
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "ensure_ascii": False}
    return environment.get_template(path)


def _make_environment(
    package: str, *, autoescape: bool = False, finalize: Callable[[object], object] | None = None
) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader(package, "."),
        autoescape=autoescape,
        finalize=finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _escape_unless_markup(value: object) -> object:
    return value if isinstance(value, Markup) else escape_for_commonmark(str(value))


def read_markup(package: str, path: str) -> Markup:
    """Read a style sheet or script, which needs no escaping."""
    return Markup((importlib.resources.files(package) / path).read_text(encoding="utf-8"))


def read_styles(name: str) -> Markup:
    """Read the style sheet of a page from `templates/`, after the one that all pages share."""
    package = "dcgan.documents"
    return read_markup(package, "templates/document.css") + read_markup(
        package, f"templates/{name}"
    )


def escape_for_commonmark(text: str) -> str:
    """Escape a text so that it is shown literally in a line or a table's cell of Markdown.

    Special characters become character references: a backslash could itself begin a formula.
    """
    line = " ".join(text.split())
    return _MARKDOWN.sub(lambda match: f"&#{ord(match[0])};", line)

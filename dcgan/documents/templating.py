"""Jinja templates of documents, and the style sheets and scripts that these contain.

Every value is escaped, except for `Markup`, such as the filter `tojson` returns.
"""

from __future__ import annotations

import importlib.resources
import re

import jinja2
from markupsafe import Markup

# Markdown's special characters: those that are special anywhere in a line; those at its beginning
# that make a list, a rule or an underline; and those in web addresses.
_MARKDOWN = re.compile(
    r"[\\`*_\[\]<>&|~$#@^{}]"
    r"|^[-+=](?=[-+=\s]|$)|^\d(?=\d*[.)](?:\s|$))"
    r"|:(?=//)|(?<=www)\.",
    re.IGNORECASE,
)


def load_html_template(name: str) -> jinja2.Template:
    """Load a template of a page from `templates/`."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("dcgan.documents", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    return environment.get_template(name)


def load_markdown_template(name: str) -> jinja2.Template:
    """Load a template of a Markdown text with YAML metadata from `templates/`."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("dcgan.documents", "templates"),
        finalize=lambda value: value if isinstance(value, Markup) else escape_markdown(str(value)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # JSON is YAML, except for characters outside of the first plane as pairs of surrogates.
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "ensure_ascii": False}
    return environment.get_template(name)


def read_markup(package: str, path: str) -> Markup:
    """Read a style sheet or script of an installed package, which needs no escaping."""
    return Markup((importlib.resources.files(package) / path).read_text(encoding="utf-8"))


def read_styles(name: str) -> Markup:
    """Read the style sheet of a page from `templates/`, after the one that all pages share."""
    package = "dcgan.documents"
    return read_markup(package, "templates/document.css") + read_markup(
        package, f"templates/{name}"
    )


def escape_markdown(text: str) -> str:
    """Escape a text so that it is shown literally in a line or a table's cell of Markdown.

    Special characters become character references: a backslash could itself begin a formula.
    """
    line = " ".join(text.split())
    return _MARKDOWN.sub(lambda match: f"&#{ord(match[0])};", line)
